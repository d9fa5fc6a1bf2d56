"""Looking inside trained models: the experiments of the DCGAN paper, and tests of memory and variety.

A look is a function of a `Subject` that writes pictures into its folder and returns numbers.
"""

import functools
import random

import keras
import numpy as np
import tensorflow as tf

from zoo import concepts, evaluation, pictures, sampling, serving
from zoo.errors import ZooError
from zoo.layers import Maxout, Pack

looks = {}


def look(function):
    """Makes a function a look, under its own name."""
    looks[function.__name__] = function
    return function


class Subject:
    """A trained model that is looked into.

    Args:
        trained: a `zoo.serving.Trained`.
        out: the folder of what is found, a `pathlib.Path`.
        seed: decides every draw.
        count: pictures that statistics are over.
        labels: how many labels the feature test may see, one reading each; None: all.
        repeats: how often what is chosen at random (labels, samples of a concept) is chosen anew.
        classifier: the trained model that reads concepts; default: see `reader`.
        data_dir: where TFDS keeps its sets.
    """

    def __init__(
        self, trained, out, seed=0, count=2000, labels=(1000,), repeats=3, classifier=None, data_dir=None
    ):
        self.trained, self.out, self.seed, self.count = trained, out, seed, count
        self.labels, self.repeats = labels, repeats
        self.bench = evaluation.Bench(trained, classifier=classifier, data_dir=data_dir)

    @functools.cached_property
    def model(self):
        """The Keras model with its trained weights."""
        return serving.rebuild(self.trained)

    @functools.cached_property
    def untrained(self):
        """The same networks as they begin."""
        random.seed(self.seed)  # from which Keras draws the seeds of the initial weights
        return keras.models.clone_model(self.judge)

    @functools.cached_property
    def judge(self):
        """The network of the discriminator's side that sees an example alone; one that packs several sees
        packs of the same.

        Raises:
            ZooError: there is none, or it was exported without its weights.
        """
        name = self.trained.name
        if "score" not in self.trained.signatures:
            raise ZooError(f"{name} was exported without its discriminator (no signature `score`).")
        shape = (None, *self.model.x_shape)
        for network in self.model.sides["discriminator"]:
            if len(network.inputs) == 1 and tuple(network.inputs[0].shape) == shape:
                return one_by_one(network)
        raise ZooError(f"The discriminator of {name} judges no example without its condition.")

    @property
    def reader(self):
        """See `zoo.evaluation.Bench.reader`."""
        return self.bench.reader

    def examples(self, split, count=None):
        """(x, y or None) of a split: x as the data has it."""
        return self.bench.data(split).arrays(0, count or self.count)

    def samples(self, count=None):
        return self.trained.sample(count or self.count, seed=self.seed)

    def seen_by(self, network, x):
        """What a network says of examples as the data has them: float32 [N, …]."""
        return _batches(lambda part: network(self.model.to_network(part), training=False), x)

    def save(self, name, image):
        pictures.save(self.out / name, image)

    def animate(self, name, frames):
        pictures.animate(self.out / name, pictures.there_and_back(frames))


def one_by_one(network):
    """A copy of a network, in which each example is a pack of itself."""

    def copied(layer):
        if isinstance(layer, Pack):
            return Pack(layer.m, alone=True)
        return type(layer).from_config(layer.get_config())

    copy = keras.models.clone_model(network, clone_function=copied)
    copy.set_weights(network.get_weights())
    return copy


def _needs_pictures(subject):
    if "sample" not in subject.trained.signatures or len(subject.trained.interface["x_shape"]) != 3:
        raise ZooError(f"{subject.trained.name} does not sample pictures.")


def _batches(function, x, size=500):
    parts = [function(x[i : i + size]) for i in range(0, len(x), size)]
    return np.concatenate([np.asarray(part, np.float32) for part in parts])


activations = (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.PReLU, Maxout)


def _hidden(network):
    """The outputs of a network's activations, in their order."""
    outputs = [layer.output for layer in network.layers if isinstance(layer, activations)]
    if not outputs:
        raise ZooError(f"The {network.name} has no activations to look at.")
    return outputs


def features_of(network):
    """Every layer's activations, maps max-pooled to 4 × 4, joined: a network to [B, width]. Radford et
    al. 2016, §5.1."""
    parts = []
    for h in _hidden(network):
        if len(h.shape) == 4:
            size = tuple(-(-side // 4) for side in h.shape[1:3])
            h = keras.layers.MaxPooling2D(size, padding="same")(h)
        parts.append(keras.layers.Flatten()(h))
    joined = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    return keras.Model(network.inputs, joined)


@look
def features(subject):
    """What D learned without labels: a linear L2-SVM on its features, against raw pixels, an untrained D
    and a supervised network of its shape, each with as few labels."""
    judge = subject.judge
    train_x, train_y = subject.bench.data("train").arrays()
    test_x, test_y = subject.examples("test", 10_000)
    if train_y is None:
        raise ZooError(f"The data of {subject.trained.name} has no labels to learn.")
    most = max(n or 0 for n in subject.labels)
    if most > len(train_x):
        raise ZooError(f"There are {len(train_x)} labels, not {most}: --labels=…")
    prepared = {}
    for name, network in (("features of D", judge), ("features of an untrained D", subject.untrained)):
        extract = features_of(network)
        prepared[name] = [subject.seen_by(extract, x) for x in (train_x, test_x)]
    prepared["raw pixels"] = [np.float32(x.reshape(len(x), -1)) / 255 for x in (train_x, test_x)]
    results = {}
    for n in subject.labels:
        rows = {name: [] for name in (*prepared, "supervised network of D's shape")}
        for repeat in range(subject.repeats if n else 1):  # there is one set of all
            chosen = np.random.default_rng([subject.seed, repeat]).permutation(len(train_x))[:n]
            for name, (train, test) in prepared.items():
                rows[name].append(_svm(train[chosen], train_y[chosen]).score(test, test_y))
            supervised = _supervised(subject, train_x[chosen], train_y[chosen], repeat)
            found = subject.seen_by(supervised, test_x)
            rows["supervised network of D's shape"].append(float(np.mean(found.argmax(1) == test_y)))
        results[f"{n or 'all'} labels"] = {
            name: {"accuracy": float(np.mean(v)), "spread": _spread(v), "subsets": len(v)}
            for name, v in rows.items()
        }
    return {"labels to choose from": len(train_x), "test images": len(test_x), **results}


def _spread(values):
    """The standard deviation over repetitions; of one there is none."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def _svm(x, y):
    """scikit-learn's linear L2-SVM, each feature scaled to at most 1; C of 1e-3, 1e-2, 1e-1 and 1
    by three-fold cross-validation."""
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MaxAbsScaler
    from sklearn.svm import LinearSVC

    # By its primal, whose time does not grow with C where features outnumber examples.
    machine = make_pipeline(MaxAbsScaler(), LinearSVC(dual=False))
    return GridSearchCV(machine, {"linearsvc__C": [1e-3, 1e-2, 1e-1, 1]}, cv=3).fit(x, y)


def _supervised(subject, x, y, seed, epochs=20):
    """D's layers from their beginning, with a softmax, trained by the labels."""
    judge = subject.judge
    random.seed(seed)  # from which Keras draws the seeds of the initial weights
    fresh = keras.models.clone_model(judge)
    h = keras.layers.Flatten()(_hidden(fresh)[-1])
    network = keras.Model(fresh.inputs, keras.layers.Dense(int(y.max()) + 1, "softmax")(h))
    network.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    examples = tf.data.Dataset.from_tensor_slices((subject.model.to_network(x), y))
    network.fit(examples.shuffle(len(x), seed=seed).batch(64), epochs=epochs, shuffle=False, verbose=0)
    return network


@look
def walks(subject, steps=9):
    """Between four points of noise: straight, along the sphere, and the square that they span; and each
    continuous code from low to high, as InfoGAN's figure 2. Strips and animations."""
    _needs_pictures(subject)
    trained = subject.trained
    corners = sampling.draw(trained.priors, 4, subject.seed)
    noise = trained.interface["noise"]
    t = np.linspace(0, 1, steps)[:, None]
    held = {name: np.repeat(values[:1], steps, 0) for name, values in corners.items()}

    def shown(inputs):
        return trained.to_pixels(trained.generate(**inputs))

    def strip(between):
        a_to_b = {name: np.float32(between(corners[name][0], corners[name][1])) for name in noise}
        return shown({**held, **a_to_b})

    strips = {
        "straight": strip(lambda a, b: (1 - t) * a + t * b),
        "spherical": strip(lambda a, b: sampling.slerp(a, b, t)),
    }
    subject.save("walks.png", pictures.tile(np.concatenate(list(strips.values())), steps))
    frames = [pictures.tile(np.stack(pair), 2, least=112) for pair in zip(*strips.values())]
    subject.animate("walks.gif", frames)
    for name, rows in sampling.codes(trained, subject.seed).items():
        subject.save(f"{name}.png", pictures.tile(np.concatenate(rows), rows.shape[1]))
        subject.animate(f"{name}.gif", [pictures.tile(frame, len(frame)) for frame in rows.swapaxes(0, 1)])
    u, v = (w.reshape(-1, 1) for w in np.meshgrid(t[:, 0], t[:, 0]))
    square = {name: np.repeat(values[:1], steps**2, 0) for name, values in corners.items()}
    for name in noise:
        a, b, c, d = corners[name]
        mixed = (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * c + u * d)
        square[name] = np.float32(mixed)
    subject.save("corners.png", pictures.tile(shown(square), steps))
    return {
        name: {
            "mean change of a pixel a step": float(np.abs(np.diff(np.float32(strip), axis=0)).mean()),
            "largest step over the mean one": _largest_step(strip),
        }
        for name, strip in strips.items()
    }


def _largest_step(strip):
    """Near 1 where a walk is smooth; a jump from one memorised picture to another makes it large."""
    steps = np.abs(np.diff(np.float32(strip), axis=0)).mean((1, 2, 3))
    return float(steps.max() / max(steps.mean(), 1e-9))


class Guided(keras.layers.Layer):
    """A rectifier through which only positive gradients of positive activations return.
    Springenberg et al. 2015, Striving for Simplicity, §3.4. The slope below zero is the network's own."""

    def __init__(self, slope, **kwargs):
        super().__init__(**kwargs)
        self.slope = slope

    def call(self, x):
        @tf.custom_gradient
        def rectified(x):
            def back(upstream):
                return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

            return tf.maximum(x, self.slope * x), back

        return rectified(x)


def _guided(network):
    """The network with guided rectifiers, and its own weights."""

    def replaced(layer):
        if isinstance(layer, (keras.layers.ReLU, keras.layers.LeakyReLU)):
            return Guided(float(layer.negative_slope), name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    copy = keras.models.clone_model(network, clone_function=replaced)
    copy.set_weights(network.get_weights())
    return copy


@look
def filters(subject, shown=8):
    """What the filters of D's last map answer to: guided backpropagation of their strongest responses,
    the picture left and what it was seen by right, a row a filter; then the same of an untrained D."""
    x, _ = subject.examples("train")
    inputs = subject.model.to_network(x)
    sheets, spread = [], {}
    for name, network in (("trained", subject.judge), ("untrained", subject.untrained)):
        guided = _guided(network)
        maps = [
            o for o in (la.output for la in guided.layers if isinstance(la, Guided)) if len(o.shape) == 4
        ]
        if not maps:
            raise ZooError(f"The discriminator of {subject.trained.name} has no maps.")
        see = keras.Model(guided.inputs, maps[-1])
        strongest = _batches(lambda b, f=see: tf.reduce_max(f(b, training=False), [1, 2]), inputs)
        rows, shares = [], []
        for channel in np.argsort(-strongest.mean(0))[:shown]:
            which = np.argsort(-strongest[:, channel])[:4]
            picked = tf.gather(inputs, which)
            with tf.GradientTape() as tape:
                tape.watch(picked)
                response = tf.reduce_max(see(picked, training=False)[..., channel], [1, 2])
            gradient = np.abs(tape.gradient(response, picked).numpy())
            bright = np.uint8(255 * gradient / np.maximum(gradient.max((1, 2, 3), keepdims=True), 1e-12))
            rows += [x[which], bright]
            energy = np.sort((gradient**2).sum(-1).reshape(len(which), -1))[:, ::-1]
            total = np.maximum(energy.sum(1, keepdims=True), 1e-30)
            shares.append(((energy.cumsum(1) / total) < 0.9).mean(1))
        sheets.append(pictures.tile(np.concatenate(rows), 8))
        spread[name] = {"share of pixels with nine tenths of the gradient's energy": float(np.mean(shares))}
    subject.save("filters.png", sheets[0])
    subject.save("filters_untrained.png", sheets[1])
    return spread


@look
def neighbours(subject, shown=10):
    """Whether samples are new, and how many different ones there are.

    The 1-nearest-neighbour test of Lopez-Paz & Oquab 2017 (½ where samples cannot be told from test
    pictures, 1 where they can), the nearest training pictures of samples, and the birthday test of Arora &
    Zhang 2017. Distances are Euclidean, in pixels.
    """
    _needs_pictures(subject)
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
    subject.save("neighbours.png", pictures.tile(rows.reshape(-1, *samples.shape[1:]), shown))
    apart, partner = _nearest(fake, fake, itself=True)
    closest = np.argsort(apart)[: 2 * shown : 2]
    pairs = np.stack([samples[closest], samples[partner[closest]]])
    subject.save("closest_samples.png", pictures.tile(pairs.reshape(-1, *samples.shape[1:]), len(closest)))
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


@look
def arithmetic(subject, members=(3, 10, 30), shown=4):
    """Whether a − b + c of mean noises shows what it should. Radford et al. 2016, §6.3.2.

    A judge finds the concepts among samples; `zoo.concepts.Equation` says what is asked. Beside the results
    stand a sample at random, c as it is, c with a step between samples at random in place of a − b, and,
    as what can be reached, the mean of as many samples that show what is asked.
    """
    _needs_pictures(subject)
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
                subject.save("arithmetic.png", pictures.panels(pairs))
    return {
        "judge": reader.name,
        "samples": samples,
        "equations": asked,
        "repeats": subject.repeats,
        **{f"means of {n} samples": _over_repeats(found) for n, found in rows.items()},
    }


def _equation(equation, z, images, painter, reader, rng):
    """A part of the paper's figure 7: the samples of each term above what their mean shows, and the result
    in its neighbourhood. [(words, picture)]"""
    means = equation.means(z)
    columns = []
    for sign, name in zip(("", "− ", "+ "), "abc"):
        samples = pictures.tile(images[equation.members[name]], 1)
        mean = pictures.tile(painter(means[name][None]), 1)
        between = np.full_like(mean[: len(mean) // 4], 255)
        words = reader.phrase(equation.terms[name]).replace(", ", ",\n")  # columns are narrow
        columns.append((sign + words, np.concatenate([samples, between, mean])))
    result = (means["a"] - means["b"] + means["c"])[None]
    around = painter(np.insert(concepts.neighbours(result, z, rng), 4, result, axis=0))
    return [*columns, ("= " + reader.phrase(equation.terms["asked"]), pictures.tile(around, 3))]


def _over_repeats(rows):
    """[{what: number}] as {what: {"mean", "spread"}}, over the rows that have it."""
    names = dict.fromkeys(name for row in rows for name in row)
    values = {name: [row[name] for row in rows if name in row] for name in names}
    return {name: {"mean": float(np.mean(v)), "spread": _spread(v)} for name, v in values.items()}


class Cuts:
    """A generator cut behind each of its activations, and samples of it, whose maps there can be dropped.

    Args:
        subject: a `Subject`.
        n: how many samples.
        seed: decides them.

    Attributes:
        maps: the shape of what passes each cut, [(…, maps)].
        means: of each map over each picture, a float32 [n, maps] a cut.
        reading: what the subject's judge reads in the samples.
    """

    def __init__(self, subject, n, seed):
        self._model, network = subject.model, subject.model.generator
        hidden = _hidden(network)
        self.maps = [h.shape[1:] for h in hidden]
        given = self._model.encode(sampling.draw(self._model.priors, n, seed))
        self._given = [given[x.name] for x in network.inputs]
        self._uppers = [keras.Model(network.inputs, h) for h in hidden]
        # Conditions may join behind a cut.
        self._lowers = [keras.Model([*network.inputs, h], network.output) for h in hidden]
        everywhere = np.arange(n)
        self.means = [
            _batches(lambda i, u=u: _over_places(u(self._rows(i))), everywhere) for u in self._uppers
        ]
        self.reading = subject.reader(self.samples(everywhere))

    def _rows(self, which):
        return [tf.gather(values, which) for values in self._given]

    def samples(self, which, cut=0, kept=1.0):
        """Samples with the maps at a cut multiplied by `kept` [maps]: uint8 [len(which), H, W, C]."""

        def painted(which):
            rows = self._rows(which)
            maps = self._uppers[cut](rows, training=False) * tf.cast(kept, tf.float32)
            return self._model.from_network(self._lowers[cut]([*rows, maps], training=False))

        return _batches(painted, which).astype(np.uint8)


def _over_places(maps):
    """The mean of each map: [B, …, maps] to [B, maps]."""
    return tf.reduce_mean(maps, tuple(range(1, len(maps.shape) - 1)))


@look
def dropping(subject, strengths=(0.0, 0.5), shown=8):
    """What is gone when the maps that carry a concept are set to zero. Radford et al. 2016, §6.3.1.

    A logistic regression tells samples that show a concept from those that do not by the maps of a layer of
    the generator, each averaged over the picture. Those maps are dropped whose weight is above a share of
    the largest; 0 is the paper's, and so is the last layer. In other samples, which show the concept, is
    measured how often the judge no longer finds it, how often it reads its other factors as before, and
    how much the ground changes: the pixels near their picture's median colour. Beside it stand as many
    maps at random.
    """
    _needs_pictures(subject)
    found = {}  # {layer and strength: {factor: the means over its concepts, one a repeat}}
    for repeat in range(subject.repeats):
        cuts = Cuts(subject, 2 * subject.count, subject.seed + repeat)
        rng = np.random.default_rng([subject.seed, repeat])
        for cut, maps in enumerate(cuts.maps):
            losses, panels = _losses(cuts, cut, subject.reader, strengths, shown, rng)
            if not repeat:
                subject.save(f"dropping_{cut + 1}.png", pictures.panels(panels))
            for strength, by_factor in losses.items():
                shape = "×".join(map(str, maps))
                name = f"layer {cut + 1} ({shape}), weights above {strength:g} of the largest"
                for factor, rows in by_factor.items():
                    found.setdefault(name, {}).setdefault(factor, []).append(_over_concepts(rows))
    return {
        "judge": subject.reader.name,
        "samples": subject.count,
        "repeats": subject.repeats,
        **{k: {factor: _over_repeats(rows) for factor, rows in v.items()} for k, v in found.items()},
    }


def _losses(cuts, cut, reader, strengths, shown, rng, least=20, most=100):
    """What samples lose without the maps that carry what they show, {strength: {factor: a row a concept}};
    and of a concept a factor the samples whole, without its maps, without others: [[(words, picture)]]."""
    means, n = cuts.means[cut], len(cuts.means[cut]) // 2  # half to learn from, half to try
    losses, panels = {strength: {"every factor": []} for strength in strengths}, {}
    for factor, value in ((f, v) for f, size in enumerate(reader.sizes) for v in range(size)):
        shows = cuts.reading.having({factor: value})
        learned, tried = shows[shows < n], shows[shows >= n][:most]
        if min(len(learned), len(tried)) < least or len(learned) == n:  # nothing, or nothing else
            continue
        weights = concepts.carriers(means[:n], np.isin(np.arange(n), learned))
        known, whole = cuts.reading.values[tried], cuts.samples(tried)
        for strength in strengths:
            dropped = weights > max(strength * weights.max(), 0)
            without, other = (
                cuts.samples(tried, cut, kept) for kept in (~dropped, rng.permutation(~dropped))
            )
            row = {"maps dropped": dropped.sum(), **_lost(whole, without, known, factor, reader)}
            for what, value_of in _lost(whole, other, known, factor, reader).items():
                row[f"{what} (at random)"] = value_of
            for name in ("every factor", reader.factors[factor]):
                losses[strength].setdefault(name, []).append(row)
            if factor not in panels:
                words = f"without {reader.phrase({factor: value})}: {dropped.sum()} of {len(dropped)} maps"
                sheet = np.concatenate([images[:shown] for images in (whole, without, other)])
                panels[factor] = [(words, pictures.tile(sheet, min(shown, len(tried))))]
    if not panels:
        raise ZooError(f"{reader.name} is certain of nothing in {least} of {n} samples: --count=…")
    return losses, list(panels.values())


def _lost(before, after, known, factor, reader):
    """What pictures that showed a concept lost: {what: share}."""
    same = reader(after).values == known
    others = np.delete(same, factor, axis=1)
    ground = np.abs(before - np.median(before, axis=(1, 2), keepdims=True)).max(-1) < 25
    return {
        "concept gone": 1 - same[:, factor].mean(),
        **({"other factors kept": others.mean()} if others.size else {}),
        "change of the ground, of 255": np.abs(np.float32(after) - before).mean(-1)[ground].mean(),
    }


def _over_concepts(rows):
    """The mean of each number in rows of the same names."""
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
