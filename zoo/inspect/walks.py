"""Walks through the latent space."""

import numpy as np

from zoo.images.sheets import tile
from zoo.inspect.subject import look, require_images
from zoo.tasks.inputs import code_traversals, draw_inputs, slerp


@look
def walks(subject, steps=9):
    """Generates images along paths between points of noise, and along continuous codes.

    The paths are straight, on the sphere, and a square between four points. The codes are those of
    InfoGAN's figure 2.

    Args:
        subject: A `Subject`.
        steps: Integer. Number of images per path. Defaults to 9.
    """
    require_images(subject)
    trained = subject.trained
    corners = draw_inputs(trained.priors, 4, subject.seed)
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
        "spherical": strip(lambda a, b: slerp(a, b, t)),
    }
    subject.save("walks.png", tile(np.concatenate(list(strips.values())), steps))
    frames = [tile(np.stack(pair), 2, least=112) for pair in zip(*strips.values())]
    subject.animate("walks.gif", frames)
    for name, rows in code_traversals(trained, subject.seed).items():
        subject.save(f"{name}.png", tile(np.concatenate(rows), rows.shape[1]))
        subject.animate(f"{name}.gif", [tile(frame, len(frame)) for frame in rows.swapaxes(0, 1)])
    u, v = (w.reshape(-1, 1) for w in np.meshgrid(t[:, 0], t[:, 0]))
    square = {name: np.repeat(values[:1], steps**2, 0) for name, values in corners.items()}
    for name in noise:
        a, b, c, d = corners[name]
        mixed = (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * c + u * d)
        square[name] = np.float32(mixed)
    subject.save("corners.png", tile(shown(square), steps))
    return {
        name: {
            "mean change of a pixel a step": float(np.abs(np.diff(np.float32(strip), axis=0)).mean()),
            "largest step over the mean one": largest_step_ratio(strip),
        }
        for name, strip in strips.items()
    }


def largest_step_ratio(strip):
    """Returns the ratio of the largest step to the mean step of a walk.

    It is near 1 for a smooth walk, and large for a jump between memorized images.

    Args:
        strip: Array `[steps, H, W, C]`.
    """
    steps = np.abs(np.diff(np.float32(strip), axis=0)).mean((1, 2, 3))
    return float(steps.max() / max(steps.mean(), 1e-9))
