"""A loaded text-to-image model."""

from zoo.tasks.generation.trained import TrainedGenerator


class TrainedTextToImage(TrainedGenerator):
    """A trained generator of images from captions."""

    task = "text_to_image"
    options = (*TrainedGenerator.options, "text")

    def write_samples(self, out, seed=0, text=(), given=None, **options):
        """Writes grids with one row per caption, and walks between captions."""
        given = {**(given or {}), **({"text": list(text)} if text else {})}
        return super().write_samples(out, seed, given=given, **options)
