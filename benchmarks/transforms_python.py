"""Image variants as a competent Python user writes them: the peer that the C++ transforms are timed against.

NumPy, SciPy, scikit-image and Pillow, 8-bit RGB arrays in and out, one thread. Masks, textures and stylization are what
cuebench computes; but the 64 built-in style pictures are simpler patterns, Gaussians, Fourier transforms and Lab are those
of the libraries, and random choices are of the same kind, not the same. generate_python.py takes its variants from here.

Images are decoded before the clock starts. Prints "VARIANT X" with X images per second of processor time: the median over
passes through the images that take SECONDS in all, after one pass that warms up and prepares the styles.
benchmarks/transforms_rate.cpp prints the same for the C++ transforms.

Usage: transforms_python.py FOLDER IMAGES [--seconds SECONDS] VARIANT...
FOLDER holds PNG or JPEG files at any depth, or raw ones named NAME.WIDTHxHEIGHT.rgb; their first IMAGES in text order
are taken. VARIANT is NAME[:key=value[,key=value]...]; parameters not given have the defaults of the function.
"""

import os

for library in ("OPENBLAS", "OMP", "MKL"):  # before NumPy starts its threads
    os.environ[f"{library}_NUM_THREADS"] = "1"

import argparse
import collections
import functools
import io
import pathlib
import statistics
import time

import numpy as np
from PIL import Image, ImageFilter
from scipy import fft, ndimage, sparse
from skimage.color import rgb2gray, rgb2lab
from skimage.feature import canny
from skimage.filters import threshold_otsu

MEAN_GREY = 0.4423
RNG = np.random.default_rng(1)


def cut_off(values):
    """[0, 1] to bytes as the code of Geirhos et al.: clip and cast."""
    return (255 * np.clip(values, 0, 1)).astype(np.uint8)


def to_bytes(levels):
    return np.clip(levels + 0.5, 0, 255).astype(np.uint8)


def rounded(values):
    return to_bytes(255 * values)


def three(plane):
    return np.repeat(plane[:, :, None], 3, axis=2)


def grayscale(image):
    return three(rounded(rgb2gray(image)))


def edges(image, method="canny", sigma=2, low=0.05, high=0.15):
    if method == "find_edges":
        return np.asarray(Image.fromarray(image).filter(ImageFilter.FIND_EDGES))
    lines = canny(rgb2gray(image), sigma=float(sigma), low_threshold=float(low), high_threshold=float(high))
    return three(np.where(lines, 0, 255).astype(np.uint8))


def patch_shuffle(image, k=4, rng=RNG):
    k = int(k)
    height, width = image.shape[0] // k, image.shape[1] // k
    covered = image[:height * k, :width * k]
    cells = covered.reshape(k, height, k, width, 3).swapaxes(1, 2).reshape(k * k, height, width, 3)
    cells = cells[rng.permutation(k * k)].reshape(k, k, height, width, 3)
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


def barrier_distance(planes):
    """Minimum-barrier distance of every pixel to the border, in each channel of (h, w, 3), by four raster scans.

    A pixel hears from the one above and the one to the left (below and to the right on the way back), so that all pixels
    of an anti-diagonal can be done at once: they lie in one row of the arrays here.
    """
    height, width, channels = planes.shape
    y, x = np.indices((height, width))
    values = np.zeros((height + width - 1, height, channels), np.float32)
    values[y + x, y] = planes
    barrier = np.zeros_like(values)
    barrier[(y + x)[1:-1, 1:-1], y[1:-1, 1:-1]] = np.inf
    values, barrier = values.reshape(len(values), -1), barrier.reshape(len(values), -1)
    highest, lowest = values.copy(), values.copy()
    for step in (1, -1, 1, -1):
        for d in range(2, height + width - 3)[::step]:
            first, end = max(1, d - width + 2), min(height - 1, d)
            level = slice(channels * first, channels * end)
            vertical = slice(channels * (first - step), channels * (end - step))
            value, best = values[d, level], barrier[d, level]
            for near in (vertical, level):
                high, low = np.maximum(highest[d - step, near], value), np.minimum(lowest[d - step, near], value)
                offered = high - low
                better = offered < best
                np.copyto(highest[d, level], high, where=better)
                np.copyto(lowest[d, level], low, where=better)
                np.minimum(best, offered, out=best)
    return barrier.reshape(-1, height, channels)[y + x, y]


def normalised(maps):
    """Along the last axis to [0, 1]; what is constant becomes zero."""
    least, most = maps.min(-1, keepdims=True), maps.max(-1, keepdims=True)
    return (maps - least) / np.where(most > least, most - least, 1)


def distances_to(strip, colours):
    """Mahalanobis distances of colours (3, n) to those of a strip (h, w, 3)."""
    strip = strip.reshape(-1, 3)
    precision = np.linalg.inv(np.cov(strip, rowvar=False, bias=True) + np.eye(3))
    whitening = np.linalg.cholesky(precision).T.astype(np.float32)
    whitened = whitening @ colours - (whitening @ strip.mean(0))[:, None]
    return np.sqrt((whitened ** 2).sum(0))


def border_contrast(lab):
    """Unlike the colours of the four border strips; the strip that differs most does not count. (h w,)"""
    width = max(1, min(lab.shape[:2]) // 10)
    colours = np.ascontiguousarray(lab.reshape(-1, 3).T)
    strips = (lab[:width], lab[-width:], lab[:, :width], lab[:, -width:])
    distances = normalised(np.stack([distances_to(strip, colours) for strip in strips]))
    return normalised(distances.sum(0) - distances.max(0))


def centre_weight(size, scale):
    offsets = np.arange(size) - (size - 1) / 2
    return np.exp(-0.5 * scale * offsets ** 2).astype(np.float32)


def barrier_mask(image):
    height, width = image.shape[:2]
    lab = rgb2lab(image / np.float32(255))
    saliency = normalised(barrier_distance(lab).sum(2).ravel()) + border_contrast(lab)
    scale = 4 / (height ** 2 + width ** 2)
    saliency = saliency.reshape(height, width) * centre_weight(height, scale)[:, None] * centre_weight(width, scale)
    saliency = ndimage.gaussian_filter(saliency, max(0.5, min(height, width) / 45), mode="mirror")
    levels = np.rint(255 * normalised(saliency.ravel())).astype(np.uint8).reshape(height, width)
    return levels > threshold_otsu(levels)


def centred_disc(height, width):
    v, u = ((np.arange(size) + 0.5 - size / 2) / size for size in (height, width))
    return v[:, None] ** 2 + u ** 2 <= 0.36 / np.pi


def is_plausible(mask):
    border = np.concatenate((mask[0], mask[-1], mask[1:-1, 0], mask[1:-1, -1]))
    return 0.05 <= mask.mean() <= 0.8 and border.mean() <= 0.5


def object_mask(image):
    if min(image.shape[:2]) >= 12:
        mask = barrier_mask(image)
        if is_plausible(mask):
            return mask
    return centred_disc(*image.shape[:2])


def silhouette(image):
    return three(np.where(object_mask(image), 0, 255).astype(np.uint8))


def cutout(image, ground="white"):
    level = {"white": 255, "grey": 128, "black": 0}[ground]
    return np.where(object_mask(image)[:, :, None], image, np.uint8(level))


# Lengths in pixels for images whose shorter side is at most largest_side.
Scale = collections.namedtuple(
    "Scale", "largest_side tile grain guide_sigma space finest_sigma whitening guard_sigma guard")
SCALES = (Scale(48, 64, 4, 0.9, 6, 0.6, 9, 0.6, 0.5), Scale(112, 128, 6, 1.2, 10, 0.7, 17, 0.8, 0.35),
          Scale(320, 256, 9, 2, 20, 1, 33, 1.5, 0.25), Scale(np.inf, 256, 18, 4, 40, 2, 65, 3, 0.15))
LUMINANCE = np.float32([0.2125, 0.7154, 0.0721])
STYLES = 64


def scale_of(image):
    return next(scale for scale in SCALES if min(image.shape[:2]) <= scale.largest_side)


def planes_of(image):
    return np.ascontiguousarray(image.transpose(2, 0, 1), np.float32)


def blurred(planes, sigma, mode):
    return ndimage.gaussian_filter(planes, (0, sigma, sigma), mode=mode)


def warped_positions(guide, space):
    """Running distances along all rows, one after the other; between rows a gap that no window spans."""
    steps = np.full(guide.shape[1:], 2.0 * space)
    steps[:, 1:] = 1 + space / 50 * np.abs(np.diff(guide, axis=2)).sum(0)
    return np.cumsum(steps)


def box_means(planes, position, radius):
    """Means over the pixels of the row within `radius` in warped distance."""
    # The stable sort merges two ascending runs: half the time of searchsorted.
    order = np.argsort(np.concatenate((position, position + radius)), kind="stable")
    ends = np.flatnonzero(order >= position.size) - np.arange(position.size)
    # i ends after j if and only if j begins at i or before.
    firsts = np.cumsum(np.bincount(ends, minlength=position.size + 1))[:-1]
    share = 1 / (ends - firsts)
    sums = np.zeros(position.size + 1)
    means = np.empty((len(planes), position.size), np.float32)
    for plane, mean in zip(planes.reshape(means.shape), means):
        np.cumsum(plane, out=sums[1:])
        mean[:] = (sums.take(ends) - sums.take(firsts)) * share
    return means.reshape(planes.shape)


def domain_transform(planes, guide, space):
    """Gastal and Oliveira 2011, normalised convolution; three passes along rows and columns, the window halving."""
    along_rows, along_columns = warped_positions(guide, space), warped_positions(guide.swapaxes(1, 2), space)
    for widening in (4, 2, 1):
        radius = 3 * space * widening / np.sqrt(63)
        for position in (along_rows, along_columns):
            planes = box_means(planes, position, radius).swapaxes(1, 2)
    return planes


def textureless_base(image, scale):
    planes = planes_of(image)
    guide = blurred(planes, scale.guide_sigma, "mirror")
    for _ in range(2):
        guide = domain_transform(planes, guide, scale.space)
    return guide


def colour_statistics(planes):
    colours = planes.reshape(3, -1)
    return colours.mean(1, dtype=float), np.cov(colours, bias=True) + 4 * np.eye(3)


def matrix_power(symmetric, exponent):
    values, vectors = np.linalg.eigh(symmetric)
    return vectors * np.maximum(values, 2) ** exponent @ vectors.T


# detail: periodic, tile x tile; mean and root_covariance of the colours.
Style = collections.namedtuple("Style", "detail mean root_covariance")


def recoloured(base, style, amount):
    mean, covariance = colour_statistics(base)
    transfer = amount * style.root_covariance @ matrix_power(covariance, -0.5) + (1 - amount) * np.eye(3)
    offset = amount * style.mean + (1 - amount) * mean - transfer @ mean
    colours = transfer.astype(np.float32) @ base.reshape(3, -1) + offset.astype(np.float32)[:, None]
    return colours.reshape(base.shape)


def outline_guard(base, scale):
    luminance = np.tensordot(LUMINANCE / 255, base, 1)
    smooth = ndimage.gaussian_filter(luminance, scale.guard_sigma, mode="mirror")
    gradient = np.hypot(ndimage.sobel(smooth, 0, mode="mirror"), ndimage.sobel(smooth, 1, mode="mirror"))
    return np.exp(gradient / -scale.guard)


def stylized(image, style, scale, gain, colour, shift=(0, 0)):
    base = textureless_base(image, scale)
    if colour > 0:
        base = recoloured(base, style, colour)
    detail = style.detail
    for axis in (0, 1):
        detail = detail.take(np.arange(image.shape[axis]) + shift[axis], axis + 1, mode="wrap")
    return to_bytes(base + np.float32(gain) * outline_guard(base, scale) * detail).transpose(1, 2, 0)


def pattern(index, side, grain):
    """A simple picture: stripes, checks, clouds or cells between two colours; it continues itself at the borders."""
    rng = np.random.default_rng(index)
    y, x = np.indices((side, side)) / side
    angle = np.pi * rng.random()
    a, b = (np.round(side / grain * function(angle)) for function in (np.cos, np.sin))
    kind = index % 4
    if kind == 0:
        field = np.sin(2 * np.pi * (a * x + b * y))
    elif kind == 1:
        field = np.sin(2 * np.pi * (a * x + b * y)) * np.sin(2 * np.pi * (a * y - b * x))
    elif kind == 2:
        field = ndimage.gaussian_filter(rng.standard_normal((side, side)), grain / 3, mode="wrap")
    else:
        points = np.tile(rng.random((side, side)) < 1 / grain ** 2, (3, 3))
        field = ndimage.distance_transform_edt(~points)[side:2 * side, side:2 * side]
    share = np.clip(0.5 + 0.3 * standardised(field), 0, 1)[:, :, None]
    return to_bytes(rng.uniform(0, 90, 3) * (1 - share) + rng.uniform(130, 255, 3) * share)


@functools.lru_cache(maxsize=None)
def style_pictures(side, grain):
    return [pattern(index, side, grain) for index in range(STYLES)]


def periodic_part(planes):
    """Moisan 2011: without the smooth part that solves a Poisson equation with the jump across the wrapped borders."""
    jump = np.zeros_like(planes)
    rows, columns = planes[:, 0] - planes[:, -1], planes[:, :, 0] - planes[:, :, -1]
    jump[:, 0] += rows
    jump[:, -1] -= rows
    jump[:, :, 0] += columns
    jump[:, :, -1] -= columns
    v, u = (2 - 2 * np.cos(2 * np.pi * f) for f in (fft.fftfreq(planes.shape[1]), fft.rfftfreq(planes.shape[2])))
    laplacian = v[:, None] + u
    laplacian[0, 0] = np.inf
    return planes - fft.irfft2(fft.rfft2(jump) / laplacian, planes.shape[1:])


def random_phase(planes, rng):
    turn = fft.rfft2(rng.standard_normal(planes.shape[1:]))
    turn /= np.abs(turn)
    turn[0, 0] = 1
    return fft.irfft2(fft.rfft2(planes) * turn, planes.shape[1:]).astype(np.float32)


def even_bands(texture, scale):
    detail, finer = np.zeros_like(texture), texture
    for octave in (1, 2, 4):
        coarser = blurred(texture, octave * scale.finest_sigma, "wrap")
        band = finer - coarser
        energy = ndimage.uniform_filter(band.mean(0) ** 2, scale.whitening, mode="wrap")
        detail += 9 / (np.sqrt(np.maximum(energy, 0)) + 2) * band
        finer = coarser
    return detail


def style_texture(planes, scale, rng):
    mean, covariance = colour_statistics(planes)
    return Style(even_bands(random_phase(periodic_part(planes), rng), scale), mean, matrix_power(covariance, 0.5))


@functools.lru_cache(maxsize=None)
def style_textures(scale):
    return [style_texture(planes_of(picture), scale, np.random.default_rng(index))
            for index, picture in enumerate(style_pictures(scale.tile, scale.grain))]


def stylize(image, gain=1, colour=0.8, rng=RNG):
    scale = scale_of(image)
    style = style_textures(scale)[rng.integers(STYLES)]
    detail = style.detail[:, ::rng.choice((-1, 1)), ::rng.choice((-1, 1))]
    style = style._replace(detail=detail.swapaxes(1, 2) if rng.integers(2) else detail)
    return stylized(image, style, scale, float(gain), float(colour), rng.integers(scale.tile, size=2))


def windows_inside(mask, sums, side):
    """Top left corners, as places in the flattened picture."""
    counts = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    y, x = np.nonzero(counts == side * side)
    return y * mask.shape[1] + x


def windows_about(mask, side):
    corners = (np.clip(at - side // 2, 0, size - side) for at, size in zip(np.nonzero(mask), mask.shape))
    return np.ravel_multi_index(tuple(corners), mask.shape)


def find_windows(mask):
    """The largest windows that lie inside the mask in at least 16 places; (side, places)."""
    sums = np.pad(mask.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    shorter = min(mask.shape)
    smallest = min(4, shorter)
    for share in (5, 7, 10, 14, 20, 28, 40):
        side = max(shorter // share, smallest)
        places = windows_inside(mask, sums, side)
        if places.size >= 16:
            return side, places
    places = windows_inside(mask, sums, smallest)
    return smallest, places if places.size else windows_about(mask, smallest)


@functools.lru_cache(maxsize=None)
def blending(side, size):
    """Along one axis, from the pixels of the windows, laid half over each other, to `size` pixels: a sparse matrix."""
    step = max(1, side // 2)
    count = -(-size // step)
    targets = (np.arange(count)[:, None] * size // count + np.arange(side)) % size
    weights = np.tile(np.sin(np.pi * (np.arange(side) + 0.5) / side) ** 4, count)
    weights /= np.bincount(targets.ravel(), weights)[targets.ravel()]
    return sparse.csr_matrix((weights.astype(np.float32), (targets.ravel(), np.arange(count * side))))


def window_pixels(width, side, places, shape, rng):
    """Where the pixels of shape = (rows, columns) random windows, flipped and turned, lie in the flattened picture."""
    shape = (shape[0], 1, shape[1], 1)
    mirrored, upended, swapped = rng.integers(2, size=(3, *shape))
    across = np.where(swapped, width, 1)
    down = width + 1 - across
    start = rng.choice(places, shape) + (side - 1) * (mirrored * across + upended * down)
    u, v = np.arange(side), np.arange(side)[:, None, None]
    return start + (1 - 2 * upended) * down * v + (1 - 2 * mirrored) * across * u


def quilted(source, mask, height, width, rng):
    """Windows from inside the mask at random, blended with weights sin^4; levels as float."""
    side, places = find_windows(mask)
    rows, columns = blending(side, height), blending(side, width)
    counts = rows.shape[1] // side, columns.shape[1] // side
    pixels = window_pixels(source.shape[1], side, places, counts, rng)
    mosaic = source.reshape(-1, 3).astype(np.float32).take(pixels.ravel(), 0)
    blended = (rows @ mosaic.reshape(rows.shape[1], -1)).reshape(height, -1, 3)
    return (columns @ blended.swapaxes(0, 1).reshape(columns.shape[1], -1)).reshape(width, height, 3).swapaxes(0, 1)


def texture_fill(image, rng=RNG):
    height, width = image.shape[:2]
    picture = style_pictures(256, max(3, min(height, width) / 16))[rng.integers(STYLES)]
    texture = quilted(picture, np.ones(picture.shape[:2], bool), height, width, rng)
    return np.where(object_mask(image)[:, :, None], to_bytes(texture), np.uint8(255))


def texture_crop(image, rng=RNG):
    return to_bytes(quilted(image, object_mask(image), *image.shape[:2], rng))


def quilted_style(texture, scale):
    """The texture's own bands and colours; even colours are spread so that outlines stay visible."""
    mean, covariance = colour_statistics(texture)
    root = matrix_power(covariance, 0.5)
    root *= max(1, 40 / np.linalg.norm(LUMINANCE @ root))
    return Style(texture - blurred(texture, 4 * scale.finest_sigma, "wrap"), mean, root)


def cue_conflict(image, partner, gain=1, colour=1, rng=RNG):
    scale = scale_of(image)
    texture = planes_of(quilted(partner, object_mask(partner), scale.tile, scale.tile, rng))
    return stylized(image, quilted_style(texture, scale), scale, float(gain), float(colour))



def imagenet_c(image, corruption, severity="3", saved="raw"):
    import imagenet_c_python  # its own file: it takes the formulas from the tests

    if saved != "raw":
        raise ValueError("the Python side has no saving step: ask for saved=raw")
    return imagenet_c_python.IMPLEMENTATIONS[f"imagenet_c:corruption={corruption}"](image, int(severity))


# One line a transform: the name that variants use and a function from an image and its parameters to an image.
IMPLEMENTATIONS = {
    "grayscale": grayscale,
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
    "silhouette": silhouette,
    "cutout": cutout,
    "texture_fill": texture_fill,
    "texture_crop": texture_crop,
    "stylize": stylize,
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
