"""Computes the corruptions of ImageNet-C with NumPy, SciPy, scikit-image and Pillow, from given random numbers.

Usage: transforms_imagenet_c.py FOLDER
Reads FOLDER/cases.txt, one case a line: ID IMAGE HEIGHT WIDTH CORRUPTION SEVERITY SCALE, the image from FOLDER/IMAGE
(HEIGHT x WIDTH x 3 bytes) and the random numbers from FOLDER/ID.draws (64-bit floats; what they are, each function
says). Writes FOLDER/ID.expected, bytes of the same layout as the image.

Written from the paper's published definitions; OpenCV's steps in spatter and elastic_transform are formulated anew.
"""

import io
import math
import pathlib
import sys

import numpy as np
import scipy.ndimage
import scipy.stats
from PIL import Image
from skimage.color import hsv2rgb, rgb2hsv
from skimage.filters import gaussian

TABLES = {
    "none": {"imagenet": [None] * 5, "cifar": [None] * 5, "tiny": [None] * 5},
    "gaussian_noise": {"imagenet": [.08, .12, .18, .26, .38], "cifar": [.04, .06, .08, .09, .10],
                       "tiny": [.04, .08, .12, .15, .18]},
    "shot_noise": {"imagenet": [60, 25, 12, 5, 3], "cifar": [500, 250, 100, 75, 50], "tiny": [250, 100, 50, 30, 15]},
    "impulse_noise": {"imagenet": [.03, .06, .09, .17, .27], "cifar": [.01, .02, .03, .05, .07],
                      "tiny": [.01, .02, .05, .08, .14]},
    "speckle_noise": {"imagenet": [.15, .2, .35, .45, .6], "cifar": [.06, .1, .12, .16, .2],
                      "tiny": [.15, .2, .25, .3, .35]},
    "gaussian_blur": {"imagenet": [1, 2, 3, 4, 6], "cifar": [.4, .6, .7, .8, 1], "tiny": [.5, .75, 1, 1.25, 1.5]},
    "glass_blur": {"imagenet": [(.7, 1, 2), (.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2)],
                   "cifar": [(.05, 1, 1), (.25, 1, 1), (.4, 1, 1), (.25, 1, 2), (.4, 1, 2)],
                   "tiny": [(.1, 1, 1), (.5, 1, 1), (.6, 1, 2), (.7, 2, 1), (.9, 2, 2)]},
    "defocus_blur": {"imagenet": [(3, .1), (4, .5), (6, .5), (8, .5), (10, .5)],
                     "cifar": [(.3, .4), (.4, .5), (.5, .6), (1, .2), (1.5, .1)],
                     "tiny": [(.5, .6), (1, .1), (1.5, .1), (2.5, .01), (3, .1)]},
    "motion_blur": {"imagenet": [(10, 3), (15, 5), (15, 8), (15, 12), (20, 15)],
                    "cifar": [(6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)],
                    "tiny": [(10, 1), (10, 1.5), (10, 2), (10, 2.5), (12, 3)]},
    # The end and the step of numpy.arange, as published.
    "zoom_blur": {"imagenet": [(1.11, .01), (1.16, .01), (1.21, .02), (1.26, .02), (1.31, .03)],
                  "cifar": [(1.06, .01), (1.11, .01), (1.16, .01), (1.21, .01), (1.26, .01)],
                  "tiny": [(1.06, .01), (1.11, .01), (1.16, .01), (1.21, .01), (1.26, .01)]},
    "fog": {"imagenet": [(1.5, 2), (2, 2), (2.5, 1.7), (2.5, 1.5), (3, 1.4)],
            "cifar": [(.2, 3), (.5, 3), (.75, 2.5), (1, 2), (1.5, 1.75)],
            "tiny": [(.4, 3), (.7, 3), (1, 2.5), (1.5, 2), (2, 1.75)]},
    "frost": {"imagenet": [(1, .4), (.8, .6), (.7, .7), (.65, .7), (.6, .75)],
              "cifar": [(1, .2), (1, .3), (.9, .4), (.85, .4), (.75, .45)],
              "tiny": [(1, .3), (.9, .4), (.8, .45), (.75, .5), (.7, .55)]},
    "snow": {"imagenet": [(.1, .3, 3, .5, 10, 4, .8), (.2, .3, 2, .5, 12, 4, .7), (.55, .3, 4, .9, 12, 8, .7),
                          (.55, .3, 4.5, .85, 12, 8, .65), (.55, .3, 2.5, .85, 12, 12, .55)],
             "cifar": [(.1, .2, 1, .6, 8, 3, .95), (.1, .2, 1, .5, 10, 4, .9), (.15, .3, 1.75, .55, 10, 4, .9),
                       (.25, .3, 2.25, .6, 12, 6, .85), (.3, .3, 1.25, .65, 14, 12, .8)],
             "tiny": [(.1, .2, 1, .6, 8, 3, .8), (.1, .2, 1, .5, 10, 4, .8), (.15, .3, 1.75, .55, 10, 4, .7),
                      (.25, .3, 2.25, .6, 12, 6, .65), (.3, .3, 1.25, .65, 14, 12, .6)]},
    "spatter": {"imagenet": [(.65, .3, 4, .69, .6, 0), (.65, .3, 3, .68, .6, 0), (.65, .3, 2, .68, .5, 0),
                             (.65, .3, 1, .65, 1.5, 1), (.67, .4, 1, .65, 1.5, 1)],
                "cifar": [(.62, .1, .7, .7, .5, 0), (.65, .1, .8, .7, .5, 0), (.65, .3, 1, .69, .5, 0),
                          (.65, .1, .7, .69, .6, 1), (.65, .1, .5, .68, .6, 1)],
                "tiny": [(.62, .1, .7, .7, .6, 0), (.65, .1, .8, .7, .6, 0), (.65, .3, 1, .69, .6, 0),
                         (.65, .1, .7, .68, .6, 1), (.65, .1, .5, .67, .6, 1)]},
    "contrast": {"imagenet": [.4, .3, .2, .1, .05], "cifar": [.75, .5, .4, .3, .15], "tiny": [.4, .3, .2, .1, .05]},
    "brightness": {"imagenet": [.1, .2, .3, .4, .5], "cifar": [.05, .1, .15, .2, .3], "tiny": [.1, .2, .3, .4, .5]},
    "saturate": {"imagenet": [(.3, 0), (.1, 0), (2, 0), (5, .1), (20, .2)],
                 "cifar": [(.3, 0), (.1, 0), (1.5, 0), (2, .1), (2.5, .2)],
                 "tiny": [(.3, 0), (.1, 0), (2, 0), (5, .1), (30, .2)]},
    "jpeg_compression": {"imagenet": [25, 18, 15, 10, 7], "cifar": [80, 65, 58, 50, 40],
                         "tiny": [65, 58, 50, 40, 25]},
    "pixelate": {"imagenet": [.6, .5, .4, .3, .25], "cifar": [.95, .9, .85, .75, .65], "tiny": [.9, .8, .7, .6, .5]},
    "elastic_transform": {"imagenet": [(2, .7, .1), (2, .08, .2), (.05, .01, .02), (.07, .01, .02), (.12, .01, .02)],
                          "cifar": [(0, 0, .08), (.05, .2, .07), (.08, .06, .06), (.1, .04, .05), (.1, .03, .03)],
                          "tiny": [(0, 0, .08), (.05, .3, .06), (.1, .08, .06), (.1, .03, .03), (.16, .03, .02)]},
}


def cut(picture):
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8)


def smooth(picture, sigma):
    return gaussian(picture, sigma=sigma, channel_axis=-1 if picture.ndim == 3 else None)


def none(image, c, draws, scale):
    return image


def gaussian_noise(image, c, draws, scale):
    """draws: a standard normal number for each channel value."""
    return cut(image / 255.0 + c * draws.reshape(image.shape))


def speckle_noise(image, c, draws, scale):
    """draws: a standard normal number for each channel value."""
    x = image / 255.0
    return cut(x + c * x * draws.reshape(image.shape))


def shot_noise(image, c, draws, scale):
    """draws: a uniform number for each channel value, the value of the distribution function."""
    return cut(scipy.stats.poisson.ppf(draws.reshape(image.shape), image / 255.0 * c) / c)


def impulse_noise(image, c, draws, scale):
    """draws: a uniform number for each channel value."""
    u = draws.reshape(image.shape)
    return np.where(u < c / 2, 0, np.where(u < c, 255, image)).astype(np.uint8)


def gaussian_blur(image, c, draws, scale):
    return cut(smooth(image / 255.0, c))


def glass_blur(image, c, draws, scale):
    """draws: 32-bit words, one a visited pixel and round; the lower half chooses dx, the upper one dy."""
    sigma, reach, rounds = c
    moved = cut(smooth(image / 255.0, sigma))
    words = iter(draws.astype(np.int64).tolist())
    for _ in range(rounds):
        for y in range(image.shape[0] - reach, reach, -1):
            for x in range(image.shape[1] - reach, reach, -1):
                word = next(words)
                dx, dy = ((word % 65536) * 2 * reach // 65536 - reach, (word // 65536) * 2 * reach // 65536 - reach)
                moved[y, x], moved[y + dy, x + dx] = moved[y + dy, x + dx], moved[y, x]  # a copy, by NumPy's views
    return cut(smooth(moved / 255.0, sigma))


def disk(radius, sigma):
    reach, width = (8, 1) if radius <= 8 else (radius, 2)
    y, x = np.mgrid[-reach:reach + 1, -reach:reach + 1]
    kernel = (y * y + x * x <= radius * radius).astype(float)
    kernel /= kernel.sum()
    weights = np.exp(-np.arange(-width, width + 1.0) ** 2 / (2 * sigma * sigma))
    weights /= weights.sum()
    for axis in (0, 1):
        kernel = scipy.ndimage.correlate1d(kernel, weights, axis, mode="mirror")
    return kernel


def defocus_blur(image, c, draws, scale):
    kernel = disk(*c)
    planes = [scipy.ndimage.correlate(image[..., d] / 255.0, kernel, mode="mirror") for d in range(3)]
    return cut(np.stack(planes, axis=-1))


def motion(layer, radius, sigma, angle):
    """Bytes to bytes. ImageMagick: one-sided Gaussian weights along the angle, edge pixels repeated, 16 bits a value."""
    steps = np.arange(2 * radius + 1)
    weights = np.exp(-steps ** 2 / (2.0 * sigma * sigma))
    weights /= weights.sum()
    theta = math.radians(angle)
    blurred = np.zeros(layer.shape)
    rows, columns = np.arange(layer.shape[0]), np.arange(layer.shape[1])
    for i, weight in zip(steps, weights):
        y = np.clip(rows + math.ceil(i * math.sin(theta) - 0.5), 0, layer.shape[0] - 1)
        x = np.clip(columns + math.ceil(i * math.cos(theta) - 0.5), 0, layer.shape[1] - 1)
        blurred += weight * layer[y][:, x]
    return (np.floor(blurred * 257 + 0.5) // 257).astype(np.uint8)


def motion_blur(image, c, draws, scale):
    """draws: the angle in degrees."""
    return motion(image, c[0], c[1], draws[0])


def central_piece(length, factor):
    piece = math.ceil(length / factor)
    return piece, (length - piece) // 2


def enlarged(piece, factor, height, width):
    large = scipy.ndimage.zoom(piece, (factor, factor) + (1,) * (piece.ndim - 2), order=1)
    top, left = (large.shape[0] - height) // 2, (large.shape[1] - width) // 2
    return large[top:top + height, left:left + width]


def zoom_blur(image, c, draws, scale):
    x = (image / 255.0).astype(np.float32)
    total = np.zeros_like(x)
    factors = np.arange(1, *c)
    for factor in factors:
        (rows, top), (columns, left) = (central_piece(side, factor) for side in x.shape[:2])
        total += enlarged(x[top:top + rows, left:left + columns], factor, *x.shape[:2])
    return cut((x + total) / (len(factors) + 1))


def snow(image, c, draws, scale):
    """draws: standard normal numbers for the piece that is enlarged, then the angle."""
    mean, deviation, zoom, threshold, radius, sigma, own = c
    height, width = image.shape[:2]
    piece = draws[:-1].reshape(central_piece(height, zoom)[0], central_piece(width, zoom)[0])
    layer = enlarged(mean + deviation * piece, zoom, height, width)
    layer = cut(np.where(layer < threshold, 0, layer))
    flakes = motion(layer, radius, sigma, draws[-1])[..., None] / 255.0
    x = (image / 255.0).astype(np.float32)
    grey = x @ np.float32([.299, .587, .114])
    x = own * x + (1 - own) * np.maximum(x, grey[..., None] * 1.5 + 0.5)
    return cut(x + flakes + flakes[::-1, ::-1])


def frost(image, c, draws, scale):
    """draws: the part of the frost picture, bytes."""
    return np.clip(c[0] * image + c[1] * draws.reshape(image.shape), 0, 255).astype(np.uint8)


def plasma(side, decay, draws):
    heights, taken, amplitude, step = np.zeros((side, side)), 0, 100.0, side
    while step >= 2:
        half = step // 2
        corners = heights[::step, ::step]

        def noise():
            nonlocal taken
            part = draws[taken:taken + corners.size].reshape(corners.shape)
            taken += corners.size
            return amplitude * (2 * part - 1) * amplitude

        right, below = np.roll(corners, -1, 1), np.roll(corners, -1, 0)
        centres = (corners + right + below + np.roll(right, -1, 0)) / 4 + noise()
        across = (corners + right + centres + np.roll(centres, 1, 0)) / 4 + noise()
        down = (corners + below + centres + np.roll(centres, 1, 1)) / 4 + noise()
        heights[half::step, half::step], heights[::step, half::step], heights[half::step, ::step] = centres, across, down
        amplitude, step = amplitude / decay, half
    heights -= heights.min()
    return heights / heights.max()


def fog(image, c, draws, scale):
    """draws: uniform numbers, one a point of the plasma but the first."""
    side = 2 ** math.ceil(math.log2(max(image.shape[:2])))
    x = image / 255.0
    highest = x.max()
    x = x + c[0] * plasma(side, c[1], draws)[:image.shape[0], :image.shape[1], None]
    return cut(x * highest / (highest + c[0]))


def contrast(image, c, draws, scale):
    x = image / 255.0
    mean = x.mean(axis=(0, 1), keepdims=True)
    return cut((x - mean) * c + mean)


def brightness(image, c, draws, scale):
    hsv = rgb2hsv(image / 255.0)
    hsv[..., 2] = np.clip(hsv[..., 2] + c, 0, 1)
    return cut(hsv2rgb(hsv))


def saturate(image, c, draws, scale):
    hsv = rgb2hsv(image / 255.0)
    hsv[..., 1] = np.clip(hsv[..., 1] * c[0] + c[1], 0, 1)
    return cut(hsv2rgb(hsv))


def jpeg_compression(image, c, draws, scale):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=c)
    return np.asarray(Image.open(file))


def pixelate(image, c, draws, scale):
    height, width = image.shape[:2]
    small = Image.fromarray(image).resize((int(width * c), int(height * c)), Image.BOX)
    return np.asarray(small.resize((width, height), Image.BOX))


def affine_map(moves, height, width):
    """From places (x, y, 1) of the result to places in the picture."""
    third = min(height, width) // 3
    centre = np.array([width // 2, height // 2], float)
    points = centre + np.array([[third, third], [third, -third], [-third, -third]])
    moved = (points + moves.reshape(3, 2)).astype(np.float32).astype(float)
    forward = np.linalg.solve(np.hstack([points, np.ones((3, 1))]), moved).T
    inverse = np.linalg.inv(forward[:, :2])
    return np.hstack([inverse, -inverse @ forward[:, 2:]])


def mirrored_101(i, length):
    period = 2 * length - 2
    i = np.abs(i) % period
    return np.where(i < length, i, period - i)


def affine(x, moves):
    """OpenCV's warpAffine: places in 1/1024 pixel, rounded to 1/32, linear interpolation."""
    height, width = x.shape[:2]
    matrix = affine_map(moves, height, width)
    columns, rows = np.arange(width), np.arange(height)[:, None]
    index, share = [], []
    for a, b, offset in matrix:
        along = np.rint(a * columns * 1024).astype(np.int64)
        place = (np.rint((b * rows + offset) * 1024).astype(np.int64) + 16 + along) >> 5
        index.append(place >> 5)
        share.append(((place & 31) / 32.0)[..., None].astype(np.float32))
    left, right = (mirrored_101(index[0] + i, width) for i in (0, 1))
    above, below = (mirrored_101(index[1] + i, height) for i in (0, 1))
    sx, sy = share
    return (x[above, left] * (1 - sy) * (1 - sx) + x[above, right] * (1 - sy) * sx + x[below, left] * sy * (1 - sx) +
            x[below, right] * sy * sx)


def elastic_transform(image, c, draws, scale):
    """draws: x and y of three moves in pixels, then two fields on (-1, 1), for dx and for dy."""
    height, width = image.shape[:2]
    size = min(height, width) * (244 / 224 if scale == "imagenet" else 1)
    x = affine((image / 255.0).astype(np.float32), draws[:6])
    fields = [scipy.ndimage.gaussian_filter(field, c[1] * size, mode="reflect", truncate=3) * (c[0] * size)
              for field in draws[6:].reshape(2, height, width)]
    dx, dy = (field.astype(np.float32) for field in fields)
    places = np.arange(height)[:, None] + dy, np.arange(width) + dx
    planes = [scipy.ndimage.map_coordinates(x[..., d], places, order=1, mode="reflect") for d in range(3)]
    return cut(np.stack(planes, axis=-1))


def canny(layer, low, high):
    """OpenCV's: Sobel 3 x 3, |dx| + |dy|, four directions, both thresholds exclusive, eight neighbours."""
    padded = np.pad(layer.astype(np.int64), 1, mode="edge")
    smooth_y = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    smooth_x = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    dx, dy = smooth_y[:, 2:] - smooth_y[:, :-2], smooth_x[2:] - smooth_x[:-2]
    strength = np.abs(dx) + np.abs(dy)
    around = np.pad(strength, 1)

    def neighbour(y, x):
        return around[1 + y:around.shape[0] - 1 + y, 1 + x:around.shape[1] - 1 + x]

    slope, flat = np.abs(dy) << 15, np.abs(dx) * 13573
    horizontal, vertical = slope < flat, slope > flat + (np.abs(dx) << 16)
    opposite = (dx ^ dy) < 0
    highest = np.where(
        horizontal, (strength > neighbour(0, -1)) & (strength >= neighbour(0, 1)),
        np.where(vertical, (strength > neighbour(-1, 0)) & (strength >= neighbour(1, 0)),
                 np.where(opposite, (strength > neighbour(-1, 1)) & (strength > neighbour(1, -1)),
                          (strength > neighbour(-1, -1)) & (strength > neighbour(1, 1)))))
    weak = highest & (strength > low)
    labels, _ = scipy.ndimage.label(weak, np.ones((3, 3)))
    return np.isin(labels, np.unique(labels[weak & (strength > high)])) & weak


def chamfer_distance(points, farthest):
    """Distance to the nearest point by steps of 1, 1.4 and 2.1969 (5 x 5), at most `farthest`."""
    straight, diagonal, knight = (np.rint(v * 65536) for v in (1.0, 1.4, 2.1969))
    distance = np.full(points.shape, np.inf)
    height, width = points.shape
    reach = int(farthest)
    padded = np.pad(points, reach)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            less, more = sorted((abs(dy), abs(dx)))
            value = (knight * less + straight * (more - 2 * less) if more >= 2 * less else
                     knight * (more - less) + diagonal * (2 * less - more))
            there = padded[reach + dy:reach + dy + height, reach + dx:reach + dx + width]
            distance[there] = np.minimum(distance[there], value)
    return np.minimum(distance / 65536, farthest)


def box3(plane):
    padded = np.pad(plane, 1, mode="reflect")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9


def equalised(plane):
    counts = np.bincount(plane.ravel(), minlength=256)
    first = np.flatnonzero(counts)[0]
    if counts[first] == plane.size:
        return plane
    table = np.rint((np.cumsum(counts) - counts[first]) * np.float32(255 / (plane.size - counts[first])))
    return table.clip(0, 255).astype(np.uint8)[plane]


def spatter(image, c, draws, scale):
    """draws: a standard normal number for each pixel."""
    mean, deviation, sigma, threshold, strength, muddy = c
    liquid = smooth(mean + deviation * draws.reshape(image.shape[:2]), sigma)
    liquid[liquid < threshold] = 0
    x = (image / 255.0).astype(np.float32)
    if muddy:
        mud = smooth((liquid > threshold).astype(np.float32), strength)[..., None]
        mud = np.where(mud < 0.8, 0, mud)
        return cut((1 - mud) * x + mud * np.array([63, 42, 20]) / 255)
    layer = (liquid * 255).astype(np.uint8)
    distance = box3(chamfer_distance(canny(layer, 50, 150), 20)).astype(np.float32).astype(np.uint8)
    emboss = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
    relief = scipy.ndimage.correlate(equalised(distance).astype(np.int64), emboss, mode="mirror").clip(0, 255)
    water = layer * np.rint(box3(relief))
    water *= strength / max(water.max(), 1)
    return cut(x + water[..., None] * np.array([175, 238, 238]) / 255)


CORRUPTIONS = {function.__name__: function for function in (
    none, gaussian_noise, shot_noise, impulse_noise, defocus_blur, glass_blur, motion_blur, zoom_blur, snow, frost, fog,
    brightness, contrast, elastic_transform, pixelate, jpeg_compression, speckle_noise, gaussian_blur, spatter,
    saturate)}


def corrupted(image, name, severity, scale, draws):
    return CORRUPTIONS[name](image, TABLES[name][scale][severity - 1], draws, scale)


def main():
    folder = pathlib.Path(sys.argv[1])
    for line in (folder / "cases.txt").read_text().splitlines():
        case, source, height, width, name, severity, scale = line.split()
        image = np.fromfile(folder / source, np.uint8).reshape(int(height), int(width), 3)
        draws = np.fromfile(folder / f"{case}.draws", float)
        result = corrupted(image, name, int(severity), scale, draws)
        assert result.shape == image.shape and result.dtype == np.uint8, (name, result.shape, result.dtype)
        np.ascontiguousarray(result).tofile(folder / f"{case}.expected")


if __name__ == "__main__":
    main()
