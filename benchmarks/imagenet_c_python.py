"""ImageNet-C's corruptions as they are usually computed in Python, to compare speeds with.

IMPLEMENTATIONS[variant](image, severity): height x width x 3 bytes in, the same out, parameters of the 224-pixel table,
without the JPEG that saving adds. The formulas are those of tests/parity/transforms_imagenet_c.py; the random numbers
come from NumPy's generator. spatter is left out: where Python computes its water it calls OpenCV.
"""

import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "parity"))

import transforms_imagenet_c as formulas  # noqa: E402

SCALE = "imagenet"


def parameters(name, severity):
    return formulas.TABLES[name][SCALE][severity - 1]


def shot_noise(image, severity):
    c = parameters("shot_noise", severity)
    return formulas.cut(np.random.poisson(image / 255.0 * c) / c)


def impulse_noise(image, severity):
    return formulas.impulse_noise(image, parameters("impulse_noise", severity), np.random.random(image.size), SCALE)


def draws(name, image, severity):
    height, width = image.shape[:2]
    c = parameters(name, severity)
    if name in ("gaussian_noise", "speckle_noise"):
        return np.random.normal(size=image.size)
    if name == "glass_blur":
        return np.random.randint(0, 2 ** 32, size=c[2] * height * width).astype(float)
    if name == "motion_blur":
        return np.random.uniform(-45, 45, size=1)
    if name == "snow":
        piece = formulas.central_piece(height, c[2])[0] * formulas.central_piece(width, c[2])[0]
        return np.append(np.random.normal(size=piece), np.random.uniform(-135, -45))
    if name == "frost":
        return np.random.randint(0, 256, size=image.size)
    if name == "fog":
        side = 2 ** int(np.ceil(np.log2(max(height, width))))
        return np.random.random(side * side - 1)
    if name == "elastic_transform":
        reach = c[2] * min(height, width) * 244 / 224
        return np.append(np.random.uniform(-reach, reach, size=6), np.random.uniform(-1, 1, size=2 * height * width))
    return None


def with_draws(name):
    return lambda image, severity: formulas.corrupted(image, name, severity, SCALE, draws(name, image, severity))


OWN = {"shot_noise": shot_noise, "impulse_noise": impulse_noise}
IMPLEMENTATIONS = {f"imagenet_c:corruption={name}": OWN.get(name) or with_draws(name)
                   for name in formulas.CORRUPTIONS if name not in ("none", "spatter")}
