"""Computes variants of raw RGB images with NumPy, Pillow and scikit-image, for comparison with the C++ transforms.

Usage: transforms_variants.py FOLDER PERMUTATION
Reads FOLDER/NAME.SIDE.rgb (SIDE x SIDE x 3 bytes), writes FOLDER/NAME.VARIANT (bytes of the same layout).
PERMUTATION: 16 numbers; output cell i of a 4 x 4 grid is input cell PERMUTATION[i].
"""

import pathlib
import sys

import numpy as np
from PIL import Image, ImageFilter
from skimage.color import rgb2gray
from skimage.feature import canny


def rounded(values):
    return np.clip(np.floor(255 * values + 0.5), 0, 255).astype(np.uint8)


def three(plane):
    return np.repeat(plane[:, :, None], 3, axis=2)


def saturate(image, p):
    centred = 2 * (image / 255.0) - 1
    return rounded(np.clip(0.5 + 0.5 * np.sign(centred) * np.abs(centred) ** (2 / p), 0, 1))


def patch_shuffle(image, permutation, k=4):
    height, width = image.shape[0] // k, image.shape[1] // k
    cells = [image[r * height:(r + 1) * height, c * width:(c + 1) * width] for r in range(k) for c in range(k)]
    result = image.copy()
    for i, source in enumerate(permutation):
        r, c = divmod(i, k)
        result[r * height:(r + 1) * height, c * width:(c + 1) * width] = cells[source]
    return result


def variants(image, permutation):
    picture = Image.fromarray(image)
    grey = rgb2gray(image)
    yield "grey709", three(rounded(grey))
    yield "grey601", three(np.asarray(picture.convert("L")))
    for p in (1, 8, 1024):
        yield f"saturate{p}", saturate(image, p)
    yield "patch", patch_shuffle(image, permutation)
    yield "find_edges", np.asarray(picture.filter(ImageFilter.FIND_EDGES))
    lines = canny(grey, sigma=2, low_threshold=0.05, high_threshold=0.15)
    yield "canny", three(np.where(lines, 0, 255).astype(np.uint8))
    lines = canny(grey, sigma=0.4, low_threshold=0.35, high_threshold=0.9)
    yield "canny_s1", three(np.where(lines, 255, 0).astype(np.uint8))


def main():
    folder, permutation = pathlib.Path(sys.argv[1]), [int(i) for i in sys.argv[2].split(",")]
    for path in folder.glob("*.rgb"):
        name, side, _ = path.name.split(".")
        image = np.fromfile(path, np.uint8).reshape(int(side), int(side), 3)
        for variant, result in variants(image, permutation):
            np.ascontiguousarray(result).tofile(folder / f"{name}.{variant}")


if __name__ == "__main__":
    main()
