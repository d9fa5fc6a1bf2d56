"""Concepts and arithmetic with them, where noise, pictures and readings are known."""

import types

import numpy as np
import pytest

import zoo
from zoo.errors import ZooError
from zoo.evaluate import concepts


def reading(values, certainty=0.9):
    values = np.asarray(values)
    return concepts.Reading(values, np.full(values.shape, certainty))


class Signs:
    """A judge of noise itself: of each coordinate, whether it is above 0."""

    factors = ("left", "right")

    def __call__(self, z):
        return reading(z > 0)


signs = Signs()


@pytest.mark.parametrize("factors", [1, 2, 3])
def test_equations_say_what_they_ask(factors):
    rng = np.random.default_rng(0)
    values = rng.integers(3, size=(900, factors))
    found = concepts.equations(reading(values), [3] * factors, 5, 20, rng)
    assert len(found) == 20
    for equation in found:
        a, b, c, asked = (equation.terms[name] for name in ("a", "b", "c", "asked"))
        changed, *kept = asked
        assert len(kept) == min(factors - 1, 1)
        assert a[changed] == asked[changed] != b[changed] == c[changed]
        for other in kept:
            assert c[other] == asked[other] != a[other] == b[other]
        for name, members in equation.members.items():
            assert len(set(members)) == 5
            for factor, value in equation.terms[name].items():
                assert np.all(values[members, factor] == value)
        assert not set(equation.members["b"]) & set(equation.members["c"])


def test_of_too_few_or_doubtful_samples_no_equation_is_made():
    rng = np.random.default_rng(0)
    values = rng.integers(2, size=(100, 2))
    for doubtful, members in ((reading(values, 0.4), 3), (reading(values), 30)):
        with pytest.raises(ZooError, match="Set count=…"):
            concepts.equations(doubtful, [2, 2], members, 5, rng)


def test_arithmetic_is_measured_beside_what_it_must_beat():
    rng = np.random.default_rng(0)
    z = rng.uniform(-1, 1, (4000, 2))
    found = concepts.equations(signs(z), [2, 2], 20, 200, rng)
    shares = concepts.solved(found, z, signs(z), lambda z: z, signs, rng)
    assert shares["right"] > 0.95 and shares["a mean of samples that show it"] == 1
    assert shares["c as it is"] == 0
    assert shares["a sample at random"] == pytest.approx(0.25, abs=0.02)
    assert shares["right where left changes"] > 0.9
    # A world whose judge reads nothing of the noise: as good as chance.
    blind = concepts.solved(found, z, signs(z), lambda z: rng.uniform(-1, 1, z.shape), signs, rng)
    assert blind["right"] == pytest.approx(0.25, abs=0.12)


def test_neighbours_are_near_and_all_around():
    rng = np.random.default_rng(0)
    z = rng.uniform(-1, 1, (5000, 4))
    around = concepts.neighbors(np.array([[5.0] * 4, [-5.0] * 4]), z, rng)
    assert around.shape == (16, 4)
    assert np.abs(around[:8] - 5).max() < 0.26 and np.abs(around[8:] + 5).max() < 0.26
    assert np.abs(around[:8] - 5).max() > 0.2


def test_the_map_that_carries_a_concept_weighs_most():
    rng = np.random.default_rng(0)
    activations = rng.normal(size=(500, 6)) * [1, 100, 1, 1, 1, 1]
    weights = concepts.carriers(activations, activations[:, 2] > 0.5)
    assert weights.argmax() == 2 and weights[2] > 4 * np.abs(np.delete(weights, 2)).max()


class Judge:
    """Of three channels and 4 × 4 pixels: what it sees decides the colour."""

    name, signatures = "colours", ("read",)
    interface = {"x_shape": [4, 4, 3]}
    card = types.SimpleNamespace(
        signatures={"read": {"outputs": {"feature": {"shape": [None, 9]}, "colour": {"shape": [None, 7]}}}}
    )

    def call(self, signature, image):
        assert image.shape[1:] == (4, 4, 3) and image.dtype == np.uint8
        return {"feature": np.zeros((len(image), 9)), "colour": np.eye(7)[image[:, 0, 0, 0]]}


def test_a_judge_is_asked_for_all_it_reads():
    read = concepts.Reader(Judge())
    assert read.factors == ("colour",) and read.sizes == (7,)
    found = read(np.full((2, 8, 8, 3), 4, np.uint8))
    assert found.values.tolist() == [[4], [4]] and found.certainty.tolist() == [[1], [1]]
    assert read.phrase({0: 4}) == "blue"
    with pytest.raises(ZooError, match="3 channel"):
        read(np.zeros((2, 4, 4, 1), np.uint8))


def test_what_all_real_pictures_show_is_no_concept():
    class Two(Judge):
        outputs = {name: {"shape": [None, 7]} for name in ("size", "colour")}
        card = types.SimpleNamespace(signatures={"read": {"outputs": outputs}})

        def call(self, signature, image):
            colour = np.eye(7)[image[:, 0, 0, 0]]
            return {"size": np.eye(7)[np.zeros(len(image), int)], "colour": colour}

    real = np.zeros((20, 4, 4, 3), np.uint8)
    real[:10] = 5
    read = concepts.Reader(Two()).about(real)
    assert read.factors == ("colour",) and read.sizes == (7,)
    assert read(real).values.tolist() == [[5]] * 10 + [[0]] * 10
    with pytest.raises(ZooError, match="no concepts"):
        concepts.Reader(Two()).about(real[:10])


def test_a_classifier_reads_its_label():
    digits = zoo.load("classifier_digits")
    read = concepts.Reader(digits)
    assert read.factors == ("label",) and read.sizes == (10,) and read.phrase({0: 7}) == "7"
    images = zoo.load("cgan_conv_digits").sample(label=[3, 8])
    assert read(images).values[:, 0].tolist() == [3, 8]


def test_a_painter_paints_what_its_noise_says():
    with pytest.raises(ZooError, match="label"):
        concepts.Painter(zoo.load("cgan_conv_digits"))
    painter = concepts.Painter(zoo.load("dcgan_mnist"))
    z = painter.draw(3, 0)
    assert z.shape == (3, 100) and np.any(painter(z)[0] != painter(z)[1])
    np.testing.assert_array_equal(painter(z)[1:2], painter(z[1:2]))
