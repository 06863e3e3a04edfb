"""Computes the model-vs-human manipulations of raw RGB images with NumPy, SciPy, scikit-image and Pillow, after the
formulas of Geirhos et al. 2018, for comparison with the C++ transforms.

Usage: transforms_model_vs_human.py FOLDER
Reads FOLDER/NAME.WIDTHxHEIGHT.rgb (HEIGHT x WIDTH x 3 bytes), FOLDER/monitor.txt (the light of the 256 levels) and,
with the numbers that the C++ program drew, FOLDER/NAME.shifts (float32, phase shifts in half turns),
FOLDER/NAME.fields (float32, for each scale HEIGHT x WIDTH x 2 displacements x, y). Writes FOLDER/NAME.VARIANT (bytes
of the images' layout).
"""

import io
import pathlib
import sys

import numpy as np
from PIL import Image
from scipy import fft, ndimage
from skimage.color import rgb2gray
from skimage.filters import threshold_otsu

MEAN_GREY = 0.4423


def cut_off(values):
    """To bytes as the published code: clip and cast. 1e-9 against sums that miss a whole level by their last digit."""
    return (255 * np.clip(values, 0, 1) + 1e-9).astype(np.uint8)


def rounded(values):
    return np.clip(np.floor(255 * values + 0.5), 0, 255).astype(np.uint8)


def three(plane):
    return np.repeat(plane[:, :, None], 3, axis=2)


def low_pass(grey, sigma):
    return ndimage.gaussian_filter(grey, sigma, mode="constant", cval=MEAN_GREY)


def high_pass(grey, sigma):
    detail = grey - low_pass(grey, sigma)
    return detail + MEAN_GREY - detail.mean()


def scrambled(grey, half_turns, mirrored):
    """Phases of the frequencies strictly between Nyquist's, which even sizes have in their first row and column."""
    spectrum = np.fft.fftshift(np.fft.fft2(grey))
    amplitude, phase = np.abs(spectrum), np.angle(spectrum)
    block = phase[1 - grey.shape[0] % 2:, 1 - grey.shape[1] % 2:]
    flat = block.flatten()
    half = flat.size // 2
    shifts = np.pi * half_turns.astype(float)
    assert shifts.size == half
    flat[:half] += shifts
    flat[half + 1:] -= shifts[::-1] if mirrored else shifts
    block[...] = flat.reshape(block.shape)
    return np.fft.ifft2(np.fft.ifftshift(amplitude * np.exp(1j * phase))).real


def equalised(grey, amount):
    """Amplitudes of an average photograph: .454 per pixel for the mean, exp(7.83 - 1.258 ln f) at 224 x 224."""
    height, width = grey.shape
    side, pixels = min(height, width), height * width
    v, u = np.meshgrid(np.fft.fftfreq(height), np.fft.fftfreq(width), indexing="ij")
    frequency = side * np.hypot(v, u)
    frequency[0, 0] = 1
    wanted = np.exp(7.83 - 1.258 * np.log(frequency)) / 224 ** 2 * side * np.sqrt(pixels)
    wanted[0, 0] = 0.454 * pixels
    spectrum = np.fft.fft2(grey)
    own = np.abs(spectrum)
    amplitude = np.where(own < 1e-5 * np.sqrt(pixels), 0, np.maximum(own, 1e-12) ** (1 - amount) * wanted ** amount)
    return np.fft.ifft2(amplitude * np.exp(1j * np.angle(spectrum))).real


def opponent(image, light):
    """By way of cones and a DKL space, as the source: matrices of its code, white point of half light."""
    cones_of_light = np.array([[0.1619982647, 0.208049264, 0.0389347448], [0.0330275785, 0.2496504557, 0.0618343518],
                               [0.0015524055, 0.0198861001, 0.1890224274]])
    dkl_of_cones = np.array([[9.27590805, 9.27590805, 0], [7.86421647, -9.33587662, 0],
                             [-3.39709047, -3.39709047, 12.16230246]])
    white = np.array([0.20449114, 0.17225619, 0.10523047])
    dkl = (light[image] @ cones_of_light.T - white) @ dkl_of_cones.T
    dkl[..., 1:] *= -1
    changed = (dkl @ np.linalg.inv(dkl_of_cones).T + white) @ np.linalg.inv(cones_of_light).T
    changed = np.clip(changed, 0, 1)
    return np.abs(changed[..., None] - light).argmin(axis=-1).astype(np.uint8)


def disarrayed(image, fields, reach):
    grey = np.asarray(Image.fromarray(image).convert("L")) / 255
    height, width = grey.shape
    scales = [2 ** ((k - 1) / 2) for k in range(len(fields))]
    blurred = [ndimage.gaussian_filter(grey, scales[0])]
    for finer, coarser in zip(scales, scales[1:]):
        blurred.append(ndimage.gaussian_filter(blurred[-1], np.sqrt(coarser ** 2 - finer ** 2)))
    levels = [a - b for a, b in zip(blurred, blurred[1:])] + blurred[-1:]
    padded = [np.pad(level, ((0, height), (0, width)), mode="symmetric") for level in levels]  # one period of mirroring
    y, x = np.mgrid[:height, :width].astype(np.float32)
    result = np.zeros(grey.shape)
    for level, field in zip(padded, fields):
        from_x = np.floor(x + np.float32(reach) * field[..., 0]).astype(int) % (2 * width)
        from_y = np.floor(y + np.float32(reach) * field[..., 1]).astype(int) % (2 * height)
        result += level[from_y, from_x]
    return result


def jpeg(image, quality, subsampling):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(file))


def variants(image, light, shifts, fields):
    grey = rgb2gray(image)
    yield "grey", three(cut_off(grey))
    for level in (0.5, 0.03):
        yield f"contrast{level}", three(cut_off((1 - level) / 2 + level * grey))
    for sigma in (1, 7, 40):
        yield f"low{sigma}", three(cut_off(low_pass(grey, sigma)))
    for sigma in (3, 0.4):
        yield f"high{sigma}", three(cut_off(high_pass(grey, sigma)))
    yield "phase_source", three(cut_off(scrambled(grey, shifts, False)))
    yield "phase_hermitian", three(cut_off(scrambled(grey, shifts, True)))
    for amount in (1, 0.5):
        yield f"power{amount}", three(cut_off(equalised(grey, amount)))
    yield "opponent", opponent(image, light)
    yield "rotate180", three(cut_off(np.rot90(grey, 2)))
    if image.shape[0] == image.shape[1]:
        yield "rotate90", np.rot90(image)
        yield "rotate270", np.rot90(image, 3)
    yield "eidolon", three(cut_off(disarrayed(image, fields, 8)))
    yield "blur2", rounded(ndimage.gaussian_filter(image / 255, (2, 2, 0), mode="nearest"))
    yield "jpeg25", jpeg(image, 25, "4:2:0")
    yield "jpeg80", jpeg(image, 80, "4:4:4")
    levels = rounded(grey)
    yield "binary100", three(np.where(levels >= 100, 255, 0).astype(np.uint8))
    yield "otsu", three(np.where(levels > threshold_otsu(levels), 0, 255).astype(np.uint8))


def main():
    folder = pathlib.Path(sys.argv[1])
    light = np.loadtxt(folder / "monitor.txt")
    for path in folder.glob("*.rgb"):
        name, size, _ = path.name.split(".")
        width, height = (int(side) for side in size.split("x"))
        image = np.fromfile(path, np.uint8).reshape(height, width, 3)
        shifts = np.fromfile(folder / f"{name}.shifts", np.float32)
        fields = np.fromfile(folder / f"{name}.fields", np.float32).reshape(-1, height, width, 2)
        for variant, result in variants(image, light, shifts, fields):
            np.ascontiguousarray(result).tofile(folder / f"{name}.{variant}")


if __name__ == "__main__":
    main()
