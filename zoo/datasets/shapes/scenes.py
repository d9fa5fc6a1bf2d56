"""Scenes of known factors and their images, in NumPy.

A scene has one or several objects on a ground. Its factors are a function of its index. Its image is a
function of the factors, a style and a size. Lengths are in units of the image's side, with the origin in
the upper left corner. Colors are float32 in [0, 1].
"""

import dataclasses

import numpy as np

kinds = ("circle", "square", "triangle", "star", "heart", "cross")
colours = {
    "red": (0.86, 0.16, 0.18),
    "orange": (0.96, 0.53, 0.13),
    "yellow": (0.98, 0.83, 0.22),
    "green": (0.17, 0.62, 0.34),
    "blue": (0.14, 0.40, 0.80),
    "purple": (0.51, 0.27, 0.70),
    "pink": (0.95, 0.48, 0.68),
}
grounds = {
    "white": (0.97, 0.96, 0.93),
    "grey": (0.68, 0.70, 0.73),
    "black": (0.13, 0.13, 0.17),
    "blue": (0.62, 0.80, 0.94),
    "green": (0.70, 0.86, 0.66),
    "yellow": (0.97, 0.91, 0.66),
}
sizes = {"small": 0.12, "medium": 0.18, "large": 0.26}  # radius
textures = ("plain", "striped", "dotted", "checked")
rows, columns = ("top", "middle", "bottom"), ("left", "centre", "right")
places = tuple(f"{row} {column}" for row in rows for column in columns)


@dataclasses.dataclass(frozen=True)
class Scenes:
    """B scenes of up to O objects.

    Attributes:
        kind, colour, size, texture, place: Integer arrays `[B, O]`. Indices of the values.
        x, y, radius: Float arrays `[B, O]`. Centers and sizes of the objects.
        angle: Float array `[B, O]`, in radians.
        count: Integer array `[B]`. Number of objects.
        ground: Integer array `[B]`. Index of the ground's color.
    """

    kind: np.ndarray
    colour: np.ndarray
    size: np.ndarray
    texture: np.ndarray
    place: np.ndarray
    x: np.ndarray
    y: np.ndarray
    radius: np.ndarray
    angle: np.ndarray
    count: np.ndarray
    ground: np.ndarray

    def __len__(self):
        """Returns the number of scenes."""
        return len(self.count)

    def __getitem__(self, which):
        """Returns some of the scenes."""
        return Scenes(**{f.name: getattr(self, f.name)[which] for f in dataclasses.fields(self)})


def _uniforms(indices, stream, n):
    """Returns `n` numbers in [0, 1) for each index, `[B, n]`, the same in every process."""
    bits = [np.random.Philox(key=[stream, i]) for i in indices]
    return np.stack([np.random.Generator(b).random(n) for b in bits])


def _pick(u, options):
    return (u * len(options)).astype(int)


def single(indices, stream=0):
    """Returns scenes of one object, with random shape, color, size, texture, place and ground.

    An object never has the color of its ground.

    Args:
        indices: Integer array `[B]`.
        stream: Integer. Scenes of different streams are independent. Defaults to 0.
    """
    u = _uniforms(indices, stream, 10)[:, :, None]
    size, place = _pick(u[:, 0], sizes), _pick(u[:, 1], places)
    radius = np.array(list(sizes.values()))[size] * (0.92 + 0.16 * u[:, 2])
    x = (place % 3 + 1) / 4 + 0.08 * (u[:, 3] - 0.5)
    y = (place // 3 + 1) / 4 + 0.08 * (u[:, 4] - 0.5)
    colour, ground = _apart(_pick(u[:, 5], colours), _pick(u[:, 6, 0], grounds))
    return Scenes(
        kind=_pick(u[:, 7], kinds),
        colour=colour,
        size=size,
        texture=_pick(u[:, 8], textures),
        place=place,
        x=np.clip(x, 1.15 * radius, 1 - 1.15 * radius),
        y=np.clip(y, 1.15 * radius, 1 - 1.15 * radius),
        radius=radius,
        angle=2 * np.pi * u[:, 9],
        count=np.ones(len(u), int),
        ground=ground,
    )


def _apart(colour, ground):
    """Replaces grounds that have the color of their object by white."""
    names, tones = np.array(list(colours)), np.array(list(grounds))
    same = names[colour[:, 0]] == tones[ground]
    return colour, np.where(same, 0, ground)  # white is no object's colour


def aligned(indices, stream=0):
    """Returns scenes of one large plain object near the center, upright within 17°.

    Shape, color and ground are random. An object never has the color of its ground.

    Args:
        indices: Integer array `[B]`.
        stream: Integer. Scenes of different streams are independent. Defaults to 0.
    """
    u = _uniforms(indices, stream, 7)[:, :, None]
    one = np.ones(len(u), int)[:, None]
    colour, ground = _apart(_pick(u[:, 0], colours), _pick(u[:, 1, 0], grounds))
    return Scenes(
        kind=_pick(u[:, 2], kinds),
        colour=colour,
        size=list(sizes).index("large") * one,
        texture=textures.index("plain") * one,
        place=places.index("middle centre") * one,
        x=0.5 + 0.06 * (u[:, 3] - 0.5),
        y=0.5 + 0.06 * (u[:, 4] - 0.5),
        radius=sizes["large"] * (0.92 + 0.16 * u[:, 5]),
        angle=0.6 * (u[:, 6] - 0.5),
        count=one[:, 0],
        ground=ground,
    )


def several(indices, stream=0):
    """Returns scenes of one to four plain objects without overlap, at most one per quarter.

    Args:
        indices: Integer array `[B]`.
        stream: Integer. Scenes of different streams are independent. Defaults to 0.
    """
    u = _uniforms(indices, stream, 29)
    b = len(u)
    quarter = np.argsort(u[:, :4], axis=1)
    each = u[:, 4:28].reshape(b, 6, 4)
    radius = 0.11 + 0.10 * each[:, 0]
    room = 0.245 - 1.11 * radius  # how far from a quarter's centre an object may go
    x = 0.25 + 0.5 * (quarter % 2) + room * (2 * each[:, 1] - 1)
    y = 0.25 + 0.5 * (quarter // 2) + room * (2 * each[:, 2] - 1)
    return Scenes(
        kind=_pick(each[:, 3], kinds),
        colour=_pick(each[:, 4], colours),
        size=np.digitize(radius, (0.15, 0.22)),
        texture=np.zeros((b, 4), int),
        place=np.floor(y * 3).astype(int) * 3 + np.floor(x * 3).astype(int),
        x=x,
        y=y,
        radius=radius,
        angle=2 * np.pi * each[:, 5],
        count=1 + (u[:, 28] * 4).astype(int),
        ground=np.zeros(b, int),
    )


# Signed distances to the outline of an object of radius 1, negative inside: [B, H, W] each.


def _circle(x, y):
    return np.sqrt(x * x + y * y) - 0.9


def _square(x, y):
    return np.maximum(np.abs(x), np.abs(y)) - 0.78


def _triangle(x, y):
    return np.maximum(0.866 * np.abs(x) + 0.5 * y, -y) - 0.5


def _star(x, y):
    angle = np.arctan2(x, y)
    a = np.abs((angle + np.pi / 5) % (2 * np.pi / 5) - np.pi / 5)  # from the nearest point's axis
    r = np.sqrt(x * x + y * y)
    # The edge from a point (1 at angle 0) to a notch (0.45 at angle π/5).
    return 0.876 * (r * np.cos(a) - 1.0) * 0.524 + 0.876 * r * np.sin(a) * 1.0


def _heart(x, y):
    x, y = np.abs(x) * 0.62, 0.55 - y * 0.62
    # Two discs above a corner of 90°.
    disc = np.sqrt((x - 0.25) ** 2 + (y - 0.75) ** 2) - 0.3536
    corner = np.where(x + y < 1.0, np.maximum(x - y, y - 1.0), disc)
    edge = (x - y) * 0.7071
    body = np.maximum(edge, np.where(x + y > 1.0, disc, -1.0))
    return np.maximum(body, np.where(x + y > 1.0, disc, corner * 0.7071)) / 0.62


def _cross(x, y):
    x, y = np.abs(x), np.abs(y)
    long, short = np.maximum(x, y), np.minimum(x, y)
    return np.maximum(long - 0.92, np.minimum(short - 0.3, np.maximum(long - 0.3, short - 0.3)))


outlines = (_circle, _square, _triangle, _star, _heart, _cross)


def _noise(x, y):
    """Returns a pseudorandom function of the place, in [0, 1)."""
    value = np.sin(x * 127.1 + y * 311.7) * 43758.547
    return value - np.floor(value)


@dataclasses.dataclass
class _Object:
    """The o-th objects of all scenes.

    Attributes:
        kind: `[B, 1, 1]`.
        texture: `[B, 1, 1]`.
        colour: `[B, 3, 1, 1]`.
        distance: `[B, H, W]`. Distance to the outline, in units of the image's side.
        inside: `[B, H, W]`. Share of each pixel inside the object.
        x, y: `[B, H, W]`. Coordinates in which the object has radius 1.
    """

    kind: np.ndarray  # [B, 1, 1]
    texture: np.ndarray  # [B, 1, 1]
    colour: np.ndarray
    distance: np.ndarray  # to the outline, in units of the picture's side
    inside: np.ndarray  # share of the pixel inside, [B, H, W]
    x: np.ndarray  # the object's own coordinates, its radius 1
    y: np.ndarray


def _objects(scenes, size):
    """Yields the first objects of all scenes, then the second ones, up to the largest number."""
    at = ((np.arange(size) + 0.5) / size).astype(np.float32)
    for o in range(scenes.kind.shape[1]):
        there = scenes.count > o
        if not there.any():
            return
        column = lambda name: getattr(scenes, name)[:, o, None, None]  # noqa: B023, E731
        radius = np.float32(column("radius"))
        dx = (at[None, None] - np.float32(column("x"))) / radius
        dy = (at[None, :, None] - np.float32(column("y"))) / radius
        c, s = np.float32(np.cos(column("angle"))), np.float32(np.sin(column("angle")))
        x, y = c * dx + s * dy, c * dy - s * dx
        distance = np.empty(x.shape, np.float32)
        for k, outline in enumerate(outlines):
            which = scenes.kind[:, o] == k
            if which.any():
                distance[which] = outline(x[which], y[which])
        distance *= radius
        distance[~there] = 2.0
        yield _Object(
            kind=column("kind"),
            texture=column("texture"),
            colour=np.float32(list(colours.values()))[scenes.colour[:, o]][..., None, None],
            distance=distance,
            inside=np.clip(0.5 - distance * size, 0, 1),
            x=x,
            y=y,
        )


def _over(picture, colour, share):
    """Blends a color into images in place, with a share in [0, 1] per pixel."""
    picture += (colour - picture) * share[:, None]


def _shadow(picture, o, depth, reach):
    """Darkens the surroundings of objects in place."""
    picture *= (1 - depth * np.exp(-np.maximum(o.distance, 0) / reach))[:, None]


def _striped(x, y):
    return np.sin(x * 11)


def _dotted(x, y):
    return np.cos(x * 8) + np.cos(y * 8) - 0.9


def _checked(x, y):
    return np.sin(x * 7) * np.sin(y * 7) * 2


def _pattern(o):
    """Returns the darkness of each object's texture, `[B, H, W]` in [0, 1]."""
    wave = np.full_like(o.x, -1.0)
    for t, function in ((1, _striped), (2, _dotted), (3, _checked)):
        which = o.texture[:, 0, 0] == t
        if which.any():
            wave[which] = function(o.x[which], o.y[which])
    return np.clip(0.5 + 2.5 * wave, 0, 1)


# Within a style pictures are [B, 3, H, W], for speed.


def _sheet(scenes, colour, shade):
    """Returns grounds of one color per scene under a shade, `[B, 3, H, W]`.

    Args:
        scenes: A `Scenes`.
        colour: Array `[B, 3]` or `[3]`.
        shade: Array `[H, W]`.
    """
    colour = np.broadcast_to(np.float32(colour), (len(scenes), 3))
    return colour[:, :, None, None] * np.float32(shade)


def _plain(scenes, size):
    """Draws textured objects with a soft shadow, on a ground with a vertical gradient."""
    shade = np.repeat(np.linspace(1.03, 0.93, size)[:, None], size, axis=1)
    picture = _sheet(scenes, np.array(list(grounds.values()))[scenes.ground], shade)
    for o in _objects(scenes, size):
        _shadow(picture, o, 0.35, 0.025)
        _over(picture, o.colour * (1 - 0.42 * _pattern(o))[:, None], o.inside)
    return picture


def _paper(scenes, size):
    """Draws cut-outs of colored paper on cream."""
    shade = np.repeat(np.linspace(1.02, 0.94, size)[:, None], size, axis=1)
    picture = _sheet(scenes, (0.97, 0.94, 0.87), shade)
    for o in _objects(scenes, size):
        _shadow(picture, o, 0.4, 0.03)
        _over(picture, o.colour, o.inside)
    return picture


def _neon(scenes, size):
    """Draws tubes of light in the dark."""
    at = np.linspace(-1, 1, size)
    vignette = 1.1 - 0.45 * (at[:, None] ** 2 + at[None] ** 2) / 2
    picture = _sheet(scenes, (0.07, 0.07, 0.19), vignette)
    for o in _objects(scenes, size):
        bright = 0.25 + 0.75 * o.colour / o.colour.max(1, keepdims=True) ** 1.5
        bright = np.clip(bright * np.where(o.colour > 0.5, 1.0, 0.8), 0, 1).astype(np.float32)
        _over(picture, 0.30 * bright, 0.85 * o.inside)
        tube = np.abs(o.distance)
        picture += (0.55 * np.exp(-tube / 0.045))[:, None] * bright
        _over(picture, 0.25 * bright + 0.75, np.clip(1.4 - tube / 0.012, 0, 1))
    return picture


def _toys(scenes, size):
    """Draws toys on a carpet. The shape of an object determines its material."""
    at = (np.arange(size) + 0.5) / size
    weave = 0.05 * np.sin(at * 75)[:, None] * np.sin(at * 75)[None]
    picture = _sheet(scenes, (0.44, 0.60, 0.66), (1.06 - 0.2 * at)[:, None] + weave)
    for o in _objects(scenes, size):
        _shadow(picture, o, 0.55, 0.035)
        _over(picture, _materials(o), o.inside)
    return picture


def _materials(o):
    """Returns the materials of toys, `[B, 3, H, W]`.

    They are ball, crate, fir, gold star, candy and brick, in the order of `kinds`.
    """

    def bevel(x, y, d):
        return np.clip(-d / 0.04, 0, 1)

    materials = (
        ((0.85, 0.18, 0.16), lambda x, y, d: 1.15 - 0.55 * (x * x + y * y)),
        ((0.72, 0.49, 0.27), lambda x, y, d: 0.75 + 0.25 * bevel(x, y, d) + 0.12 * np.sin(x * 12)),
        ((0.20, 0.52, 0.25), lambda x, y, d: 0.85 + 0.3 * np.sin(y * 9)),
        ((0.98, 0.80, 0.22), lambda x, y, d: 0.9 + 0.22 * np.sign(np.sin(np.arctan2(x, y) * 5))),
        ((0.93, 0.42, 0.62), lambda x, y, d: 0.75 + 0.35 * bevel(x, y, d)),
        ((0.52, 0.40, 0.72), lambda x, y, d: 0.8 + 0.25 * (np.maximum(np.abs(x), np.abs(y)) < 0.3)),
    )
    picture = np.empty((len(o.x), 3, *o.x.shape[1:]), np.float32)
    for k, (colour, shade) in enumerate(materials):
        which = o.kind[:, 0, 0] == k
        if which.any():
            shaded = shade(o.x[which], o.y[which], o.distance[which])[:, None]
            picture[which] = np.clip(np.float32(colour)[:, None, None] * shaded, 0, 1)
    return picture


map_colours = np.float32(
    [(0, 0, 170), (0, 170, 255), (255, 85, 0), (85, 255, 170), (255, 170, 0), (170, 0, 85), (170, 255, 85)]
) / np.float32(255)


def _map(scenes, size):
    """Draws the label map, in the colors of the facades dataset."""
    return map_colours[segmentation(scenes, size)].transpose(0, 3, 1, 2)


styles = {"plain": _plain, "paper": _paper, "neon": _neon, "toys": _toys, "map": _map}


def draw(scenes, size, style="plain"):
    """Returns images of scenes, uint8 `[B, size, size, 3]`.

    Args:
        scenes: A `Scenes`.
        size: Integer. Side of the images in pixels.
        style: String. A key of `styles`. Defaults to "plain".
    """
    picture = styles[style](scenes, size)
    return np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1)


def segmentation(scenes, size):
    """Returns the label of each pixel, uint8 `[B, size, size]`.

    The ground is 0. Objects are 1 + their index in `kinds`.

    Args:
        scenes: A `Scenes`.
        size: Integer. Side of the images in pixels.
    """
    labels = np.zeros((len(scenes), size, size), np.uint8)
    for o in _objects(scenes, size):
        labels = np.where(o.distance < 0, np.uint8(1 + o.kind), labels)
    return labels
