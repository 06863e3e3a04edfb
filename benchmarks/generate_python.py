"""The variants as the usual Python script writes them: the peer that `cuebench generate` is timed against.

One pass over the images for each variant of the suite shape-texture: Pillow decodes, resizes to 256 and crops 224, NumPy, SciPy
or scikit-image makes the variant (transforms_python.py: what cuebench computes), Pillow writes PNG with its default settings.
cue_conflict takes its texture from a random image of another folder (where there is one), decoded in the same way. Prints the
seconds of the passes, without the start of the interpreter and the preparation of the 64 styles, which all processes share.

Usage: generate_python.py IMAGES OUT [--processes 1] [--limit N] [--variant NAME ...]
"""

import argparse
import functools
import multiprocessing
import pathlib
import time
import zlib

import transforms_python as transforms  # first: it limits the libraries to one thread

import numpy as np
from PIL import Image


def load(path):
    image = Image.open(path).convert("RGB")
    scale = 256 / min(image.size)
    image = image.resize([max(256, int(side * scale)) for side in image.size], Image.Resampling.BILINEAR)
    left, top = (image.width - 224) // 2, (image.height - 224) // 2
    return np.asarray(image.crop((left, top, left + 224, top + 224)))


def fixed(transform, **parameters):
    return lambda image, partner, rng: transform(image, **parameters)


def drawn(transform, **parameters):
    return lambda image, partner, rng: transform(image, rng=rng, **parameters)


def cue_conflict(image, partner, rng):
    return transforms.cue_conflict(image, load(partner), rng=rng)


VARIANTS = {"clean": fixed(np.asarray), "grayscale": fixed(transforms.grayscale), "silhouette": fixed(transforms.silhouette),
            "edges": fixed(transforms.edges), **{f"patch_shuffle-{k}": drawn(transforms.patch_shuffle, k=k) for k in (2, 4, 8)},
            **{f"saturate-{p}": fixed(transforms.saturate, p=p) for p in (8, 64, 1024)}, "stylize": drawn(transforms.stylize),
            "texture_fill": drawn(transforms.texture_fill), "cue_conflict": cue_conflict}


def make(name, path, partner):
    return VARIANTS[name](load(path), partner, np.random.default_rng(zlib.crc32(str(path).encode())))


def write(pair, root, out, name):
    target = out / name / pair[0].relative_to(root).with_suffix(".png")
    target.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(make(name, *pair)).save(target)


def with_partner(path, paths, rng):
    others = [other for other in paths if other.parent != path.parent]
    return path, others[rng.integers(len(others))] if others else path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.images.rglob("*") if path.suffix.lower() in (".jpeg", ".jpg", ".png"))
    count = arguments.limit or len(paths)
    rng = np.random.default_rng(1)
    pairs = [with_partner(paths[i * len(paths) // count], paths, rng) for i in range(count)]
    for name in arguments.variant:
        make(name, *pairs[0])  # prepares the styles, and what else is kept
    with multiprocessing.Pool(arguments.processes) as pool:
        pool.map(len, ["x"] * arguments.processes)  # the processes are there before the clock runs
        start = time.perf_counter()
        for name in arguments.variant:
            pool.map(functools.partial(write, root=arguments.images, out=arguments.out, name=name), pairs, chunksize=4)
        print(time.perf_counter() - start)


if __name__ == "__main__":
    main()
