"""Nearest neighbors of samples: memorization and variety."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from zoo.images.sheets import tile
from zoo.inspect.subject import look, require_images


@look
def neighbors(subject, shown=10):
    """Measures memorization and variety of samples by Euclidean distances in pixels.

    It runs the 1-nearest-neighbor test (½ if samples and test images are indistinguishable, 1 if they are
    distinguishable), finds the nearest training images of samples, and runs the birthday test.

    Args:
        subject: A `Subject`.
        shown: Integer. Number of samples in the images. Defaults to 10.

    Reference:
        Lopez-Paz & Oquab, 2017, "Revisiting Classifier Two-Sample Tests"; Arora & Zhang, 2017, "Do GANs
        actually learn the distribution?".
    """
    require_images(subject)
    train_x, _ = subject.examples("train", 10_000)
    test_x, _ = subject.examples("test")
    n = min(subject.count, len(test_x))
    samples = subject.samples(n)

    def flat(images):
        return np.float32(images.reshape(len(images), -1)) / 255

    fake, real, known = flat(samples), flat(test_x[:n]), flat(train_x)
    distance, nearest = nearest_rows(fake, known)
    of_test, _ = nearest_rows(real, known)
    both = np.concatenate([real, fake])
    _, other = nearest_rows(both, both, itself=True)
    is_fake = np.arange(2 * n) >= n
    correct = is_fake[other] == is_fake
    newest = np.argsort(distance)
    rows = np.stack([samples[newest[:shown]], train_x[nearest[newest[:shown]]]])
    subject.save("neighbors.png", tile(rows.reshape(-1, *samples.shape[1:]), shown))
    apart, partner = nearest_rows(fake, fake, itself=True)
    closest = np.argsort(apart)[: 2 * shown : 2]
    pairs = np.stack([samples[closest], samples[partner[closest]]])
    subject.save("closest_samples.png", tile(pairs.reshape(-1, *samples.shape[1:]), len(closest)))
    among_real, _ = nearest_rows(real, real, itself=True)
    twins = int(np.sum(apart < among_real.min()) // 2)
    return {
        "1-nearest-neighbour accuracy": float(correct.mean()),
        "of real pictures": float(correct[:n].mean()),
        "of samples": float(correct[n:].mean()),
        "distance of a sample to the nearest training picture": float(distance.mean()),
        "distance of a test picture to it": float(of_test.mean()),
        "samples that are training pictures": int(np.sum(distance == 0)),
        "pairs of samples nearer than any two of as many test pictures": twins,
        # A duplicate among n has even odds where about n² / ln 4 are equally likely.
        "support, if those are duplicates": f"about {n**2 / (2 * twins):.0f}" if twins else f"over {n**2}",
        "pictures a side": n,
    }


def nearest_rows(a, b, itself=False):
    """Returns distance and index of the nearest row of `b` for each row of `a`.

    Args:
        a: Float array `[N, d]`.
        b: Float array `[M, d]`.
        itself: Boolean. Whether `b` is `a`, and a row is not its own neighbor. Defaults to `False`.
    """
    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(b)
    nearest = search.kneighbors(None if itself else a, return_distance=False)[:, 0]
    return np.linalg.norm(a - b[nearest], axis=1), nearest  # exactly 0 between equal rows
