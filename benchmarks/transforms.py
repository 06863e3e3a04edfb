"""One table of all transforms: images per second of processor time, ratio to the usual Python code, share of the codec floor.

Usage: transforms.py --bin BUILD/bin --data ../shared/data [--images 12] [--rounds 3] [--seconds 1] [--size 224] [VARIANT...]

Both sides work on the same images, in turn, ROUNDS times; medians. The floor is what `cuebench generate` does to write an image
unchanged (decode, resize, PNG), per second of processor time; "of the floor" is how fast decoding, the variant and
encoding are together, as a share of that. Prints Markdown. A variant without Python code has no ratio.
"""

import argparse
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
WITH_PYTHON = [
    "grayscale", "saturate:p=8", "patch_shuffle:k=4", "edges", "edges:method=find_edges", "contrast:level=0.1", "low_pass:sigma=1",
    "low_pass:sigma=5", "high_pass:sigma=1", "phase_scramble:width=90", "power_equalise", "false_colour", "rotate:degrees=90",
    "uniform_noise:width=0.1", "salt_pepper:p=0.2", "eidolon:kind=1,reach=8", "gaussian_noise:sigma=0.1", "gaussian_blur:sigma=2",
    "jpeg:quality=25", "binarize:method=otsu", "binarize:method=threshold", "silhouette", "stylize", "cutout", "texture_fill", "texture_crop"]
CORRUPTIONS = ["gaussian_noise", "shot_noise", "impulse_noise", "defocus_blur", "glass_blur", "motion_blur", "zoom_blur", "snow",
               "frost", "fog", "brightness", "contrast", "elastic_transform", "pixelate", "jpeg_compression", "speckle_noise",
               "gaussian_blur", "saturate"]
WITH_PYTHON += [f"imagenet_c:corruption={name},severity=3,saved=raw" for name in CORRUPTIONS]
ALONE = ["imagenet_c:corruption=spatter,severity=3,saved=raw"]


def rates(command):
    """"VARIANT X" lines -> {variant: X}."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in done.stdout.splitlines()}


def floor_rate(program, source, images, folder):
    """Images written unchanged per second of processor time, beyond what one image costs (the start of the program)."""
    def seconds(limit, name):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([program, "generate", "--quiet", "--data", source, "--preset", "imagenet", "--threads", "1", "--limit",
                        str(limit), "--out", str(folder / name)], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (images - 1) / (seconds(images, f"floor-{images}-{len(list(folder.iterdir()))}") - seconds(1, f"one-{len(list(folder.iterdir()))}"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--images", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("variants", nargs="*")
    given = parser.parse_args()
    variants = given.variants or WITH_PYTHON + ALONE
    source = f"folder:{given.data / 'imagenet_sample/imagenet_sample_250.tar'}"
    with tempfile.TemporaryDirectory(prefix="cuebench-bench-") as name:
        folder = pathlib.Path(name)
        preset = "imagenet" if given.size == 224 else f"custom:exact={given.size}"
        subprocess.run([str(given.bin / "cuebench"), "generate", "--quiet", "--data", source, "--limit", str(given.images),
                        "--preset", preset, "--out", str(folder / "images")], check=True, capture_output=True)
        clean = folder / "images" / "clean"
        own, peer, floors = {}, {}, []
        for _ in range(given.rounds):
            floors.append(floor_rate(str(given.bin / "cuebench"), source, 100, folder))
            for variant in variants:
                for found, rate in rates([given.bin / "transforms_rate", f"folder:{clean}", given.images, variant]).items():
                    own.setdefault(variant, []).append(rate)
                if variant not in ALONE:
                    for rate in rates([PYTHON, HERE / "transforms_python.py", clean, given.images, "--seconds", given.seconds,
                                       variant]).values():
                        peer.setdefault(variant, []).append(rate)
        floor = statistics.median(floors)
        print(f"floor: {floor:.0f} images per second of processor time\n")
        print("| variant | Python | cuebench | ratio | of the floor |\n|---|---|---|---|---|")
        for variant in variants:
            mine = statistics.median(own[variant])
            other = statistics.median(peer[variant]) if variant in peer else None
            print(f"| {variant} | {f'{other:,.4g}' if other else ''} | {mine:,.4g} | {f'{mine / other:.1f}' if other else ''} | "
                  f"{1 / (1 + floor / mine):.2f} |")


if __name__ == "__main__":
    main()
