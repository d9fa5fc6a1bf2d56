"""Published metrics of the samples of a trained model against its data."""

import sys

from zoo.errors import ZooError
from zoo.evaluate import folders
from zoo.evaluate.measure import evaluate
from zoo.metrics.record import record

metrics = (*folders.seen, "fsd")
least, usual = 2048, 10_000  # pool3 has 2,048 coordinates, whose covariance FID compares


def against_data(context, names, split=None, weights=None, resizing="legacy", segmenter=None):
    """Measures samples of a trained model against a split of its data.

    Args:
        context: An `EvaluationContext`. It gives the model, the number of samples and the seeds.
        names: Iterable of names of `metrics`.
        split: String. Split of the real images, such as "train" or "test". Defaults to the split of the
            recipe. FID depends on it: the authors of CIFAR-10 results take the 50,000 training images.
        weights, resizing, segmenter: See `zoo.evaluate.folders.compare`.

    Returns:
        List of records, with one value per seed.

    Raises:
        ZooError: The model does not generate images, or there are fewer than 2,048 samples.
    """
    trained, count = context.trained, context.count
    if "sample" not in trained.signatures or len(trained.interface["x_shape"]) != 3:
        raise ZooError(f"{trained.name} does not generate images, which {', '.join(names)} compare.")
    if count < least:
        raise ZooError(f"{count} samples are too few to compare 2,048 features.", count=usual)
    if count < usual:
        print(
            f"warning: FID depends on the number of samples. {count} samples are not comparable with "
            "published values.",
            file=sys.stderr,
        )
    split = split or context.own_split
    real = folders.Side(context.data(split).columns()["x"])
    options = {"metrics": list(names), "weights": weights, "resizing": resizing, "segmenter": segmenter}
    runs = [folders.compare(real, context.conditional(seed), **options) for seed in context.seeds]
    described = f"{context.recipe.dataset} {split}"
    return [merged(records, described) for records in zip(*runs, strict=True)]


def measure_all(context, names, split=None, weights=None, resizing="legacy", segmenter=None):
    """Measures a model by protocols and by published metrics.

    Args:
        context: An `EvaluationContext`.
        names: List of names of protocols and of `metrics`.
        split, weights, resizing, segmenter: See `against_data`.

    Returns:
        List of records.

    Raises:
        ZooError: See `evaluate` and `against_data`.
    """
    compared = [name for name in names if name in metrics]
    results = evaluate(context, [n for n in names if n not in metrics]) if compared != list(names) else []
    if compared:
        results += against_data(context, compared, split, weights, resizing, segmenter)
    return results


def merged(records, split):
    """Returns the record of a metric over seeds, with the details of the first seed."""
    first, values = records[0], [result["value"] for result in records]
    kept = ("metric", "value", "spread", "seeds", "protocol")
    details = {k: v for k, v in first.items() if k not in kept}
    return record(first["metric"], values, first["protocol"], **{**details, "split": split})
