"""The losses of models that take captions."""

import numpy as np

from zoo.game import losses


def test_matching_aware_loss():
    right, wrong, fake = np.array([1.0, -0.5]), np.array([0.3, 0.2]), np.array([-1.0, 2.0])
    s = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    wanted = -np.log(s(right)).mean() - 0.5 * (np.log(1 - s(wrong)).mean() + np.log(1 - s(fake)).mean())
    np.testing.assert_allclose(losses.matching_aware(right, wrong, fake), wanted, rtol=1e-6)


def test_joint_embedding_loss():
    rng = np.random.default_rng(0)
    v, t = rng.normal(size=(2, 5, 3))
    for scale in (1, 300):
        scores, soft, hard, mean = scale * v @ t.T, 0.0, 0.0, 0.0
        for i in range(5):
            for row in (scores[i], scores[:, i]):
                wrong = [1 + row[j] - row[i] for j in range(5) if j != i]
                soft += np.logaddexp.reduce([0, *wrong]) / 5
                hard += max(0, *wrong) / 5
                mean += sum(max(0, w) for w in wrong) / 25  # the authors' denominator: batch × classes
        np.testing.assert_allclose(losses.joint_embedding(scores), mean, rtol=1e-5)
        np.testing.assert_allclose(losses.hardest_joint_embedding(scores), soft, rtol=1e-5)
    np.testing.assert_allclose(soft, hard, rtol=1e-3)  # the maximum, if the differences are large
    for loss in (losses.joint_embedding, losses.hardest_joint_embedding):
        assert float(loss(np.eye(4) * 100)) == 0


def test_divergence_of_normals():
    mean, log_sigma = np.array([[0.5, -1.0]]), np.array([[0.2, -0.3]])
    x = mean + np.exp(log_sigma) * np.random.default_rng(0).normal(size=(400_000, 2))
    log_p = -0.5 * ((x - mean) / np.exp(log_sigma)) ** 2 - log_sigma
    sampled = (log_p + 0.5 * x**2).mean()
    np.testing.assert_allclose(losses.normal_divergence(mean, log_sigma), sampled, atol=5e-3)
    assert float(losses.normal_divergence(np.zeros((2, 3)), np.zeros((2, 3)))) == 0
