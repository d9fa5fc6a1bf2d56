"""Arithmetic on latents."""

import numpy as np

from zoo.evaluate import concepts
from zoo.images import plots
from zoo.images.sheets import tile
from zoo.inspect.subject import look, over_repeats, require_images


@look
def arithmetic(subject, members=(3, 10, 30), shown=4):
    """Measures whether a − b + c of mean noise shows the asked concepts.

    A classifier finds the concepts in samples. Baselines are a random sample, c alone, and c plus a random
    step. The upper bound is the mean of samples that show the asked concepts.

    Args:
        subject: A `Subject`.
        members: Tuple of integers. Numbers of samples per mean. Defaults to `(3, 10, 30)`.
        shown: Integer. Number of equations in the image. Defaults to 4.

    Reference:
        Radford et al., 2016, section 6.3.2.
    """
    require_images(subject)
    painter, reader = concepts.Painter(subject.trained), subject.reader
    samples, asked = 5 * subject.count, subject.count // 4
    rows = {n: [] for n in members}
    for repeat in range(subject.repeats):
        z = painter.draw(samples, subject.seed + repeat)
        images = painter(z)
        reading = reader(images)
        rng = np.random.default_rng([subject.seed, repeat])
        for n in members:
            equations = concepts.equations(reading, reader.sizes, n, asked, rng)
            rows[n].append(concepts.solved(equations, z, reading, painter, reader, rng))
            if not repeat and n == members[0]:
                panels = [_equation(e, z, images, painter, reader, rng) for e in equations[:shown]]
                pairs = [left + right for left, right in zip(panels[::2], panels[1::2])]
                subject.save("arithmetic.png", plots.panels(pairs))
    return {
        "classifier": reader.name,
        "samples": samples,
        "equations": asked,
        "repeats": subject.repeats,
        **{f"means of {n} samples": over_repeats(found) for n, found in rows.items()},
    }


def _equation(equation, z, images, painter, reader, rng):
    """Returns the columns of one equation of the paper's figure 7, as `[(words, image)]`.

    Each term has its samples above the image of their mean. The result has its neighborhood.
    """
    means = equation.means(z)
    columns = []
    for sign, name in zip(("", "− ", "+ "), "abc"):
        samples = tile(images[equation.members[name]], 1)
        mean = tile(painter(means[name][None]), 1)
        between = np.full_like(mean[: len(mean) // 4], 255)
        words = reader.phrase(equation.terms[name]).replace(", ", ",\n")  # columns are narrow
        columns.append((sign + words, np.concatenate([samples, between, mean])))
    result = (means["a"] - means["b"] + means["c"])[None]
    around = painter(np.insert(concepts.neighbors(result, z, rng), 4, result, axis=0))
    return [*columns, ("= " + reader.phrase(equation.terms["asked"]), tile(around, 3))]
