"""Metrics against independent implementations: loops in place of matrices, scikit-learn, closed forms."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from sklearn.neighbors import KernelDensity

from zoo.errors import ZooError
from zoo.evaluate.weights import inception_weights
from zoo.metrics import agreement, colors, fidelity, frechet, inception, modes, parzen
from zoo.metrics.record import record, show

rng = np.random.default_rng(0)


def test_parzen_is_scikit_learns_kernel_density():
    samples, test = rng.uniform(size=(40, 7)), rng.uniform(size=(25, 7))
    validation = rng.uniform(size=(10, 7))
    mean, error, sigma = parzen.parzen(samples, validation, test, batch=4)
    densities = {s: KernelDensity(bandwidth=s).fit(samples) for s in parzen.sigmas}
    assert sigma == max(parzen.sigmas, key=lambda s: densities[s].score(validation))
    values = densities[sigma].score_samples(test)
    np.testing.assert_allclose(mean, values.mean(), rtol=1e-9)
    np.testing.assert_allclose(error, values.std() / 5, rtol=1e-9)


def test_parzen_takes_images_of_any_shape():
    x = rng.uniform(size=(6, 2, 3, 1))
    flat = x.reshape(6, 6)
    np.testing.assert_allclose(parzen.parzen(x, x, x), parzen.parzen(flat, flat, flat))


def test_frechet_of_gaussians_with_diagonal_covariance_is_the_closed_form():
    a = rng.normal(size=(200_000, 3)) * [1, 2, 3]
    b = rng.normal(size=(200_000, 3)) * [2, 2, 1] + [1, 0, 2]
    expected = 1 + 4 + (1 - 2) ** 2 + 0 + (3 - 1) ** 2
    np.testing.assert_allclose(frechet.frechet(a, b), expected, rtol=0.02)
    assert abs(frechet.frechet(a, a)) < 1e-6


def test_frechet_does_not_change_when_both_sides_are_turned():
    a, b = rng.normal(size=(500, 4)), rng.normal(1, 2, size=(400, 4))
    turn, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    np.testing.assert_allclose(frechet.frechet(a @ turn, b @ turn), frechet.frechet(a, b), rtol=1e-6)


def test_frechet_refuses_what_it_cannot_measure():
    with pytest.raises(ValueError, match="finite"):
        frechet.frechet(np.full((5, 2), np.nan), np.zeros((5, 2)))


def test_matching_finds_the_permutation_and_agreement_counts():
    labels = rng.integers(5, size=1000)
    order = rng.permutation(5)
    codes = order[labels]
    assignment = agreement.matching(codes, labels, 5)
    assert agreement.agreement(labels, assignment[codes]) == 1
    noisy = np.where(rng.uniform(size=1000) < 0.2, rng.integers(5, size=1000), codes)
    share = agreement.agreement(labels, agreement.matching(noisy, labels, 5)[noisy])
    assert 0.78 < share < 0.9


def test_of_more_codes_than_labels_some_mean_nothing():
    labels = rng.integers(3, size=300)
    found = agreement.matching(2 * labels, labels, 7)
    assert list(found[[0, 2, 4]]) == [0, 1, 2] and set(found[[1, 3, 5, 6]]) == {-1}


def test_matching_is_one_to_one():
    codes = np.zeros(10, int)  # a code that says nothing
    assert sorted(agreement.matching(codes, rng.integers(4, size=10), 4)) == [0, 1, 2, 3]


def test_record_has_mean_spread_and_protocol():
    result = record("m", [1.0, 2.0, 3.0], "as told", fake=3)
    assert (result["value"], result["spread"], result["seeds"], result["fake"]) == (2.0, 1.0, 3, 3)
    assert record("m", [1.0], "as told")["spread"] is None
    assert show(result).startswith("m: 2 ± 1 (3 seeds)")


def test_frechet_is_scipys_matrix_root_and_stands_constant_features():
    a, b = rng.normal(size=(300, 5)), rng.normal(1, 2, size=(200, 5))
    s, t = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    d = a.mean(0) - b.mean(0)
    expected = d @ d + np.trace(s + t - 2 * np.real(sqrtm(s @ t)))
    np.testing.assert_allclose(frechet.frechet(a, b), expected, rtol=1e-8)
    pad = np.zeros((300, 2)), np.zeros((200, 2))
    wider = frechet.frechet(np.hstack([a, pad[0]]), np.hstack([b, pad[1]]))
    np.testing.assert_allclose(wider, expected, rtol=1e-6)


def test_psnr_and_ssim_are_scikit_images():
    wanted = rng.integers(0, 256, (3, 24, 20, 3)).astype("uint8")
    noise = rng.integers(-20, 21, wanted.shape)
    images = np.clip(wanted.astype(int) + noise, 0, 255).astype("uint8")
    expected = [peak_signal_noise_ratio(w, i) for w, i in zip(wanted, images)]
    np.testing.assert_allclose(fidelity.psnr(images, wanted), np.mean(expected), rtol=1e-5)
    # TensorFlow reads only where the whole window lies on the picture; so must scikit-image's map.
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "channel_axis": 2}
    maps = [structural_similarity(w, i, full=True, **options)[1] for w, i in zip(wanted, images)]
    inner = [m[5:-5, 5:-5].mean() for m in maps]
    np.testing.assert_allclose(fidelity.ssim(images, wanted), np.mean(inner), rtol=1e-4)
    assert fidelity.psnr(wanted, wanted) == 100 and fidelity.ssim(wanted, wanted) == 1
    with pytest.raises(ValueError, match="compared"):
        fidelity.psnr(wanted[:, :-1], wanted)


def test_mean_iou_counts_pixels_of_any_other_class_as_missed():
    truth = np.array([[0, 0, 1, 1]])
    found = np.array([[0, 1, 1, 9]])  # class 0: 1 of 2; class 1: 1 of 3
    assert agreement.mean_iou(truth, found, [0, 1]) == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert agreement.mean_iou(truth, truth + 5, [0, 1]) == 0


def test_colours_that_are_exchanged_are_found():
    rng = np.random.default_rng(0)
    palette = np.array([[230, 30, 30], [30, 230, 30], [40, 40, 220]])
    wanted, labels = np.full((30, 32, 32, 3), 250, np.uint8), np.zeros((30, 32, 32), np.int64)
    swapped = wanted.copy()
    drawn = rng.integers(3, size=(30, 2))
    for i in range(30):
        for j, at in enumerate((slice(2, 12), slice(18, 28))):  # two objects of one kind, apart
            labels[i, at, at] = 1
            wanted[i, at, at] = palette[drawn[i, j]] + rng.integers(-5, 6, 3)
            swapped[i, at, at] = palette[[1, 0, 2]][drawn[i, j]]
    labels[:, 30:, 30:] = 2  # too small to count
    theirs, ours = colors.of_objects(wanted, labels), colors.of_objects(swapped, labels)
    names = colors.nearest(theirs, palette)
    np.testing.assert_array_equal(names, drawn.ravel())
    assert colors.readable(theirs, names) == 1.0
    assert colors.readable(theirs, rng.permutation(names)) < 0.6  # names that the colours do not tell
    assert colors.agreement(ours, theirs, names) == np.mean(drawn == 2)


def test_inception_download_of_another_file_is_not_kept(tmp_path, monkeypatch):
    other = tmp_path / "page.html"
    other.write_text("not found")
    monkeypatch.setattr(inception, "source", other.as_uri())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("ZOO_INCEPTION", raising=False)
    with pytest.raises(ZooError, match="SHA-256"):
        inception_weights()
    assert list((tmp_path / "cache" / "zoo").iterdir()) == []


def test_matching_with_a_given_number_of_labels():
    old, new = np.array([0, 0, 1, 1, 2]), np.array([1, 1, 0, 0, 0])
    np.testing.assert_array_equal(agreement.matching(old, new, 3), [1, 0, -1])
    np.testing.assert_array_equal(agreement.matching(old, new, 3, classes=3), [1, 0, 2])


def test_coverage_and_spread_of_modes():
    rng = np.random.default_rng(0)
    means, sigma = np.array([[0.0, 0.0], [9.0, 0.0]]), 0.5
    real = means[rng.integers(2, size=4000)] + sigma * rng.normal(size=(4000, 2))
    near = means[rng.integers(2, size=4000)] + sigma * rng.normal(size=(4000, 2))
    labels = modes.nearest_mode(near, means)
    np.testing.assert_array_equal(labels, (near[:, 0] > 4.5).astype(int))
    assert modes.spread(near, labels, sigma) == pytest.approx(1.0, rel=0.03)
    assert modes.spread(means[labels], labels, sigma) == 0
    assert modes.spread(2 * near, labels, sigma) == pytest.approx(2.0, rel=0.03)
    assert modes.coverage(near, real, sigma) > 0.97
    one = near[labels == 0]
    assert modes.coverage(one, real, sigma) == pytest.approx(np.mean(real[:, 0] < 4.5), abs=0.02)
    brute = np.sqrt(((real[:200, None] - means) ** 2).sum(2)).min(1) <= sigma / 2
    assert modes.coverage(means, real[:200], sigma) == pytest.approx(brute.mean())
