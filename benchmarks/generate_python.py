"""The variants as the usual Python script writes them: the peer that `cuebench generate` is timed against.

One pass over the images for each variant of the suite shape-texture: Pillow decodes, resizes to 256 and crops 224, NumPy, SciPy
or scikit-image makes the variant, Pillow writes PNG with its default settings. grayscale, edges, patch_shuffle and saturate are
the same functions as cuebench's; silhouette (distance from the border's colours, Otsu's threshold) and stylize (bands of a
random-phase texture on a Gaussian base) are shorter stand-ins that do less work.
Prints the seconds of the passes, without the start of the interpreter.

Usage: generate_python.py IMAGES OUT [--processes 1] [--limit N] [--variant NAME ...]
"""

import argparse
import functools
import multiprocessing
import pathlib
import time
import zlib

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.color import rgb2gray, rgb2lab
from skimage.feature import canny
from skimage.filters import threshold_otsu


def load(path):
    image = Image.open(path).convert("RGB")
    scale = 256 / min(image.size)
    image = image.resize([max(256, int(side * scale)) for side in image.size], Image.Resampling.BILINEAR)
    left, top = (image.width - 224) // 2, (image.height - 224) // 2
    return np.asarray(image.crop((left, top, left + 224, top + 224)))


def three(plane):
    return np.repeat(plane[:, :, None], 3, axis=2)


def rounded(values):
    return np.clip(np.floor(255 * values + 0.5), 0, 255).astype(np.uint8)


def clean(image, rng):
    return image


def grayscale(image, rng):
    return three(rounded(rgb2gray(image)))


def edges(image, rng):
    lines = canny(rgb2gray(image), sigma=2.0, low_threshold=0.05, high_threshold=0.15)
    return three(np.where(lines, 0, 255).astype(np.uint8))


def silhouette(image, rng):
    lab = rgb2lab(image)
    border = np.concatenate([lab[:8].reshape(-1, 3), lab[-8:].reshape(-1, 3), lab[:, :8].reshape(-1, 3), lab[:, -8:].reshape(-1, 3)])
    distance = ndimage.gaussian_filter(np.linalg.norm(lab - border.mean(axis=0), axis=2), 3)
    labels, count = ndimage.label(ndimage.binary_fill_holes(distance > threshold_otsu(distance)))
    largest = 1 + np.argmax(np.bincount(labels.ravel())[1:]) if count else 1
    return three(np.where(labels == largest, 0, 255).astype(np.uint8))


def patch_shuffle(image, rng, k):
    height, width = image.shape[0] // k, image.shape[1] // k
    cells = image[:height * k, :width * k].reshape(k, height, k, width, 3).transpose(0, 2, 1, 3, 4).reshape(k * k, height, width, 3)
    cells = cells[rng.permutation(k * k)]
    out = image.copy()
    out[:height * k, :width * k] = cells.reshape(k, k, height, width, 3).transpose(0, 2, 1, 3, 4).reshape(height * k, width * k, 3)
    return out


def saturate(image, rng, p):
    scaled = 2 * (image / 255) - 1
    return rounded(np.clip(0.5 + 0.5 * np.sign(scaled) * np.abs(scaled) ** (2 / p), 0, 1))


def stylize(image, rng):
    base = ndimage.gaussian_filter(image / 255, (3, 3, 0))
    noise = np.fft.rfft2(ndimage.gaussian_filter(rng.normal(size=image.shape[:2]), 1))
    texture = np.fft.irfft2(noise * np.exp(2j * np.pi * rng.random(noise.shape)), image.shape[:2])
    bands = [ndimage.gaussian_filter(texture, s) - ndimage.gaussian_filter(texture, 2 * s) for s in (0.7, 1.4, 2.8)]
    return rounded(np.clip(base + 0.3 * sum(bands)[:, :, None] / max(1e-6, texture.std()), 0, 1))


VARIANTS = {"clean": clean, "grayscale": grayscale, "silhouette": silhouette, "edges": edges,
            **{f"patch_shuffle-{k}": functools.partial(patch_shuffle, k=k) for k in (2, 4, 8)},
            **{f"saturate-{p}": functools.partial(saturate, p=p) for p in (8, 64, 1024)}, "stylize": stylize}


def write(path, root, out, name):
    target = out / name / path.relative_to(root).with_suffix(".png")
    target.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(zlib.crc32(str(path).encode()))
    Image.fromarray(VARIANTS[name](load(path), rng)).save(target)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.images.rglob("*") if path.suffix.lower() in (".jpeg", ".jpg", ".png"))
    if arguments.limit:
        paths = [paths[i * len(paths) // arguments.limit] for i in range(arguments.limit)]
    with multiprocessing.Pool(arguments.processes) as pool:
        pool.map(len, ["x"] * arguments.processes)  # the processes are there before the clock runs
        start = time.perf_counter()
        for name in arguments.variant:
            pool.map(functools.partial(write, root=arguments.images, out=arguments.out, name=name), paths, chunksize=4)
        print(time.perf_counter() - start)


if __name__ == "__main__":
    main()
