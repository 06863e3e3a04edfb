"""Shared by the command-line tests: a tiny data set, tiny models, and a way to run the program.

Needs nothing but Python's standard library.
"""

import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ.get("CUEBENCH_PROGRAM", "cuebench")
SHARED = pathlib.Path(os.environ.get("CUEBENCH_SHARED",
                                     pathlib.Path(__file__).resolve().parents[2] / ".." / "shared")).resolve()


def run(*arguments, timeout=300, **options):
    """Runs cuebench; returns (exit code, standard output, standard error)."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, **options)
    return done.returncode, done.stdout, done.stderr


def shared(relative):
    """A path of the reference data; skips the test when it is not there (in CI that is a failure)."""
    path = SHARED / relative
    if path.exists():
        return path
    if os.environ.get("CI") == "true":
        raise AssertionError(f"reference data missing in CI: {relative}")
    raise unittest.SkipTest(f"reference data not here: ../shared/{relative}")


def write_safetensors(path, tensors):
    """tensors: name -> (shape, list of floats)."""
    header, payload = {}, b""
    for name, (shape, values) in tensors.items():
        packed = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(payload), len(payload) + len(packed)]}
        payload += packed
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + payload)


def write_tiny_model(path, seed, classes=10):
    """conv 3->8 stride 2, ReLU, conv 8->12, ReLU, global average, linear; random weights."""
    rng = random.Random(seed)

    def values(count, scale):
        return [rng.gauss(0, scale) for _ in range(count)]

    write_safetensors(path, {
        "0.weight": ([8, 3, 3, 3], values(216, 0.3)), "0.bias": ([8], values(8, 0.1)),
        "2.weight": ([12, 8, 3, 3], values(864, 0.2)), "2.bias": ([12], values(12, 0.1)),
        "5.weight": ([classes, 12], values(classes * 12, 0.8)), "5.bias": ([classes], values(classes, 0.1)),
    })
    pathlib.Path(f"{path}.json").write_text(json.dumps({
        "arch": "sequential",
        "input_size": [3, 32, 32],
        "layers": [{"conv": {"out": 8, "kernel": 3, "stride": 2, "padding": 1}}, "relu",
                   {"conv": {"out": 12, "kernel": 3, "padding": 1}}, "relu", "global_average_pool",
                   {"linear": classes}],
    }))


def write_tiny_cifar(path, count, seed=0):
    """Smooth random pictures in CIFAR-10's binary format."""
    rng = random.Random(seed)
    records = bytearray()
    for _ in range(count):
        records.append(rng.randrange(10))
        for _ in range(3):
            low, high, period = rng.randrange(120), rng.randrange(130, 256), rng.randrange(3, 12)
            for y in range(32):
                for x in range(32):
                    records.append(high if (x // period + y // period) % 2 else low)
    pathlib.Path(path).write_bytes(bytes(records))


class Case(unittest.TestCase):
    """A test with a folder of its own that holds a tiny data set and two models."""

    images = 96

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="cuebench-cli-")
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)
        self.data = self.folder / "test_batch.bin"
        write_tiny_cifar(self.data, self.images)
        for name, seed in (("standard", 1), ("robust", 2)):
            write_tiny_model(self.folder / f"{name}.safetensors", seed)

    def evaluate(self, out, *more, models=None, data=None):
        """Arguments of a small evaluation."""
        models = models or [f"standard={self.folder}/standard.safetensors,role=standard",
                            f"robust={self.folder}/robust.safetensors,role=robust"]
        arguments = ["evaluate", "--data", data or f"cifar10:{self.data}", "--quiet"]
        for flag, value in (("--out", self.folder / out), ("--block", "16"), ("--batch", "8")):
            if flag not in more:
                arguments += [flag, value]
        for model in models:
            arguments += ["--model", model]
        if "--variant" not in more and "--suite" not in more:
            arguments += ["--variant", "grayscale", "patch_shuffle:k=4", "saturate:p=8"]
        return arguments + list(more)

    def assert_refused(self, result, code, *words):
        """One sentence on standard error that holds every word; nothing on standard output."""
        status, out, err = result
        self.assertEqual(status, code, err)
        self.assertEqual(out, "")
        lines = [line for line in err.splitlines() if line.strip()]
        self.assertEqual(len(lines), 1, f"not one sentence:\n{err}")
        for word in words:
            self.assertIn(str(word), lines[0])
        self.assertNotIn("what():", err)


def main():
    runner = unittest.TextTestRunner(verbosity=2)
    result = unittest.main(exit=False, testRunner=runner, argv=sys.argv).result
    sys.exit(0 if result.wasSuccessful() else 1)
