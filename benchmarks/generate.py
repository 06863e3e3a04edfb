"""Ratios of `cuebench generate` against its floor, against one thread and against the usual Python script; medians.

Usage: generate.py --bin BUILD/bin --data ../shared/data [--repeat 5] [--limit 100] [--part floor threads python]
                   [--variant patch_shuffle saturate grayscale]

Photographs at the preset `imagenet` (224 x 224), PNG. The runs that are compared take turns. For each cheap variant X, with the
times C of `clean` alone (the codec floor: decode, resize, encode, write), CX of `clean` and X, and CN of `clean` and the variant
that changes nothing (saturate:p=2), all for one item and in processor time:
  images written a second against the floor                    2 C / CX
  the floor against the time that X adds                       C / (CX - C)
  a set of X alone, decoding included, against the floor       C / (C + CX - CN)
The last one is the strictest: it has no shared decoding. For saturate itself, and by some 20 microseconds an image for the
others, it leaves out the time of a look-up, which CN has too.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile

PYTHON = "/usr/bin/python3"
NEUTRAL = "saturate:p=2"
SUITE_VARIANTS = 13


class Bench:
    def __init__(self, arguments):
        self.program = pathlib.Path(arguments.bin).resolve() / "cuebench"
        self.repeat, self.limit, self.variants = arguments.repeat, arguments.limit, arguments.variant
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cuebench-bench-"))
        self.images = self.folder / "images"
        with tarfile.open(pathlib.Path(arguments.data) / "imagenet_sample/imagenet_sample_250.tar") as tar:
            tar.extractall(self.images)

    def generate(self, *more, threads=1):
        """(processor seconds, wall seconds of the work) for one item, all variants."""
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        command = [self.program, "generate", "--data", f"folder:{self.images}", "--preset", "imagenet", "--out", out, "--quiet",
                   "--limit", str(self.limit), "--threads", str(threads), *more]
        before = os.times()
        done = subprocess.run([*map(str, command)], capture_output=True, text=True)
        after = os.times()
        if done.returncode != 0:
            sys.exit(done.stderr)
        wall = 1 / float(json.loads((out / "manifest.json").read_text())["times"]["images_per_second"])
        processor = after.children_user + after.children_system - before.children_user - before.children_system
        return processor / self.limit, wall

    def python(self, processes):
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        script = pathlib.Path(__file__).parent / "generate_python.py"
        done = subprocess.run([PYTHON, script, self.images, out, "--processes", str(processes), "--limit", str(self.limit)],
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        return float(done.stdout) / self.limit

    def rounds(self, **measures):
        """Runs all measures in turn, several times: name -> list of results."""
        results = {name: [] for name in measures}
        for _ in range(self.repeat):
            for name, measure in measures.items():
                results[name].append(measure())
        return results

    def part_floor(self):
        measures = {"clean": lambda: self.generate()[0], "neutral": lambda: self.generate("--variant", NEUTRAL)[0]}
        for variant in self.variants:
            measures[variant] = lambda variant=variant: self.generate("--variant", variant)[0]
        found = self.rounds(**measures)
        floor = statistics.median(found["clean"])
        print(f"codec floor (clean alone): {1 / floor:.0f} images/s a core ({1000 * floor:.2f} ms)", flush=True)
        for variant in self.variants:
            runs = list(zip(found["clean"], found[variant], found["neutral"]))
            written = statistics.median(2 * c / cx for c, cx, _ in runs)
            added = statistics.median(cx - c for c, cx, _ in runs)
            alone = statistics.median(c / (c + cx - cn) for c, cx, cn in runs)
            print(f"{variant}: images written a second {written:.2f} of the floor; adds {1000 * added:.2f} ms, floor / added "
                  f"{floor / added:.2f}; a set of it alone {alone:.3f} of the floor (median of {self.repeat})", flush=True)

    def part_threads(self):
        more = ("--variant", *self.variants)
        found = self.rounds(one=lambda: self.generate(*more)[1], two=lambda: self.generate(*more, threads=2)[1])
        ratio = statistics.median(one / two for one, two in zip(found["one"], found["two"]))
        print(f"2 threads against 1, clean and {', '.join(self.variants)}: {ratio:.2f} times as fast "
              f"({1 / statistics.median(found['one']):.1f} and {1 / statistics.median(found['two']):.1f} items/s)", flush=True)

    def part_python(self):
        for processes in (1, 2):
            found = self.rounds(cuebench=lambda: self.generate("--suite", "shape-texture", threads=processes)[1],
                                python=lambda: self.python(processes))
            ratio = statistics.median(theirs / ours for ours, theirs in zip(found["cuebench"], found["python"]))
            ours, theirs = (SUITE_VARIANTS / statistics.median(found[name]) for name in ("cuebench", "python"))
            print(f"suite shape-texture, {processes} thread(s) against {processes} process(es) of the Python script: "
                  f"{ours:.0f} against {theirs:.0f} images/s written, ratio {ratio:.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--variant", nargs="+", default=["patch_shuffle", "saturate", "grayscale"])
    parser.add_argument("--part", nargs="+", default=["floor", "threads", "python"])
    arguments = parser.parse_args()
    bench = Bench(arguments)
    try:
        for part in arguments.part:
            getattr(bench, f"part_{part}")()
    finally:
        shutil.rmtree(bench.folder)


if __name__ == "__main__":
    main()
