"""Nearest neighbors of samples: memorization and variety."""

import numpy as np

from zoo.images.sheets import tile
from zoo.inspect.subject import look, require_images


@look
def neighbours(subject, shown=10):
    """Whether samples are new, and how many different ones there are.

    The 1-nearest-neighbour test of Lopez-Paz & Oquab 2017 (½ where samples cannot be told from test
    pictures, 1 where they can), the nearest training pictures of samples, and the birthday test of Arora &
    Zhang 2017. Distances are Euclidean, in pixels.
    """
    require_images(subject)
    train_x, _ = subject.examples("train", 10_000)
    test_x, _ = subject.examples("test")
    n = min(subject.count, len(test_x))
    samples = subject.samples(n)

    def flat(images):
        return np.float32(images.reshape(len(images), -1)) / 255

    fake, real, known = flat(samples), flat(test_x[:n]), flat(train_x)
    distance, nearest = _nearest(fake, known)
    of_test, _ = _nearest(real, known)
    both = np.concatenate([real, fake])
    _, other = _nearest(both, both, itself=True)
    is_fake = np.arange(2 * n) >= n
    told = is_fake[other] == is_fake
    newest = np.argsort(distance)
    rows = np.stack([samples[newest[:shown]], train_x[nearest[newest[:shown]]]])
    subject.save("neighbours.png", tile(rows.reshape(-1, *samples.shape[1:]), shown))
    apart, partner = _nearest(fake, fake, itself=True)
    closest = np.argsort(apart)[: 2 * shown : 2]
    pairs = np.stack([samples[closest], samples[partner[closest]]])
    subject.save("closest_samples.png", tile(pairs.reshape(-1, *samples.shape[1:]), len(closest)))
    among_real, _ = _nearest(real, real, itself=True)
    twins = int(np.sum(apart < among_real.min()) // 2)
    return {
        "1-nearest-neighbour accuracy": float(told.mean()),
        "of real pictures": float(told[:n].mean()),
        "of samples": float(told[n:].mean()),
        "distance of a sample to the nearest training picture": float(distance.mean()),
        "distance of a test picture to it": float(of_test.mean()),
        "samples that are training pictures": int(np.sum(distance == 0)),
        "pairs of samples nearer than any two of as many test pictures": twins,
        # A duplicate among n has even odds where about n² / ln 4 are equally likely.
        "support, if those are duplicates": f"about {n**2 / (2 * twins):.0f}" if twins else f"over {n**2}",
        "pictures a side": n,
    }


def _nearest(a, b, itself=False, size=500):
    """The distance of each row of a to its nearest of b, and which; `itself`: a is b, and not the row."""
    squares = (b**2).sum(1)
    distances, which = [], []
    for i in range(0, len(a), size):
        part = a[i : i + size]
        squared = (part**2).sum(1)[:, None] + squares - 2 * part @ b.T
        if itself:
            squared[np.arange(len(part)), i + np.arange(len(part))] = np.inf
        which.append(squared.argmin(1))
        distances.append(np.linalg.norm(part - b[which[-1]], axis=1))  # squared has lost what is small
    return np.concatenate(distances), np.concatenate(which)
