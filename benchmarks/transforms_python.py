"""Image variants as a competent Python user writes them: the peer that the C++ transforms are timed against.

NumPy, SciPy, scikit-image and Pillow, 8-bit RGB arrays in and out, one thread. Images are decoded before the clock
starts. Prints "VARIANT X" with X images per second of processor time: the median over passes through the images that
take SECONDS in all, after one pass that warms up. benchmarks/transforms_rate.cpp prints the same for the C++
transforms.

Usage: transforms_python.py FOLDER IMAGES [--seconds SECONDS] VARIANT...
FOLDER holds PNG or JPEG files at any depth, or raw ones named NAME.WIDTHxHEIGHT.rgb; their first IMAGES in text order
are taken. VARIANT is NAME[:key=value[,key=value]...]; parameters not given have the defaults of the function.
"""

import os

for library in ("OPENBLAS", "OMP", "MKL"):  # before NumPy starts its threads
    os.environ[f"{library}_NUM_THREADS"] = "1"

import argparse
import io
import pathlib
import statistics
import time

import numpy as np
from PIL import Image, ImageFilter
from scipy import fft, ndimage
from skimage.color import rgb2gray
from skimage.feature import canny
from skimage.filters import threshold_otsu

MEAN_GREY = 0.4423
RNG = np.random.default_rng(1)


def cut_off(values):
    """[0, 1] to bytes as the code of Geirhos et al.: clip and cast."""
    return (255 * np.clip(values, 0, 1)).astype(np.uint8)


def rounded(values):
    return np.clip(255 * values + 0.5, 0, 255).astype(np.uint8)


def three(plane):
    return np.repeat(plane[:, :, None], 3, axis=2)


def grayscale(image):
    return three(rounded(rgb2gray(image)))


def silhouette(image):
    """Fills a given mask, here the bright half: how the mask is found is not timed."""
    mask = image[:, :, 1] >= 128
    return three(np.where(mask, 0, 255).astype(np.uint8))


def edges(image, method="canny", sigma=2, low=0.05, high=0.15):
    if method == "find_edges":
        return np.asarray(Image.fromarray(image).filter(ImageFilter.FIND_EDGES))
    lines = canny(rgb2gray(image), sigma=float(sigma), low_threshold=float(low), high_threshold=float(high))
    return three(np.where(lines, 0, 255).astype(np.uint8))


def patch_shuffle(image, k=4):
    k = int(k)
    height, width = image.shape[0] // k, image.shape[1] // k
    covered = image[:height * k, :width * k]
    cells = covered.reshape(k, height, k, width, 3).swapaxes(1, 2).reshape(k * k, height, width, 3)
    cells = cells[RNG.permutation(k * k)].reshape(k, k, height, width, 3)
    result = image.copy()
    result[:height * k, :width * k] = cells.swapaxes(1, 2).reshape(covered.shape)
    return result


def saturate(image, p=8):
    centred = 2 * np.arange(256) / 255 - 1
    table = rounded(0.5 + 0.5 * np.sign(centred) * np.abs(centred) ** (2 / float(p)))
    return table[image]


def grey_contrast(image, level):
    return (1 - float(level)) / 2 + float(level) * rgb2gray(image)


def contrast(image, level=0.1):
    return three(cut_off(grey_contrast(image, level)))


def low_pass(image, sigma=5):
    return three(cut_off(ndimage.gaussian_filter(rgb2gray(image), float(sigma), mode="constant", cval=MEAN_GREY)))


def high_pass(image, sigma=1):
    grey = rgb2gray(image)
    detail = grey - ndimage.gaussian_filter(grey, float(sigma), mode="constant", cval=MEAN_GREY)
    return three(cut_off(detail + MEAN_GREY - detail.mean()))


def phase_scramble(image, width=90):
    """As the code of Geirhos et al., for even sizes."""
    spectrum = fft.fftshift(fft.fft2(rgb2gray(image)))
    amplitude, phase = np.abs(spectrum), np.angle(spectrum)
    block = phase[1:, 1:].ravel()
    half = block.size // 2
    shifts = RNG.uniform(-1, 1, half) * float(width) / 180 * np.pi
    block[:half] += shifts
    block[half + 1:] -= shifts
    phase[1:, 1:] = block.reshape(phase.shape[0] - 1, -1)
    return three(cut_off(fft.ifft2(fft.ifftshift(amplitude * np.exp(1j * phase))).real))


AMPLITUDES = {}


def natural_amplitudes(shape):
    """Once per size, as a file of amplitudes would be read once."""
    if shape not in AMPLITUDES:
        side, pixels = min(shape), shape[0] * shape[1]
        f = side * np.hypot(fft.fftfreq(shape[0])[:, None], fft.fftfreq(shape[1])[None])
        f[0, 0] = 1
        AMPLITUDES[shape] = np.exp(7.83) / 224 ** 2 * side * np.sqrt(pixels) * f ** -1.258
        AMPLITUDES[shape][0, 0] = 0.454 * pixels
    return AMPLITUDES[shape]


def power_equalise(image):
    phase = np.angle(fft.fft2(rgb2gray(image)))
    return three(cut_off(fft.ifft2(natural_amplitudes(phase.shape) * np.exp(1j * phase)).real))


LIGHT = (np.arange(256) / 255) ** 2.4  # any table of 256 values costs the same
TO_OPPONENT = 2 * np.array([[0.258828, 0.607436, 0.133736]] * 3) - np.eye(3)


def false_colour(image):
    light = np.clip(LIGHT[image] @ TO_OPPONENT.T, 0, 1)
    return np.searchsorted((LIGHT[1:] + LIGHT[:-1]) / 2, light).astype(np.uint8)


def rotate(image, degrees=180, colour="grey"):
    if colour == "grey":
        image = three(cut_off(rgb2gray(image)))
    return np.ascontiguousarray(np.rot90(image, int(degrees) // 90))


def uniform_noise(image, width=0.1, contrast=0.3):
    grey = grey_contrast(image, contrast)
    return three(cut_off(grey + RNG.uniform(-float(width), float(width), grey.shape)))


def salt_pepper(image, p=0.2, contrast=0.3):
    grey = grey_contrast(image, contrast)
    draws = RNG.random(grey.shape)
    grey[draws >= 1 - float(p) / 2] = 1
    grey[draws < float(p) / 2] = 0
    return three(cut_off(grey))


def standardised(field):
    return (field - field.mean()) / field.std()


def blurred_noise(shape, sigma):
    return standardised(ndimage.gaussian_filter(RNG.standard_normal(shape), sigma, mode="wrap"))


def eidolon(image, kind=1, reach=8, grain=10):
    grey = np.asarray(Image.fromarray(image).convert("L")) / 255
    height, width = grey.shape
    coherence = {1: 1.0, 2: 0.3, 3: 0.0}[int(kind)]
    scales = [2 ** ((k - 1) / 2) for k in range(12)]
    blurred = [ndimage.gaussian_filter(grey, sigma) for sigma in scales]
    rows, columns = np.mgrid[:height, :width]
    sums = [np.zeros(grey.shape), np.zeros(grey.shape)]
    result = np.zeros(grey.shape)
    for k in reversed(range(len(scales))):
        level = blurred[k] - blurred[k + 1] if k + 1 < len(scales) else blurred[k]
        places = []
        for axis, start in enumerate((rows, columns)):
            field = np.zeros(grey.shape)
            if coherence > 0:
                sums[axis] += scales[k] * blurred_noise(grey.shape, scales[k])
                field += coherence * standardised(sums[axis])
            if coherence < 1:
                field += (1 - coherence) * blurred_noise(grey.shape, float(grain))
            size = grey.shape[axis]
            place = np.floor(start + float(reach) * field).astype(int) % (2 * size)
            places.append(np.where(place < size, place, 2 * size - 1 - place))
        result += level[tuple(places)]
    return three(cut_off(result))


def gaussian_noise(image, sigma=0.1):
    return rounded(image / 255 + float(sigma) * RNG.standard_normal(image.shape))


def gaussian_blur(image, sigma=2):
    sigma = float(sigma)
    return rounded(ndimage.gaussian_filter(image / 255, (sigma, sigma, 0), mode="nearest"))


def jpeg(image, quality=25, subsampling="420"):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=int(quality), subsampling={"420": 2, "444": 0}[subsampling])
    return np.asarray(Image.open(file))


def binarize(image, method="otsu", threshold=128):
    grey = rounded(rgb2gray(image))
    bright = grey > threshold_otsu(grey) if method == "otsu" else grey >= int(threshold)
    return three(np.where(bright, 255, 0).astype(np.uint8))


def imagenet_c(image, corruption, severity="3", saved="raw"):
    import imagenet_c_python  # its own file: it takes the formulas from the tests

    if saved != "raw":
        raise ValueError("the Python side has no saving step: ask for saved=raw")
    return imagenet_c_python.IMPLEMENTATIONS[f"imagenet_c:corruption={corruption}"](image, int(severity))


# One line a transform: the name that variants use and a function from an image and its parameters to an image.
IMPLEMENTATIONS = {
    "grayscale": grayscale,
    "silhouette": silhouette,
    "edges": edges,
    "patch_shuffle": patch_shuffle,
    "saturate": saturate,
    "contrast": contrast,
    "low_pass": low_pass,
    "high_pass": high_pass,
    "phase_scramble": phase_scramble,
    "power_equalise": power_equalise,
    "false_colour": false_colour,
    "rotate": rotate,
    "uniform_noise": uniform_noise,
    "salt_pepper": salt_pepper,
    "eidolon": eidolon,
    "gaussian_noise": gaussian_noise,
    "gaussian_blur": gaussian_blur,
    "jpeg": jpeg,
    "binarize": binarize,
    "imagenet_c": imagenet_c,
}


def load(folder, count):
    images = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (".png", ".jpg", ".jpeg"):
            images.append(np.asarray(Image.open(path).convert("RGB")))
        elif path.suffix == ".rgb":
            width, height = path.stem.rsplit(".", 1)[1].split("x")
            images.append(np.fromfile(path, np.uint8).reshape(int(height), int(width), 3))
        if len(images) == count:
            break
    return images


def prepare(text):
    name, _, values = text.partition(":")
    parameters = dict(value.split("=", 1) for value in values.split(",") if value)
    return lambda image: IMPLEMENTATIONS[name](image, **parameters)


def pass_seconds(variant, images):
    start = time.process_time()
    for image in images:
        variant(image)
    return time.process_time() - start


def images_per_second(variant, images, seconds):
    pass_seconds(variant, images)
    passes = []
    while sum(passes) < seconds:
        passes.append(pass_seconds(variant, images))
    return len(images) / statistics.median(passes)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("images", type=int)
    parser.add_argument("variants", nargs="+")
    parser.add_argument("--seconds", type=float, default=3)
    arguments = parser.parse_args()
    images = load(arguments.folder, arguments.images)
    for text in arguments.variants:
        print(f"{text} {images_per_second(prepare(text), images, arguments.seconds):.5g}", flush=True)


if __name__ == "__main__":
    main()
