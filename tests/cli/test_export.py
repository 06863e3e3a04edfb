"""scripts/export_torchscript.py: what it writes is what cuebench computes, and `cuebench doctor --model` notices when not."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import zipfile

import harness

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "export_torchscript.py"
PYTHON = os.environ.get("CUEBENCH_TORCH_PYTHON", "/usr/bin/python3")
# Several exports in one process, because importing PyTorch takes longer than most of them.
DRIVER = """
import contextlib, importlib.util, io, json, sys
specification = importlib.util.spec_from_file_location("export_torchscript", sys.argv[1])
script = importlib.util.module_from_spec(specification)
specification.loader.exec_module(script)
results = []
for arguments in json.load(sys.stdin):
    sys.argv = [sys.argv[0], *arguments]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = script.main()
    results.append([status, out.getvalue(), err.getvalue()])
json.dump(results, sys.stdout)
"""
MODEL = """
import torch
from torch import nn

class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(3, 4)

    def forward(self, x):
        if x.mean() > 0.3:
            x = x * 2
        return self.head(x.mean([2, 3]))

class Dictionary(Branches):
    def forward(self, x):
        return {"logits": self.head(x.mean([2, 3]))}

def small(): return nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4))
def branches(): return Branches()
def dictionary(): return Dictionary()
def number(): return 3
def save_weights():
    # Not only a model: leaves two files for the exports behind it.
    torch.save({"epoch": 3, "state_dict": {"module." + k: v for k, v in small().state_dict().items()}}, "small.pth")
    torch.save(nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10)).state_dict(), "zoo.pth")
    return small()
def fails(): raise ValueError("first line\\nsecond line")
"""
# A zoo with RobustBench's interface: it loads the file that lies where it would have downloaded it to.
ZOO = """
import enum
import torch
from torch import nn
BenchmarkDataset = enum.Enum("BenchmarkDataset", {"cifar_10": "cifar10", "imagenet": "imagenet"})
ThreatModel = enum.Enum("ThreatModel", {"Linf": "Linf", "L2": "L2"})
def make(): return nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))
model_dicts = {BenchmarkDataset.cifar_10: {ThreatModel.Linf: {"Someone2020Robust": {"model": make, "gdrive_id": "1"}}},
               BenchmarkDataset.imagenet: {}}
"""
ZOO_UTILS = """
import os
import torch
from robustbench.model_zoo import make
def load_model(model_name, model_dir, dataset, threat_model):
    module = make()
    module.load_state_dict(torch.load(os.path.join(model_dir, dataset, threat_model, model_name + ".pt")))
    return module
"""


def python(out, *more):
    return ("--source", "python", "--file", "my_model.py", "--input-size", "3", "32", "32", "--out", out, *more)


def torchvision(out, *more):
    return ("--source", "torchvision", "--out", out, *more)


def robustbench(out, *more):
    return ("--source", "robustbench", "--model", "Someone2020Robust", "--out", out, *more)


# Arguments, and words of the sentence that refuses them.
REFUSED = {
    torchvision("x.pt", "--model", "resnet81", "--weights", "none"): ["resnet81", "resnet18"],
    torchvision("x.pt", "--model", "resnet18"): ["--weights", "DEFAULT"],
    torchvision("x.pt", "--model", "resnet18", "--weights", "nowhere.pth"): ["nowhere.pth", "IMAGENET1K_V1"],
    torchvision("x.pt", "--model", "resnet18", "--weights", "notes.txt"): ["notes.txt", "state_dict"],
    torchvision("x.pt", "--weights", "none"): ["--model"],
    ("--source", "timm", "--model", "resnet18", "--weights", "none", "--out", "x.pt"): ["timm", "pip install timm"],
    ("--source", "keras", "--out", "x.pt"): ["keras", "torchvision"],
    python("x.pt", "--function", "smal"): ["smal", "small"],
    python("x.pt", "--function", "dictionary"): ["dict", "logits"],
    python("x.pt", "--function", "number"): ["int", "torch.nn.Module"],
    python("x.pt", "--function", "fails"): ["ValueError", "first line"],
    python("x.pt", "--function", "small", "--mean", "0.5"): ["--mean", "3 channels"],
    python("x.pt", "--function", "small", "--classes", "names.txt"): ["2 class names", "4 logits"],
    python("x.pt", "--function", "small", "--weights", "gone.pth"): ["gone.pth"],
    python("absent/x.pt", "--function", "small"): ["absent/x.pt", "cannot be written"],
    robustbench("x.pt", "--weights", "none", "--threat", "L1"): ["L1", "Linf"],
    robustbench("x.pt", "--weights", "DEFAULT"): ["cannot be loaded"],
}
WRITTEN = {
    "resnet18": torchvision("resnet18.pt", "--model", "resnet18", "--weights", "none", "--seed", "0",
                            "--input-size", "3", "64", "64"),
    "small": python("small.pt", "--function", "small", "--mean", "0.5", "0.5", "0.5", "--std", "0.25", "0.25", "0.25",
                    "--role", "robust"),
    "branches": python("branches.pt", "--function", "branches"),
    "weights": python("weights.pt", "--function", "save_weights"),
    "refilled": python("refilled.pt", "--function", "small", "--weights", "small.pth"),
    "robust": robustbench("robust.pt", "--weights", "zoo.pth"),
}


def need_torchvision():
    find = "import importlib.util as u; assert u.find_spec('torch') and u.find_spec('torchvision')"
    if shutil.which(PYTHON) and subprocess.run([PYTHON, "-c", find], capture_output=True).returncode == 0:
        return
    if os.environ.get("CI") == "true":
        raise AssertionError("python3-torchvision is missing in CI")
    raise unittest.SkipTest("no PyTorch here: install python3-torch and python3-torchvision")


class Export(harness.Case):
    images = 8

    @classmethod
    def setUpClass(cls):
        need_torchvision()
        folder = tempfile.TemporaryDirectory(prefix="cuebench-export-")
        cls.addClassCleanup(folder.cleanup)
        cls.exports = pathlib.Path(folder.name)
        cls.write_sources()
        cls.results = cls.export([*REFUSED, *WRITTEN.values()])
        cls.written = dict(zip(WRITTEN, cls.results[len(REFUSED):]))
        for status, _, err in cls.written.values():
            assert status == 0, err
        cls.resnet = cls.exports / "resnet18.pt"

    @classmethod
    def write_sources(cls):
        (cls.exports / "my_model.py").write_text(MODEL)
        (cls.exports / "notes.txt").write_text("no weights")
        (cls.exports / "names.txt").write_text("cat\ndog\n")
        (cls.exports / "robustbench" / "model_zoo").mkdir(parents=True)
        (cls.exports / "robustbench" / "__init__.py").write_text("")
        (cls.exports / "robustbench" / "model_zoo" / "__init__.py").write_text(ZOO)
        (cls.exports / "robustbench" / "utils.py").write_text(ZOO_UTILS)
        (cls.exports / "timm.py").write_text("raise ImportError('not installed')")

    @classmethod
    def export(cls, cases):
        done = subprocess.run([PYTHON, "-c", DRIVER, SCRIPT], input=json.dumps(cases), capture_output=True, text=True,
                              cwd=cls.exports, env={**os.environ, "PYTHONPATH": str(cls.exports)}, timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def changed(self, name, change):
        """The exported model with another sidecar."""
        sidecar = json.loads(pathlib.Path(f"{self.resnet}.json").read_text())
        change(sidecar)
        os.symlink(self.resnet, self.folder / f"{name}.pt")
        (self.folder / f"{name}.pt.json").write_text(json.dumps(sidecar))
        return f"{name}={self.folder}/{name}.pt"

    def assert_sentence(self, result, code, *words):
        """As assert_refused, for a command that prints what it found before it fails."""
        self.assert_refused((result[0], "", result[2]), code, *words)

    def test_doctor_agrees_with_python(self):
        self.assertIn("traced, 11689512 parameters, 1000 classes, 3 x 64 x 64", self.written["resnet18"][1])
        status, out, err = harness.run("doctor", "--model", f"resnet={self.resnet}")
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(out.count("passes"), 1 + ("script-mkldnn" in out), out)
        self.assertNotIn("fails", out)
        self.assertIn("top-1 agrees on 3 of 3 images", out)
        for fact in ("torchscript, 11689512 parameters", "3 x 64 x 64", "taps           75", "resnet18, random weights"):
            self.assertIn(fact, out)

    def test_what_differs_is_named(self):
        wrong_mean = self.changed("mean", lambda s: s.update(mean=[0.5, 0.5, 0.5]))
        swapped = self.changed("swapped", lambda s: s.update(channel_order="bgr"))
        result = harness.run("doctor", "--model", wrong_mean, swapped)
        self.assert_sentence(result, 1, "model 'mean'", "mean [0.485, 0.456, 0.406] and std [0.229, 0.224, 0.225]",
                             "mean.pt.json", "model 'swapped'", "channel_order rgb")
        self.assertIn("fails", result[1])

        def corrupt(sidecar):
            sidecar["reference"]["logits"][1][7] += 0.01

        self.assert_sentence(harness.run("doctor", "--model", self.changed("logit", corrupt)), 1, "logit", "likely causes")

    def test_a_reference_that_is_none(self):
        model = self.changed("bare", lambda s: s.pop("reference"))
        status, out, err = harness.run("doctor", "--model", model)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("export_torchscript.py", out)
        self.assert_refused(harness.run("doctor", "--model", f"m={self.folder}/absent.pt"), 2, "absent.pt")

        def cut(sidecar):
            sidecar["reference"]["logits"][2].pop()

        self.assert_refused(harness.run("doctor", "--model", self.changed("short", cut)), 2, "short.pt.json", "image 2")

        def fewer(sidecar):
            sidecar["reference"]["logits"] = [row[:10] for row in sidecar["reference"]["logits"]]

        self.assert_sentence(harness.run("doctor", "--model", self.changed("fewer", fewer)), 2, "1000 classes", "reference 10")

    def test_evaluate_runs_with_the_export_and_keeps_its_results_when_the_file_is_damaged(self):
        small = self.folder / "small.pt"
        for suffix in ("", ".json"):
            shutil.copy(f"{self.exports}/small.pt{suffix}", f"{small}{suffix}")
        folder = self.folder / "images"
        for name in "abcd":
            (folder / name).mkdir(parents=True)
            header = b"P6 32 32 255 "
            (folder / name / "1.ppm").write_bytes(header + bytes((ord(name) * i) % 256 for i in range(3 * 32 * 32)))
        arguments = self.evaluate("run", models=[f"small={small}"], data=folder)
        status, _, err = harness.run(*arguments)
        self.assertEqual(status, 0, err)
        before = (self.folder / "run" / "results.json").read_bytes()
        self.assertEqual(json.loads(before)["models"][0]["role"], "robust")
        self.refile(small, lambda name, content: b"9999\n" if name.endswith("/version") else content)
        self.assert_refused(harness.run(*arguments, "--overwrite"), 2, "small.pt", "9999")
        self.assertEqual((self.folder / "run" / "results.json").read_bytes(), before)

    def refile(self, path, edit):
        with zipfile.ZipFile(path) as archive:
            entries = {name: edit(name, archive.read(name)) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in entries.items():
                archive.writestr(name, content)

    def test_what_cannot_be_exported_is_one_sentence(self):
        for (arguments, words), (status, out, err) in zip(REFUSED.items(), self.results):
            with self.subTest(" ".join(arguments)):
                self.assert_refused((status, out, err), 2, "export_torchscript: ", *words)
        self.assertEqual(list(self.exports.glob("x.pt*")), [])

    def test_other_sources(self):
        # A branch that depends on the pixels is kept: tracing would have followed one of its sides.
        self.assertIn("scripted", self.written["branches"][1])
        sidecar = json.loads((self.exports / "robust.pt.json").read_text())
        self.assertEqual((sidecar["role"], sidecar["mean"], sidecar["std"]), ("robust", [0, 0, 0], [1, 1, 1]))
        models = [f"{name}={self.exports}/{name}.pt" for name in ("branches", "robust", "refilled")]
        status, out, err = harness.run("doctor", "--model", *models)
        self.assertEqual((status, err), (0, ""))
        self.assertNotIn("fails", out)


if __name__ == "__main__":
    harness.main()
