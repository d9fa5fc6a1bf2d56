"""Each loss against its formula in float64, and the game's solution against theory."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import losses, penalties, randomness
from zoo.metrics import game
from zoo.models.build import build
from zoo.parts.inputs import warped

rng = np.random.default_rng(0)
real, fake = rng.normal(size=(2, 50)) * 3
D, D_fake = 1 / (1 + np.exp(-real)), 1 / (1 + np.exp(-fake))

formulas = {
    "minimax": -np.log(D).mean() - np.log(1 - D_fake).mean(),
    "least_squares": 0.5 * ((real - 1) ** 2).mean() + 0.5 * (fake**2).mean(),
    "wasserstein": fake.mean() - real.mean(),
    "hinge": np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean(),
}
generator_formulas = {
    "saturating": np.log(1 - D_fake).mean(),
    "non_saturating": -np.log(D_fake).mean(),
    "least_squares_generator": 0.5 * ((fake - 1) ** 2).mean(),
    "wasserstein_generator": -fake.mean(),
}


@pytest.mark.parametrize("name", formulas)
def test_discriminator_losses_are_their_formulas(name):
    value = getattr(losses, name)(tf.constant(real, tf.float32), tf.constant(fake, tf.float32))
    np.testing.assert_allclose(value, formulas[name], rtol=1e-5)


@pytest.mark.parametrize("name", generator_formulas)
def test_generator_losses_are_their_formulas(name):
    value = getattr(losses, name)(tf.constant(fake, tf.float32))
    np.testing.assert_allclose(value, generator_formulas[name], rtol=1e-5)


def test_losses_stay_finite_where_a_sigmoid_saturates():
    far = tf.constant([-1e4, 1e4])
    for value in (losses.minimax(far, far), losses.saturating(far), losses.non_saturating(far)):
        assert np.isfinite(value)


def test_saturating_loss_has_no_gradient_where_non_saturating_has():
    logit = tf.Variable([-20.0])  # D is sure that it is a fake
    gradients = []
    for loss in (losses.saturating, losses.non_saturating):
        with tf.GradientTape() as tape:
            value = loss(logit)
        gradients.append(abs(float(tape.gradient(value, logit)[0])))
    assert gradients[0] < 1e-6 and gradients[1] > 0.99


def test_unknown_game_suggests_the_nearest():
    with pytest.raises(ZooError, match="wasserstein"):
        losses.game("waserstein")


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_gradient_penalty_and_r1_of_a_linear_critic_in_float32(policy):
    keras.config.set_dtype_policy(policy)
    critic = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    w = np.array([[300.0], [400.0], [0.1]], np.float32)  # ‖w‖² leaves float16
    critic.set_weights([w])
    x = tf.constant(rng.normal(size=(8, 3)), tf.float32)
    norm = np.linalg.norm(w)
    penalty = penalties.gradient_penalty(critic, x, x + 1, tf.random.stateless_uniform([8], [0, 1]))
    np.testing.assert_allclose(penalty, (norm - 1) ** 2, rtol=1e-6)
    np.testing.assert_allclose(penalties.r1(critic, x), 0.5 * norm**2, rtol=1e-6)
    assert critic.layers[-1].compute_dtype == keras.config.dtype_policy().compute_dtype


def test_the_score_of_patches_is_their_mean_to_the_penalty_too():
    x = tf.constant(rng.normal(size=(4, 6, 6, 3)), tf.float32)
    patches = keras.Sequential([keras.Input((6, 6, 3)), keras.layers.Conv2D(1, 3, use_bias=False)])
    whole = keras.Sequential(
        [patches, keras.layers.Flatten(), keras.layers.Lambda(lambda s: tf.reduce_mean(s, 1))]
    )
    mix = tf.fill([4], 0.5)
    both = [penalties.gradient_penalty(critic, x, -x, mix) for critic in (patches, whole)]
    np.testing.assert_allclose(*both, rtol=1e-6)


def test_replicas_that_take_turns_inside_leave_a_critic_its_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    critic = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    first, second = penalties.FullPrecision(critic), penalties.FullPrecision(critic)
    first.__enter__()
    second.__enter__()  # while the first waits for it in a reduction
    first.__exit__()
    assert critic.layers[-1].compute_dtype == "float32"
    second.__exit__()
    assert critic.layers[-1].compute_dtype == "bfloat16"


def test_squared_distances_are_of_float32_whatever_is_compared():
    a, b = tf.constant([1.0, 2.0], tf.bfloat16), tf.constant([2.0, 4.0])
    assert losses.squared_distance(b, a).dtype == losses.squared_distance(a, b).dtype == tf.float32
    assert float(losses.squared_distance(b, a)) == 2.5


def test_gradient_penalty_trains_the_critic():
    critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)])
    x = tf.constant(rng.normal(size=(8, 2)), tf.float32)
    with tf.GradientTape() as tape:
        penalty = penalties.gradient_penalty(critic, x, -x, tf.fill([8], 0.5))
    gradients = tape.gradient(penalty, [v.value for v in critic.trainable_variables[:1]])
    assert np.abs(gradients[0]).max() > 0


def test_at_equal_densities_the_optimal_discriminator_is_half_and_v_is_minus_log_4():
    x = np.linspace(0, 8, 1001)
    p = np.exp(-0.5 * ((x - 4) / 0.5) ** 2) / (0.5 * np.sqrt(2 * np.pi))
    best = game.optimal_discriminator(p, p)
    np.testing.assert_array_equal(best, 0.5)
    np.testing.assert_allclose(game.value(best, best), -np.log(4))
    shifted = np.exp(-0.5 * ((x - 5) / 0.5) ** 2) / (0.5 * np.sqrt(2 * np.pi))
    best = game.optimal_discriminator(p, shifted)  # any other p_g lets D do better
    weight = lambda q: q / q.sum()  # noqa: E731
    v = (weight(p) * np.log(best)).sum() + (weight(shifted) * np.log1p(-best)).sum()
    assert v > -np.log(4) + 0.1


def test_descending_the_minimax_loss_finds_the_optimal_discriminator():
    p, p_g = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    logits = tf.Variable(tf.zeros([3]))

    @tf.function
    def descend():
        with tf.GradientTape() as tape:
            # E over a discrete space, by repeating each point as often as it is likely
            loss = losses.minimax(
                tf.repeat(logits, (p * 10).round().astype(int)),
                tf.repeat(logits, (p_g * 10).round().astype(int)),
            )
        logits.assign_sub(8 * tape.gradient(loss, logits))

    for _ in range(50):
        descend()
    np.testing.assert_allclose(tf.sigmoid(logits), game.optimal_discriminator(p, p_g), atol=2e-3)


@pytest.mark.parametrize("code_std", [None, 0.5])
def test_infogans_information_is_qs_log_likelihood(code_std):
    """λ₁ log of the category's probability + λ₂ log N(c; μ, σ²), σ told by Q or fixed."""
    network = {"width": 4, "hidden": 8, "category_weight": 2.0, "code_weight": 0.3}
    model = build("infogan", (16, 16, 1), **network, code_std=code_std)
    features = rng.normal(size=(6, 8)).astype("float32")
    c = {"category": np.int32([0, 1, 2, 3, 9, 9]), "code": rng.uniform(-1, 1, (6, 2)).astype("float32")}
    q = {k: np.float64(v) for k, v in model.recognition(features, training=True).items()}
    assert ("log_std" in q) == (code_std is None)
    sigma = np.exp(q["log_std"]) if code_std is None else code_std
    category = q["logits"][range(6), c["category"]] - np.log(np.exp(q["logits"]).sum(1))
    code = -((c["code"] - q["mean"]) ** 2) / (2 * sigma**2) - np.log(sigma * np.sqrt(2 * np.pi))
    value = model.information({k: tf.constant(v) for k, v in c.items()}, None, features)
    np.testing.assert_allclose(value, 2 * category.mean() + 0.3 * code.sum(1).mean(), rtol=1e-5)


def test_infogan_refuses_a_deviation_of_zero_and_a_warp_of_one():
    with pytest.raises(ZooError, match="above 0, or None, not 0.0"):
        build("infogan", (16, 16, 1), code_std=0.0)
    with pytest.raises(ZooError, match=r"parts.warp.by is 1.0, but must lie in \(0, 1\)"):
        build("infogan", (16, 16, 1), parts={"warp": {"by": 1.0}})


def test_the_category_alone_is_read_off_warped_pictures():
    fakes = rng.uniform(size=(6, 16, 16, 1)).astype("float32")
    c = {"category": tf.range(6), "code": tf.zeros([6, 2])}

    def informed(warp, **weights):
        random.seed(0)
        parts = {"warp": {"by": warp}} if warp else {}
        model = build("infogan", (16, 16, 1), parts=parts, width=4, hidden=8, **weights)
        with randomness.Draws(1):
            return model.information(c, fakes, model.trunk(fakes, training=True)).numpy()

    code, category = (
        {"category_weight": 0.0, "code_weight": 1.0},
        {"category_weight": 1.0, "code_weight": 0.0},
    )
    assert informed(0.3, **code) == informed(0.0, **code)
    assert abs(informed(0.3, **category) - informed(0.0, **category)) > 1e-4
    with randomness.Draws(1), tf.GradientTape() as tape:
        x = tf.constant(fakes)
        tape.watch(x)
        total = tf.reduce_sum(warped(x, 0.3) ** 2)
    assert np.abs(tape.gradient(total, x)).max() > 0.1  # it reaches G


def test_pictures_are_warped_about_their_centre_each_in_its_own_way(monkeypatch):
    x = np.zeros((2, 17, 21, 1), "float32")
    x[:, 8, 10] = 1  # the centre
    x[:, 8, 15] = 0.5  # five to its right
    with randomness.Draws(1):
        np.testing.assert_array_equal(warped(x, 0.0), x)
        moved = warped(np.tile(x[:1], (2, 1, 1, 1)), 0.3).numpy()
    assert np.abs(moved[0] - moved[1]).max() > 0.1
    x[:, 3, 10] = 0.25  # five above it
    cases = (  # draw, its value, where one of the two is seen then, and which
        (0, np.pi / 2, 3, 10, 0.5),
        (1, 1.0, 3, 15, 0.25),
        (2, np.log(2.5), 8, 12, 0.5),
        (3, np.log(2.5), 6, 10, 0.25),
        (4, 20 / 21, 8, 10, 0.5),
        (5, -20 / 17, 8, 10, 0.25),
    )
    for place, value, row, column, seen_there in cases:
        by = np.zeros((6, 2), "float32")
        by[place] = value
        monkeypatch.setattr(randomness, "uniform", lambda *_, by=by: tf.constant(by))
        seen = warped(x, 0.5).numpy()[0, ..., 0]
        assert seen[row, column] == pytest.approx(seen_there, abs=1e-4), place
