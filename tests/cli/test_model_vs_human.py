"""`evaluate` on stimuli in Geirhos' layout gives the records of model-vs-human's own evaluation.

The network is computed again in plain Python, its 1,000 outputs are made into the 16 categories as the published definition
says, and the decisions are compared with the files that the program exports. The files themselves are checked against the
rules of model-vs-human's writer and reader, and read back by `cuebench score`.
"""

import csv
import io
import json
import math
import os
import pathlib
import random
import re
import struct
import subprocess
import unittest
import zlib

import harness
from harness import Case, run, write_safetensors

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATEGORIES = ["airplane", "bear", "bicycle", "bird", "boat", "bottle", "car", "cat", "chair", "clock", "dog", "elephant",
              "keyboard", "knife", "oven", "truck"]
CIFAR10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
SHARED_WITH_CIFAR10 = {"airplane": 0, "bird": 2, "boat": 8, "car": 1, "cat": 3, "dog": 5, "truck": 9}
WAYS = ("mean", "sum", "max", "logsumexp")
SIDE = 8
PYTHON = "/usr/bin/python3"


def need_torch():
    try:
        if subprocess.run([PYTHON, "-c", "import numpy, torch, PIL"], capture_output=True).returncode == 0:
            return
    except FileNotFoundError:
        pass
    if os.environ.get("CI") == "true":
        raise AssertionError("python3-torch or python3-pil is missing in CI")
    raise unittest.SkipTest("python3-torch or python3-pil is not here: nothing to compare with")


def published_lists():
    lists = {}
    for line in (ROOT / "src/evaluation/resources/imagenet16.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, *indices = line.split()
            lists[name] = [int(index) for index in indices]
    return lists


def write_png(path, pixels):
    """pixels: rows of (r, g, b)."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    raw = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in pixels)
    header = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 8, 2, 0, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


class Network:
    """Pointwise convolution 3 -> 8, ReLU, global average, linear: a model of which Python can be sure."""

    def __init__(self, seed, outputs, scale=2.5):
        rng = random.Random(seed)
        self.outputs = outputs
        self.first = [rng.gauss(0, 1) for _ in range(24)]
        self.bias = [rng.gauss(0, 0.2) for _ in range(8)]
        self.last = [rng.gauss(0, scale) for _ in range(outputs * 8)]
        self.last_bias = [rng.gauss(0, 0.1) for _ in range(outputs)]

    def write(self, path, **sidecar):
        write_safetensors(path, {"0.weight": ([8, 3, 1, 1], self.first), "0.bias": ([8], self.bias),
                                 "3.weight": ([self.outputs, 8], self.last), "3.bias": ([self.outputs], self.last_bias)})
        pathlib.Path(f"{path}.json").write_text(json.dumps({
            "arch": "sequential", "input_size": [3, SIDE, SIDE],
            "layers": [{"conv": {"out": 8, "kernel": 1}}, "relu", "global_average_pool", {"linear": self.outputs}], **sidecar}))

    def logits(self, pixels):
        features = [0.0] * 8
        for row in pixels:
            for pixel in row:
                for k in range(8):
                    features[k] += max(0.0, self.bias[k] + sum(self.first[3 * k + c] * pixel[c] / 255 for c in range(3)))
        features = [value / (len(pixels) * len(pixels[0])) for value in features]
        return [self.last_bias[j] + sum(self.last[8 * j + k] * features[k] for k in range(8)) for j in range(self.outputs)]


def values(logits, lists, way):
    """Category -> value, as the papers define it."""
    largest = max(logits)
    total = math.fsum(math.exp(z - largest) for z in logits)
    result = {}
    for name, indices in sorted(lists.items()):
        p = [math.exp(logits[i] - largest) / total for i in indices]
        result[name] = {"mean": lambda: math.fsum(p) / len(p), "sum": lambda: math.fsum(p), "max": lambda: max(p),
                        "logsumexp": lambda: largest + math.log(math.fsum(math.exp(logits[i] - largest) for i in indices))}[way]()
    return result


def decision(logits, lists, way):
    found = values(logits, lists, way)
    return max(sorted(found), key=found.get)  # the first of equal ones


def model_vs_human_trials(path):
    """A file as model-vs-human's own code reads it, and every rule that its writer follows."""
    text = path.read_bytes().decode()
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", ""), "lines end as csv.writer ends them"
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == "subj,session,trial,rt,object_response,category,condition,imagename".split(","), rows[0]
    trials = [dict(zip(rows[0], row)) for row in rows[1:]]
    set_name, model, session = re.fullmatch(r"([^_]+)_([^_]+)_session-(\d+)\.csv", path.name).groups()
    assert path.parent.name == set_name
    short = set()
    for number, trial in enumerate(trials, 1):
        assert len(trial) == 8 and trial["subj"].replace("_", "-") == model, trial
        assert trial["session"] == session and trial["trial"] == str(number) and trial["rt"] == "NaN", trial
        assert trial["object_response"] in CATEGORIES and trial["category"] in CATEGORIES, trial
        assert trial["condition"] == "NaN" and "/" not in trial["imagename"], trial
        parts = trial["imagename"].split("_")  # get_short_imagename
        short.add("_".join(parts[-2:]) if len(parts) > 1 and parts[-2].startswith("n0") else parts[-1])
        if set_name.startswith("cue-conflict"):
            shape, texture = re.fullmatch(r"([a-z]+)\d+-([a-z]+)\d+(?:\.png)?", trial["imagename"]).groups()
            assert shape == trial["category"] and texture in CATEGORIES, trial
    assert len(short) == len(trials), "images are told apart by their short names"
    return trials


def shape_bias(trials):
    """Shape decisions among shape and texture decisions where the two differ (shape_bias of model-vs-human's analyses)."""
    shape = texture = 0
    for trial in trials:
        a, b = (re.match("[a-z]+", part).group() for part in trial["imagename"].split("-"))
        shape += a != b and trial["object_response"] == a
        texture += a != b and trial["object_response"] == b
    return shape, texture


class ModelVersusHumanTest(Case):
    images = 1

    def setUp(self):
        super().setUp()
        rng = random.Random(5)
        self.pictures = {}
        for number, shape in enumerate(CATEGORIES):
            for step in range(6):  # the first has texture = shape
                texture = CATEGORIES[(number + 3 * step) % 16]
                colour = [rng.randrange(32, 224) for _ in range(3)]
                pixels = [[tuple(value + rng.randrange(-32, 32) for value in colour) for _ in range(SIDE)] for _ in range(SIDE)]
                name = f"{shape}/{shape}{step + 1}-{texture}{number + 1}.png"
                self.pictures[name] = pixels
                write_png(self.folder / "stimuli" / name, pixels)
        self.data = f"geirhos:{self.folder / 'stimuli'}"
        self.network = Network(11, 1000)
        self.network.write(self.folder / "my_net.safetensors")
        self.other = Network(12, 1000)
        self.other.write(self.folder / "other.safetensors")
        self.lists = published_lists()
        self.models = [f"my_net={self.folder}/my_net.safetensors", f"other={self.folder}/other.safetensors"]

    def scored(self, out, *more, models=None, data=None, variant="clean"):
        arguments = self.evaluate(out, "--variant", variant, *more, models=models or self.models, data=data or self.data)
        code, output, errors = run(*arguments)
        self.assertEqual(code, 0, errors)
        self.said = output + errors
        return json.loads((self.folder / out / "results.json").read_text())

    def bias(self, results, model, variant="clean"):
        return next(e for e in results["shape_bias"] if e["model"] == model and e["variant"] == variant)

    def top1(self, results, model, variant="clean"):
        return next(e for e in results["scores"] if e["model"] == model and e["variant"] == variant)["top1"]

    def test_the_exported_decisions_are_those_of_the_published_definition(self):
        for way in WAYS:
            with self.subTest(way):
                results = self.scored(f"run-{way}", "--aggregation", way, "--export-trials", self.folder / f"raw-{way}")
                differing = 0
                for name, network in (("my_net", self.network), ("other", self.other)):
                    file = self.folder / f"raw-{way}" / "cue-conflict" / f"cue-conflict_{name.replace('_', '-')}_session-1.csv"
                    trials = model_vs_human_trials(file)
                    self.assertEqual([t["imagename"] for t in trials], [n.split("/")[1] for n in sorted(self.pictures)])
                    right = 0
                    for trial in trials:
                        logits = network.logits(self.pictures[f"{trial['category']}/{trial['imagename']}"])
                        wanted = decision(logits, self.lists, way)
                        self.assertEqual(trial["object_response"], wanted, trial["imagename"])
                        right += wanted == trial["category"]
                        differing += wanted != decision(logits, self.lists, "mean" if way != "mean" else "sum")
                    shape, texture = shape_bias(trials)
                    entry = self.bias(results, name)
                    self.assertEqual((entry["shape"], entry["texture"]), (shape, texture))
                    self.assertEqual(entry["shape"] + entry["texture"] + entry["other"], 80)
                    self.assertEqual(self.top1(results, name)["value"], right / 96)
                self.assertGreater(differing, 5, "the test tells the ways apart")

    def test_the_four_ways_stand_side_by_side_and_the_used_one_is_the_runs(self):
        results = self.scored("run")
        found = {(e["model"], e["aggregation"]): e for e in results["aggregations"]}
        self.assertEqual(set(found), {(m, way) for m in ("my_net", "other") for way in WAYS})
        for (model, way), entry in found.items():
            network = self.network if model == "my_net" else self.other
            shape = texture = right = 0
            for name, pixels in self.pictures.items():
                a, b = (re.match("[a-z]+", part).group() for part in name.split("/")[1].split("-"))
                decided = decision(network.logits(pixels), self.lists, way)
                right += decided == a
                shape += a != b and decided == a
                texture += a != b and decided == b
            self.assertEqual((entry["shape"], entry["texture"], entry["other"]), (shape, texture, 80 - shape - texture))
            self.assertEqual(entry["top1"]["value"], right / 96)
            self.assertEqual(entry["used"], way == "mean")
            if entry["used"]:
                for key in ("shape", "texture", "other", "shape_bias"):
                    self.assertEqual(entry[key], self.bias(results, model)[key])
                self.assertEqual(entry["top1"], self.top1(results, model))
        with open(self.folder / "run/metrics.csv", newline="") as file:
            names = {row["metric"] for row in csv.DictReader(file)}
        self.assertLessEqual({f"shape_bias[{way}]" for way in WAYS} | {f"top1[{way}]" for way in WAYS}, names)
        page = (self.folder / "run/report.html").read_text()
        self.assertIn("Shape bias, mean (used)", page)
        self.assertIn("Shape bias, logsumexp<", page)
        other = self.scored("run-max", "--aggregation", "max")
        without = lambda entries: [{k: v for k, v in e.items() if k != "used"} for e in entries]
        self.assertEqual(without(other["aggregations"]), without(results["aggregations"]))

    def test_only_another_aggregation_than_mean_is_another_run(self):
        self.assertNotIn("aggregation", self.scored("run")["configuration"])
        self.scored("run", "--aggregation", "mean")
        again = run(*self.evaluate("run", "--variant", "clean", "--aggregation", "sum", models=self.models, data=self.data))
        self.assert_refused(again, 2, "'aggregation'", "--overwrite")

    def test_shards_and_threads_give_the_same_bytes(self):
        self.scored("whole", "--threads", "2")
        for shard in range(2):
            arguments = self.evaluate(f"shard{shard}", "--variant", "clean", "--shard", f"{shard}/2", models=self.models,
                                      data=self.data)
            self.assertEqual(run(*arguments)[0], 0)
        self.assertEqual(run("merge", self.folder / "shard0", self.folder / "shard1", "--out", self.folder / "merged")[0], 0)
        for file in ("results.json", "metrics.csv"):
            self.assertEqual((self.folder / "whole" / file).read_bytes(), (self.folder / "merged" / file).read_bytes())

    def test_score_reads_the_files_and_gives_the_runs_numbers(self):
        results = self.scored("run", "--export-trials", self.folder / "raw", variant="grayscale")
        later = self.folder / "later"
        code, _, errors = run("report", self.folder / "run", "--export-trials", later)
        self.assertEqual(code, 0, errors)
        files = sorted(p.relative_to(later) for p in later.rglob("*.csv"))
        self.assertEqual(len(files), 4, "one a model and data set, and a variant is a data set")
        for file in files:
            self.assertEqual((later / file).read_bytes(), (self.folder / "raw" / file).read_bytes())
            model_vs_human_trials(later / file)
        code, output, errors = run("score", later, "--out", self.folder / "scores", "--replicates", "0")
        self.assertEqual(code, 0, errors)
        with open(self.folder / "scores/score.csv", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["category"] in ("all", "")]
        variants = [v["variant"] for v in results["variants"]]
        self.assertEqual(len(variants), 2)
        for variant in variants:
            for model in ("my_net", "other"):
                mine = [r for r in rows if r["observer"] == model and (r["set"] == "cue-conflict") == (variant == "clean")]
                bias = next(r for r in mine if r["metric"] == "shape_bias")
                accuracy = next(r for r in mine if r["metric"] == "accuracy" and "pearson" not in r["method"].lower())
                for row, wanted in ((bias, self.bias(results, model, variant)["shape_bias"]),
                                    (accuracy, self.top1(results, model, variant))):
                    self.assertEqual(float(row["value"]), wanted["value"], row)
                    self.assertEqual(int(row["n"]), wanted["n"], row)
                    self.assertAlmostEqual(float(row["low"]), wanted["low"], 12)

    def test_a_part_of_the_stimuli_is_decided_among_all_sixteen(self):
        for folder in (self.folder / "stimuli").iterdir():
            for file in folder.iterdir():
                if not re.fullmatch(r"(cat|dog|oven)\d+-(cat|dog|oven)\d+\.png", file.name):
                    file.unlink()
            if not any(folder.iterdir()):
                folder.rmdir()
        self.scored("run", "--export-trials", self.folder / "raw")
        for trial in model_vs_human_trials(self.folder / "raw/cue-conflict/cue-conflict_my-net_session-1.csv"):
            logits = self.network.logits(self.pictures[f"{trial['category']}/{trial['imagename']}"])
            self.assertEqual(trial["object_response"], decision(logits, self.lists, "mean"))

    def test_a_cifar_model_decides_among_its_seven_categories_on_the_images_that_it_can_know(self):
        network = Network(3, 10)
        named, unnamed = self.folder / "named.safetensors", self.folder / "unnamed.safetensors"
        network.write(named, classes=CIFAR10)
        network.write(unnamed)
        known = [name for name in self.pictures
                 if all(re.match("[a-z]+", part).group() in SHARED_WITH_CIFAR10 for part in name.split("/")[1].split("-"))]
        self.assertGreater(len(known), 8)
        by_name = self.scored("named", "--export-trials", self.folder / "raw", models=[f"net={named}"])
        self.assertIn(f"{96 - len(known)} more images are left out", self.said)
        self.assertEqual(by_name["left_out"]["images"], 96 - len(known))
        self.assertEqual(by_name["left_out"]["no_output_for"], [c for c in CATEGORIES if c not in SHARED_WITH_CIFAR10])
        self.assertEqual(by_name["items"]["total"], len(known))
        self.assertNotIn("aggregations", by_name, "one output a category: all four ways are one")
        self.assertIn("a model has no output", (self.folder / "named/report.html").read_text())
        lists = {category: [index] for category, index in SHARED_WITH_CIFAR10.items()}
        trials = model_vs_human_trials(self.folder / "raw/cue-conflict/cue-conflict_net_session-1.csv")
        self.assertEqual(sorted(f"{t['category']}/{t['imagename']}" for t in trials), sorted(known))
        for trial in trials:
            logits = network.logits(self.pictures[f"{trial['category']}/{trial['imagename']}"])
            self.assertEqual(trial["object_response"], decision(logits, lists, "mean"), trial)
        shape, texture = shape_bias(trials)
        entry = self.bias(by_name, "net")
        self.assertEqual((entry["shape"], entry["texture"]), (shape, texture))

        refused = run(*self.evaluate("no", "--variant", "clean", models=[f"net={unnamed}"], data=self.data))
        self.assert_refused(refused, 2, "'net' has 10 outputs", "--class-mapping")
        typed = self.scored("typed", "--class-mapping", "cifar10", models=[f"net={unnamed}"])
        self.assertEqual(typed["shape_bias"], by_name["shape_bias"])

        both = self.scored("both", "--class-mapping", "net=cifar10", models=[f"net={unnamed}", self.models[0]])
        self.assertEqual(self.bias(both, "net")["shape"], shape)
        wanted = [decision(self.network.logits(self.pictures[name]), self.lists, "mean") == name.split("/")[0] for name in known]
        self.assertEqual(self.top1(both, "my_net")["value"], sum(wanted) / len(known), "all models on the same images")

    def test_a_mapping_file_says_what_outputs_mean(self):
        network = Network(4, 20)
        network.write(self.folder / "twenty.safetensors")
        lists = {category: [k, 19 - k] if k < 3 else [k] for k, category in enumerate(CATEGORIES)}
        file = self.folder / "mapping.json"
        file.write_text(json.dumps(lists))
        models = [f"net={self.folder}/twenty.safetensors"]
        results = self.scored("run", "--class-mapping", file, "--export-trials", self.folder / "raw", models=models)
        for trial in model_vs_human_trials(self.folder / "raw/cue-conflict/cue-conflict_net_session-1.csv"):
            logits = network.logits(self.pictures[f"{trial['category']}/{trial['imagename']}"])
            self.assertEqual(trial["object_response"], decision(logits, lists, "mean"))
        self.assertEqual(len(results["aggregations"]), 4)
        file.write_text(json.dumps({**lists, "cat": [7, 8]}))
        self.assert_refused(run(*self.evaluate("run2", "--class-mapping", file, models=models, data=self.data)), 2, file,
                            "output 8", "'cat'", "'chair'")
        self.assertFalse((self.folder / "run2").exists())
        self.assert_refused(run(*self.evaluate("run2", "--class-mapping", "imagenet", models=models, data=self.data)), 2,
                            "'imagenet'", "imagenet16 or cifar10")

    def test_what_the_files_cannot_hold_is_refused_before_the_work(self):
        asked = ("--variant", "clean", "--export-trials", self.folder / "raw")
        cifar = f"cifar10:{self.folder}/test_batch.bin"
        net = f"net={self.folder}/standard.safetensors"
        self.assert_refused(run(*self.evaluate("a", *asked, models=[net], data=cifar)), 2, "'automobile'", "16 categories")
        self.assertFalse((self.folder / "a").exists())
        file = f"{self.folder}/other.safetensors"
        self.assert_refused(run(*self.evaluate("b", *asked, models=[f"a_b={file}", f"a-b={file}"], data=self.data)), 2,
                            "'a_b' and 'a-b'")
        self.assert_refused(run(*self.evaluate("c", *asked, "--trials-set", "a_b", models=self.models, data=self.data)), 2,
                            "--trials-set 'a_b'")
        code, _, errors = run(*self.evaluate("d", "--trials-set", "x", models=self.models, data=self.data))
        self.assertEqual(code, 2, errors)
        self.assert_refused(run(*self.evaluate("e", "--aggregation", "median", models=self.models, data=self.data)), 2,
                            "'median'", "logsumexp")
        code, _, errors = run(*self.evaluate("whole", models=[net], data=cifar))
        self.assertEqual(code, 0, errors)
        self.assert_refused(run("report", self.folder / "whole", "--export-trials", self.folder / "raw"), 2, "'automobile'")

    def test_one_cue_sets_are_named_by_the_user(self):
        for name, pixels in self.pictures.items():
            shape = name.split("/")[0]
            write_png(self.folder / "silhouettes" / shape / f"{shape}{name.split('-')[0][len(shape) * 2 + 1:]}.png", pixels)
        results = self.scored("run", "--export-trials", self.folder / "raw", "--trials-set", "silhouette",
                              data=f"folder:{self.folder / 'silhouettes'}")
        trials = model_vs_human_trials(self.folder / "raw/silhouette/silhouette_my-net_session-1.csv")
        right = sum(t["object_response"] == t["category"] for t in trials)
        self.assertEqual(self.top1(results, "my_net")["value"], right / 96)
        self.assertEqual(len([e for e in results["aggregations"] if "shape_bias" in e]), 0)

    def test_published_weights_on_published_stimuli_decide_as_in_torch(self):
        archive = harness.shared("data/cue_conflict/cue_conflict_96.tar")
        weights = harness.shared("data/checkpoints/converted/squeezenet1_0_deepcompressed.pth")
        lists = harness.shared("data/published/mapping/imagenet16.json")
        need_torch()
        done = subprocess.run([PYTHON, ROOT / "tests/parity/model_vs_human_torch.py", weights, archive, lists],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        wanted = json.loads(done.stdout)
        file = self.folder / "squeezenet.pth"
        file.write_bytes(weights.read_bytes())
        pathlib.Path(f"{file}.json").write_text(json.dumps(
            {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "input_size": [3, 224, 224]}))
        results = self.scored("run", "--export-trials", self.folder / "raw", models=[f"squeezenet1_0={file}"],
                              data=f"geirhos:{archive}")
        trials = model_vs_human_trials(self.folder / "raw/cue-conflict/cue-conflict_squeezenet1-0_session-1.csv")
        self.assertEqual({t["imagename"]: t["object_response"] for t in trials},
                         {name: decided["mean"] for name, decided in wanted.items()})
        for entry in results["aggregations"]:
            decided = [{"imagename": name, "object_response": of[entry["aggregation"]]} for name, of in wanted.items()]
            self.assertEqual((entry["shape"], entry["texture"]), shape_bias(decided), entry["aggregation"])

    def test_a_cifar_pair_on_published_stimuli_and_under_attack(self):
        archive = harness.shared("data/cue_conflict/cue_conflict_96.tar")
        folder = harness.shared("data/checkpoints/safetensors")
        models = [f"{name}={folder}/vanilla-resnet20-{name}.safetensors" for name in ("std", "adv")]
        for way in ("mean", "max"):
            results = self.scored(f"run-{way}", "--class-mapping", "cifar10", "--preset", "res32", "--aggregation", way,
                                  models=models, data=f"geirhos:{archive}", variant="pgd:epsilon=8/255,steps=5")
            self.assertEqual(results["items"]["scored"], 22)
            self.assertEqual(results["left_out"]["images"], 74)
            clean, attacked = (next(e for e in results["scores"] if e["model"] == "std" and e["variant"] == v)
                               for v in [entry["variant"] for entry in results["variants"]])
            entry = self.bias(results, "std")
            self.assertEqual(entry["shape"] + entry["texture"] + entry["other"], 15)
            self.assertLess(attacked["top1"]["value"], clean["top1"]["value"], "the attack works on the seven categories")


if __name__ == "__main__":
    unittest.main()
