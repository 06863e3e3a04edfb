#!/usr/bin/python3
"""Oracle for the imaging layer: what Pillow makes of the same bytes. Writes records to standard output.

A record is one text line, "NAME key=value ...", with the lengths of the binary parts that follow it:
file=N (an encoded file), input=N and output=N (pixels). It never imports cuebench.

  imaging_pillow.py photos TAR    every JPEG of a tar: SHA-256 of its RGB, and 224 crops of its 256-short resizes
  imaging_pillow.py resize SEED   random pictures of odd sizes, resized to odd sizes by every filter
  imaging_pillow.py formats SEED  small files of many formats, modes and options, with their RGB (and L) pixels
"""
import hashlib
import io
import struct
import sys
import tarfile

import numpy as np
from PIL import Image, ImageOps

FILTERS = {"nearest": Image.NEAREST, "box": Image.BOX, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC,
           "lanczos": Image.LANCZOS}


def record(name, values, parts):
    fields = [name] + [f"{k}={v}" for k, v in values.items()] + [f"{k}={len(v)}" for k, v in parts.items()]
    sys.stdout.buffer.write((" ".join(fields) + "\n").encode())
    for part in parts.values():
        sys.stdout.buffer.write(part)


def photos(tar):
    """torchvision's Resize(256) and CenterCrop(224), written out."""
    with tarfile.open(tar) as archive:
        for member in archive:
            data = archive.extractfile(member).read()
            image = Image.open(io.BytesIO(data)).convert("RGB")
            width, height = image.size
            short = min(width, height)
            new = (int(256 * width / short), int(256 * height / short))
            for name in ("bilinear", "bicubic", "lanczos", "box"):
                resized = image.resize(new, FILTERS[name])
                left, top = int(round((new[0] - 224) / 2.0)), int(round((new[1] - 224) / 2.0))
                crop = resized.crop((left, top, left + 224, top + 224))
                record(name, {"rgb_sha256": hashlib.sha256(image.tobytes()).hexdigest()},
                       {"file": data, "output": crop.tobytes()})


def resize(seed):
    rng = np.random.default_rng(seed)
    sizes = [(1, 1, 1, 1), (1, 1, 5, 7), (5, 7, 1, 1), (1, 40, 3, 11), (40, 1, 11, 3), (7, 5, 7, 9), (7, 5, 9, 5),
             (16, 16, 16, 16), (17, 33, 224, 31), (300, 2, 2, 300), (97, 131, 64, 64), (200, 200, 7, 7)]
    sizes += [tuple(int(v) for v in rng.integers(1, 80, 4)) for _ in range(40)]
    for height, width, out_height, out_width in sizes:
        pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        if rng.random() < 0.5:  # black and white overshoot most
            pixels = np.where(pixels < 128, 0, 255).astype(np.uint8)
        for name, code in FILTERS.items():
            output = Image.fromarray(pixels).resize((out_width, out_height), code)
            record(name, {"height": height, "width": width, "out_height": out_height, "out_width": out_width},
                   {"input": pixels.tobytes(), "output": output.tobytes()})


def picture(rng, height, width):
    """Smooth colours with some noise, so that lossy formats have something to do."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [127 + 100 * np.sin(x / rng.uniform(3, 30) + y / rng.uniform(3, 30) + c) for c in range(3)]
    return np.clip(np.stack(waves, 2) + rng.normal(0, 9, (height, width, 3)), 0, 255).astype(np.uint8)


def saved(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def bmp(pixels_header, body):
    offset = 14 + len(pixels_header)
    return struct.pack("<2sIHHI", b"BM", offset + len(body), 0, 0, offset) + pixels_header + body


def bmp_files(rng, height, width):
    """Depths that Pillow reads but does not write."""
    words = rng.integers(0, 65536, (height, (width + 1) // 2 * 2), dtype=np.uint16)
    body16 = words.astype("<u2").tobytes()
    info = lambda bits, compression, h=height: struct.pack("<IiiHHIIiiII", 40, width, h, 1, bits, compression, 0, 0, 0, 0, 0)
    yield "bmp_555", bmp(info(16, 0), body16)
    yield "bmp_565", bmp(info(16, 3) + struct.pack("<III", 0xf800, 0x7e0, 0x1f), body16)
    yield "bmp_555_fields", bmp(info(16, 3) + struct.pack("<III", 0x7c00, 0x3e0, 0x1f), body16)
    body32 = rng.integers(0, 256, (height, width, 4), dtype=np.uint8).tobytes()
    yield "bmp_32", bmp(info(32, 0), body32)
    yield "bmp_32_top_down", bmp(info(32, 0, -height), body32)
    yield "bmp_32_fields", bmp(info(32, 3) + struct.pack("<III", 0xff0000, 0xff00, 0xff), body32)
    stride = (width * 3 + 3) // 4 * 4
    core = struct.pack("<IHHHH", 12, width, height, 1, 24)
    yield "bmp_core", bmp(core, rng.integers(0, 256, height * stride, dtype=np.uint8).tobytes())


def pnm_files(rng, height, width):
    grey = rng.integers(0, 256, (height, width), dtype=np.uint8)
    text = lambda values: " ".join(str(int(v)) for v in values.ravel()).encode()
    size = b"%d %d" % (width, height)
    yield "pbm_plain", b"P1\n# a comment\n" + size + b"\n" + text(grey > 99)
    yield "pbm_raw", b"P4 " + size + b"\n" + np.packbits(grey > 99, axis=1).tobytes()
    yield "pgm_plain", b"P2\n" + size + b" 255\n" + text(grey)
    yield "pgm_raw", b"P5\n" + size + b"\n255\n" + grey.tobytes()
    for maxval in (1, 3, 15, 100, 254):
        yield f"pgm_raw_{maxval}", b"P5\n" + size + b"\n%d\n" % maxval + (grey % (maxval + 1)).tobytes()
        colour = rng.integers(0, maxval + 1, (height, width, 3))
        yield f"ppm_plain_{maxval}", b"P3\n" + size + b"\n%d\n" % maxval + text(colour)
    for maxval in (256, 1023, 65535):
        colour = rng.integers(0, maxval + 1, (height, width, 3))
        yield f"ppm_raw_{maxval}", b"P6\n" + size + b"\n%d\n" % maxval + colour.astype(">u2").tobytes()


def tiff(order, size, tags, body):
    """A TIFF of one strip at offset 8, then the directory, then the values that do not fit into it."""
    width, height = size
    tags = {256: [width], 257: [height], 259: [1], 273: [8], 278: [height], 279: [len(body)], **tags}
    start = 8 + len(body) + len(body) % 2
    extra_at, extra, entries = start + 2 + 12 * len(tags) + 4, b"", b""
    for tag, values in sorted(tags.items()):
        data = struct.pack(f"{order}{len(values)}H", *values) if max(values) < 65536 else struct.pack(order + "I", *values)
        kind = 3 if max(values) < 65536 else 4
        if len(data) > 4:
            data, extra = struct.pack(order + "I", extra_at + len(extra)), extra + data
        entries += struct.pack(order + "HHI", tag, kind, len(values)) + data.ljust(4, b"\0")
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, start)
    return head + body + b"\0" * (len(body) % 2) + struct.pack(order + "H", len(tags)) + entries + bytes(4) + extra


def tiff_files(rng, height, width):
    """Kinds that Pillow reads but does not write."""
    for order, name in (("<", "little"), (">", "big")):
        colour16 = rng.integers(0, 65536, (height, width, 3)).astype(order + "u2").tobytes()
        yield f"tiff_rgb16_{name}", tiff(order, (width, height), {258: [16] * 3, 262: [2], 277: [3]}, colour16)
        colour = rng.integers(0, 256, (height, width, 3), dtype=np.uint8).tobytes()
        yield f"tiff_rgb8_{name}", tiff(order, (width, height), {258: [8] * 3, 262: [2], 277: [3]}, colour)
        planes = {258: [8] * 3, 262: [2], 277: [3], 284: [2], 273: [8 + height * width * c for c in range(3)],
                  279: [height * width] * 3}
        yield f"tiff_planar_{name}", tiff(order, (width, height), planes, colour)
        for extra in (0, 1, 2):
            four = rng.integers(0, 256, (height, width, 4), dtype=np.uint8).tobytes()
            yield f"tiff_extra{extra}_{name}", tiff(order, (width, height),
                                                    {258: [8] * 4, 262: [2], 277: [4], 338: [extra]}, four)
        grey = rng.integers(0, 256, (height, width), dtype=np.uint8).tobytes()
        yield f"tiff_white_is_zero_{name}", tiff(order, (width, height), {258: [8], 262: [0], 277: [1]}, grey)
        palette = rng.integers(0, 65536, 768)
        yield f"tiff_palette_{name}", tiff(order, (width, height), {258: [8], 262: [3], 277: [1], 320: list(palette)}, grey)


def saved_files(rng, height, width):
    rgb = Image.fromarray(picture(rng, height, width))
    alpha = Image.fromarray(rng.integers(0, 256, (height, width), dtype=np.uint8))
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    grey = rgb.convert("L")
    la = grey.copy()
    la.putalpha(alpha)
    modes = {"rgb": rgb, "rgba": rgba, "l": grey, "la": la, "1": rgb.convert("1"), "p": rgb.quantize(37)}
    for mode in ("rgb", "rgba", "l", "la", "1", "p"):
        yield f"png_{mode}", saved(modes[mode], "PNG")
    for colours in (2, 4, 16):
        yield f"png_p{colours}", saved(rgb.quantize(colours), "PNG")
    for mode in ("rgb", "l", "1", "p", "rgba"):
        yield f"bmp_{mode}", saved(modes[mode], "BMP")
    for mode in ("rgb", "rgba", "l"):
        yield f"webp_lossless_{mode}", saved(modes[mode], "WEBP", lossless=True)
        for quality in (10, 90):
            yield f"webp_q{quality}_{mode}", saved(modes[mode], "WEBP", quality=quality)
    for mode in ("rgb", "rgba", "l", "la", "1", "p"):
        for compression in ("raw", "tiff_lzw", "tiff_deflate", "packbits"):
            yield f"tiff_{compression}_{mode}", saved(modes[mode], "TIFF", compression=compression)
    yield "tiff_cmyk", saved(rgb.convert("CMYK"), "TIFF")
    yield "tiff_jpeg", saved(rgb, "TIFF", compression="jpeg")
    yield "jp2_rgb", saved(rgb, "JPEG2000")
    yield "jp2_l", saved(grey, "JPEG2000")
    yield "jp2_lossy", saved(rgb, "JPEG2000", irreversible=True, quality_layers=[20])
    yield "jp2_tiles", saved(rgb, "JPEG2000", tile_size=(32, 32))
    for subsampling in (0, 1, 2):
        for progressive in (False, True):
            yield f"jpeg_s{subsampling}_p{int(progressive)}", saved(
                rgb, "JPEG", quality=int(rng.integers(5, 100)), subsampling=subsampling, progressive=progressive)
    yield "jpeg_l", saved(grey, "JPEG")
    yield "jpeg_cmyk", saved(rgb.convert("CMYK"), "JPEG")


def oriented_files(rng, height, width):
    rgb = Image.fromarray(picture(rng, height, width))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for kind in ("JPEG", "PNG", "WEBP"):
            yield f"exif_{kind}_{orientation}", saved(rgb, kind, exif=exif.tobytes())


def formats(seed):
    rng = np.random.default_rng(seed)
    for height, width in ((37, 50), (1, 1), (3, 129), (64, 64)):
        for make in (bmp_files, pnm_files, tiff_files, saved_files):
            for name, data in make(rng, height, width):
                image = Image.open(io.BytesIO(data))
                rgb = image.convert("RGB")
                record(name, {"height": height, "width": width, "exif": 0},
                       {"file": data, "output": rgb.tobytes(), "luminance": image.convert("L").tobytes()})
        for name, data in oriented_files(rng, height, width):
            image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
            record(name, {"height": image.height, "width": image.width, "exif": 1},
                   {"file": data, "output": image.tobytes(), "luminance": image.convert("L").tobytes()})


if __name__ == "__main__":
    command, argument = sys.argv[1:]
    {"photos": photos, "resize": lambda s: resize(int(s)), "formats": lambda s: formats(int(s))}[command](argument)
