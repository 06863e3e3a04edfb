"""Ratios of `cuebench evaluate` against its floor, its peer and itself, taken side by side, interleaved; medians.

Usage: evaluate.py --bin BUILD/bin --data ../shared/data [--repeat 5] [--part forward|python|channels|memory|imagenet ...]
"""

import argparse
import json
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile

VARIANTS = ["grayscale", "edges", "patch_shuffle:k=2", "patch_shuffle:k=4", "patch_shuffle:k=8", "saturate:p=4",
            "saturate:p=8", "saturate:p=64", "saturate:p=1024"]
PYTHON = "/usr/bin/python3"


class Bench:
    def __init__(self, arguments):
        self.bin = pathlib.Path(arguments.bin).resolve()
        self.data = pathlib.Path(arguments.data).resolve()
        self.repeat = arguments.repeat
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cuebench-bench-"))
        weights = self.data / "checkpoints/original"
        self.models = {"standard": weights / "CIFAR10-resnet20.pth", "robust": weights / "CIFAR10-resnet20-adv.pth"}
        self.lossless = f"cifar10:{self.data / 'cifar10/test_batch_first1017.bin.xz'}"
        self.images = f"folder:{self.unpack('cifar10/test_jpeg_10000.tar.xz')}/test"

    def unpack(self, archive):
        target = self.folder / pathlib.Path(archive).stem.replace(".", "-")
        with tarfile.open(self.data / archive) as tar:
            tar.extractall(target)
        return target

    def evaluate(self, *more, images=None, models=None, variants=VARIANTS):
        """Images per second of the streaming part, from the manifest; and the peak memory in MiB."""
        out = self.folder / f"run-{random.randrange(10**9)}"
        command = ["/usr/bin/time", "-f", "%M", str(self.bin / "cuebench"), "evaluate", "--quiet", "--pictures", "0",
                   "--data", images or self.images, "--out", str(out), "--threads", "2", "--variant", *variants]
        for name, file in (models or self.models).items():
            command += ["--model", f"{name}={file}"]
        done = subprocess.run([*command, *more], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        times = json.loads((out / "manifest.json").read_text())["times"]
        shutil.rmtree(out)
        return float(times["images_per_second"]), int(done.stderr.split()[-1]) / 1024

    def bare(self, images, variants, batch, models):
        command = [str(self.bin / "bare_forward"), images, str(variants), "2", str(batch)]
        command += [f"{name}={file}" for name, file in models.items()]
        done = subprocess.run(command, capture_output=True, text=True, env={"OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin"})
        if done.returncode != 0:
            sys.exit(done.stderr)
        return float(done.stdout.split()[1])

    def python(self, mode, workers, threads, limit):
        folder = self.images.split(":", 1)[1]
        command = [PYTHON, str(pathlib.Path(__file__).parent / "python_baseline.py"), "--data", folder, "--limit", str(limit),
                   "--mode", mode, "--workers", str(workers), "--threads", str(threads)]
        for name, file in self.models.items():
            command += ["--model", f"{name}={file}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        return json.loads(done.stdout.splitlines()[-1])["images_per_second"]

    def interleaved(self, what, first, second, unit="images/s"):
        """Runs both in turn; prints the medians and the median of the pairwise ratios."""
        pairs = [(first(), second()) for _ in range(self.repeat)]
        ratio = statistics.median(a / b for a, b in pairs)
        a, b = (statistics.median(column) for column in zip(*pairs))
        print(f"{what}: {a:.1f} against {b:.1f} {unit}, ratio {ratio:.3f} (median of {self.repeat})", flush=True)

    def part_forward(self):
        self.interleaved("evaluate against bare forward passes, 2 CIFAR ResNet-20, 10 variants, 2 threads",
                         lambda: self.evaluate(images=self.lossless)[0],
                         lambda: self.bare(self.lossless, len(VARIANTS) + 1, 64, self.models))

    def part_python(self):
        for mode in ("eager", "channels_last", "frozen"):
            settings = {(w, t): self.python(mode, w, t, 300) for w, t in ((2, 2), (2, 1), (1, 2))}
            best = max(settings, key=settings.get)
            self.interleaved(f"evaluate against the Python script ({mode} models, its best setting: {best[0]} loader workers, "
                             f"{best[1]} model threads), same images, variants and models",
                             lambda: self.evaluate("--limit", "1000")[0], lambda: self.python(mode, *best, 1000))

    def part_channels(self):
        for what, layers in (("stage_3.2 and avgpool (closed form)", ("stage_3.2", "avgpool")),
                             ("stage_1.2, stage_2.2 and stage_3.2 (gradients)", ("stage_1.2", "stage_2.2", "stage_3.2"))):
            self.interleaved(f"time with channel statistics at {what} against without",
                             lambda layers=layers: 1000 / self.evaluate("--channels", *layers, images=self.lossless)[0],
                             lambda: 1000 / self.evaluate(images=self.lossless)[0], "seconds per 1,000 images")
        self.interleaved("time with all interventions at stage_3.2 (closed form, 305 settings and draws) against its statistics alone",
                         lambda: 1000 / self.evaluate("--channels", "stage_3.2", "--intervene", "stage_3.2", images=self.lossless)[0],
                         lambda: 1000 / self.evaluate("--channels", "stage_3.2", images=self.lossless)[0],
                         "seconds per 1,000 images")

    def part_memory(self):
        big = self.folder / "big.bin"
        source = subprocess.run(["xz", "-dc", self.data / "cifar10/data_batch_1_first4000.bin.xz"], capture_output=True).stdout
        with big.open("wb") as file:
            for _ in range(13):
                file.write(source)
        few = [self.evaluate("--limit", "1000", images=f"cifar10:{big}", variants=["grayscale"])[1] for _ in range(3)]
        many = self.evaluate("--limit", "50000", images=f"cifar10:{big}", variants=["grayscale"])[1]
        print(f"peak memory: 50,000 images {many:.0f} MiB, 1,000 images {statistics.median(few):.0f} MiB, "
              f"ratio {many / statistics.median(few):.3f}", flush=True)

    def part_imagenet(self):
        script = self.folder / "resnet18.pt"
        subprocess.run([PYTHON, "-c", "import torch, torchvision; torch.manual_seed(0); "
                        "m = torchvision.models.resnet18(num_classes=1000).eval(); "
                        f"torch.jit.trace(m, torch.zeros(1, 3, 224, 224)).save('{script}')"], check=True)
        images = f"folder:{self.unpack('imagenet_sample/imagenet_sample_250.tar')}"
        models = {"resnet18": script}
        self.interleaved("evaluate against bare forward passes, TorchScript ResNet-18 at 224 px, 10 variants, 2 threads",
                         lambda: self.evaluate(images=images, models=models)[0],
                         lambda: self.bare(images, len(VARIANTS) + 1, 4, models))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--part", nargs="+", default=["forward", "python", "channels", "memory", "imagenet"])
    arguments = parser.parse_args()
    bench = Bench(arguments)
    try:
        for part in arguments.part:
            getattr(bench, f"part_{part}")()
    finally:
        shutil.rmtree(bench.folder)


if __name__ == "__main__":
    main()
