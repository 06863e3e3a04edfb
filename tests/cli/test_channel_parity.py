"""Every statistic of `evaluate --channels` beside tests/parity/channels_torch.py, which follows the definitions in float64."""

import csv
import itertools
import json
import lzma
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest

import harness

PYTHON = "/usr/bin/python3"
ORACLE = pathlib.Path(__file__).resolve().parents[1] / "parity" / "channels_torch.py"
RECORD = 3073  # bytes of an image and its label in CIFAR-10's binary format

IMAGES = 200
PARTITIONS = list(itertools.product(("class_clean", "per_image_clean", "per_image_self"), (0, 0.1)))
VARIANTS = {"clean": None, "grayscale": "grayscale", "saturate:p=8": "saturate:p=8", "fgsm:8/255": "fgsm:epsilon=8/255"}

# Forward and backward passes are float32 in cuebench and float64 in the oracle: 6e-8 for one rounding, up to 1.3e-6 of the largest
# value after a network of 20 layers and a variance; everything behind them is double on both sides.
TOLERANCE = 1e-5
# FGSM follows the gradient's signs. In the residual networks one that is nearly 0 falls differently in float32 for a few images in
# 200; each moves the statistics of its class by up to a percent. The chain is attacked on images without such signs only.
ATTACK_TOLERANCE = 2e-2
# The same sums in another order of float32.
BATCH_TOLERANCE = 1e-6

COLUMNS = ("mean_act", "var_act", "class_relevance", "freq", "magnitude_when_active")
TOTALS = ("pr_total", "nr_total", "neutral_total")
COUNTS = ("dead_channels",)
CHAIN = {"mean": [0.485, 0.456, 0.406], "std": [0.225, 0.225, 0.225],
         "layers": [{"conv": {"out": 16, "kernel": 4, "stride": 2, "padding": 1}}, "relu",
                    {"conv": {"out": 32, "kernel": 4, "stride": 2, "padding": 1}}, "relu",
                    "flatten", {"linear": 100}, "relu", {"linear": 10}]}


def need_torch():
    try:
        if subprocess.run([PYTHON, "-c", "import numpy, torch"], capture_output=True).returncode == 0:
            return
    except FileNotFoundError:
        pass
    if os.environ.get("CI") == "true":
        raise AssertionError("python3-torch is missing in CI")
    raise unittest.SkipTest("python3-torch is not here: nothing to compare with")


def ask_oracle(folder, **request):
    """(partition, threshold) -> what channels_torch.py says; the images that it kept are in folder/test_batch.bin."""
    (folder / "request.json").write_text(json.dumps({"kept": str(folder / "test_batch.bin"), **request}))
    done = subprocess.run([PYTHON, ORACLE, folder / "request.json", folder / "expected.json"], capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    runs = json.loads((folder / "expected.json").read_text())["runs"]
    return {(run["partition"], run["relevance_threshold"]): run for run in runs}


def evaluate(folder, out, models, variants, taps, *more):
    """Runs cuebench; models: name -> text behind `name=`, taps: name -> layers. Returns the run folder."""
    arguments = ["evaluate", "--data", f"cifar10:{folder}/test_batch.bin", "--quiet", "--out", folder / out,
                 "--channels", *(f"{model}:{tap}" for model, layers in taps.items() for tap in layers),
                 "--variant", *[VARIANTS[variant] for variant in variants if variant != "clean"], *more]
    for name, file in models.items():
        arguments += ["--model", f"{name}={file}"]
    status, _, err = harness.run(*arguments)
    if status != 0:
        raise AssertionError(err)
    return folder / out


def number_or_none(text):
    return float(text) if text else None


def read_channels(run):
    """(model, layer, variant, class) -> rows of channels.csv in the order of channels."""
    tables = {}
    with open(run / "channels.csv", newline="") as file:
        for row in csv.DictReader(file):
            rows = tables.setdefault((row["model"], row["layer"], row["variant"], row["class"]), [])
            assert int(row["channel"]) == len(rows), row
            rows.append(row)
    return tables


class Comparison:
    """Collects what is apart, so that one failure tells everything."""

    def __init__(self):
        self.faults, self.largest = [], {}

    def equal(self, actual, expected, *where):
        if actual != expected:
            self.faults.append(f"{where}: {actual!r}, expected {expected!r}")

    def close(self, actual, expected, scale, tolerance, *where):
        """Within tolerance * scale; undefined on both sides or on none. `where` ends with the field."""
        if actual is None or expected is None:
            return self.equal(actual, expected, *where)
        apart = abs(actual - expected) / (scale or 1)
        field = next(part for part in reversed(where) if isinstance(part, str) and part not in ("value", "low", "high"))
        self.largest[field] = max(self.largest.get(field, 0), apart)
        if not apart <= tolerance:
            self.faults.append(f"{where}: {actual!r}, expected {expected!r}, {apart:.1e} apart, {tolerance:.1e} allowed")


def exchanged(channels, near_ties, n):
    """What a Spearman correlation may change when as many neighbours in order change places, in the mean of n of them."""
    return 12 / (channels * (channels + 1)) * near_ties / n if n else 0


def largest(values):
    return max((abs(value) for value in values if value is not None), default=0)


def compare_group(comparison, group, fields, channels, tolerance, where):
    comparison.equal(set(group) - {"group", "label"}, {name for name in fields if not name.startswith("near_ties")}, *where)
    total = max(fields[name][0] for name in TOTALS)
    for name, (value, n) in fields.items():
        if name.startswith("near_ties"):
            continue
        comparison.equal(group[name]["n"], n, *where, f"{name}.n")
        allowed = 0 if name in COUNTS else tolerance
        if name == "act_rel_spearman_image":
            allowed += exchanged(channels, fields["near_ties_image"][0], n)
        elif name.startswith("act_rel_spearman"):
            allowed += exchanged(channels, fields["near_ties"][0], 1)
        scale = total if name in TOTALS else max(1, value or 0) if name.endswith("_ratio") else 1
        comparison.close(group[name]["value"], value, scale, allowed, *where, name)


def compare(run, expected, variants, tolerances):
    """results.json and channels.csv against the oracle; tolerances: (model, variant) -> number. Returns the Comparison."""
    comparison = Comparison()
    results = json.loads((run / "results.json").read_text())
    full = dict(zip(variants, (variant["variant"] for variant in results["variants"])))
    entries = {(entry["model"], entry["layer"], entry["variant"]): entry for entry in results["channels"]}
    tables = read_channels(run)
    rows = [row for row in expected["rows"] if row["variant"] in full and row["model"] in {key[0] for key in entries}]
    comparison.equal(sorted(entries), sorted((row["model"], row["layer"], full[row["variant"]]) for row in rows), "layers")
    names = {-1: "all"}
    for row in rows:
        where = (row["model"], row["layer"], row["variant"])
        entry, tolerance = entries[row["model"], row["layer"], full[row["variant"]]], tolerances(*where[::2])
        ranked = row["activation_by_rank"]
        comparison.equal(entry["channels"], len(ranked), *where, "channels")
        comparison.equal(entry["positive_channels"], row["positive_channels"], *where, "positive_channels")
        for actual, value in zip(entry["activation_by_rank"], ranked):
            comparison.close(actual, value, largest(ranked), tolerance, *where, "activation_by_rank")
        groups = {str(group["label"]): group for group in entry["groups"]}
        comparison.equal(sorted(groups), sorted(row["groups"]), *where, "groups")
        for label, fields in row["groups"].items():
            names[int(label)] = groups[label]["group"]
            compare_group(comparison, groups[label], fields, len(ranked), tolerance, (*where, groups[label]["group"]))
    compared = 0
    for columns in expected["channels"]:
        where = (columns["model"], columns["layer"], columns["variant"], names.get(columns["group"]))
        if where[:3] not in {(row["model"], row["layer"], row["variant"]) for row in rows}:
            continue
        table = tables.pop((columns["model"], columns["layer"], full[columns["variant"]], where[3]))
        compare_columns(comparison, table, columns, tolerances(*where[:3:2]), where)
        compared += 1
    comparison.equal((sorted(tables), compared > 0), ([], True), "channels.csv")
    return comparison


def compare_columns(comparison, table, columns, tolerance, where):
    comparison.equal(len(table), len(columns["mean_act"]), *where, "rows")
    for channel, row in enumerate(table):
        comparison.equal(int(row["n"]), columns["n"], *where, channel, "n")
        comparison.equal(row["partition"], columns["partition"][channel], *where, channel, "partition")
        count = round(float(row["freq"]) * columns["n"])
        comparison.equal(count, columns["freq_count"][channel], *where, channel, "freq_count")
        for name in COLUMNS:
            actual = number_or_none(row[name])
            allowed = 0 if name == "freq" else tolerance
            comparison.close(actual, columns[name][channel], largest(columns[name]), allowed, *where, channel, name)


class Case(unittest.TestCase):
    def assert_agrees(self, comparison):
        self.assertEqual(comparison.faults[:20], [], f"{len(comparison.faults)} faults")
        if os.environ.get("CUEBENCH_SHOW_DIFFERENCES"):
            print("\n" + "\n".join(f"  {name:28} {apart:.1e}" for name, apart in sorted(comparison.largest.items())))

    def assert_all_numbers(self, run):
        for name in ("results.json", "metrics.csv", "channels.csv"):
            self.assertIsNone(re.search(r"[\s,:]-?(nan|inf(inity)?)[\s,\]}]", (run / name).read_text(), re.IGNORECASE), name)


ACTIONS = [("keep_relevant", 8, "top2"), ("keep_relevant", 32, "top2"), ("zero_relevant", 4, "top2"), ("zero_opposed", 16, "top2"),
           ("suppress_opposed", 0, "top2"), ("suppress_opposed", 0.5, "top2"), ("zero_relevant", 4, "predicted"), ("zero_relevant", 4, "label"),
           ("suppress_opposed", 0, "label")]
INTERVENTIONS = [[model, tap, variant, *action]
                 for model, tap, variant in (("robust", "stage_3.1", "clean"), ("robust", "stage_3.1", "saturate:p=8"),
                                             ("robust", "stage_3", "clean"), ("chain", "3", "clean"), ("chain", "3", "saturate:p=8"))
                 for action in ACTIONS]


class RealNetworks(Case):
    """200 images of CIFAR-10; a ResNet-20 pair, and a chain with two convolutions and a flattened head."""

    taps = {"standard": ["stage_2.2", "stage_3"], "robust": ["stage_3.1", "stage_3"], "chain": ["1", "3", "6"]}

    @classmethod
    def setUpClass(cls):
        need_torch()
        checkpoints = harness.shared("data/checkpoints/original")
        batch = harness.shared("data/cifar10/test_batch_first1017.bin.xz")
        folder = tempfile.TemporaryDirectory(prefix="cuebench-cli-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / "more.bin").write_bytes(lzma.decompress(batch.read_bytes())[:340 * RECORD])
        chain = cls.folder / "chain.pth"
        chain.write_bytes((checkpoints / "abc-cifar_cnn_a_adv.model").read_bytes())
        pathlib.Path(f"{chain}.json").write_text(json.dumps(CHAIN))
        cls.models = {"standard": f"{checkpoints}/CIFAR10-resnet20.pth,role=standard",
                      "robust": f"{checkpoints}/CIFAR10-resnet20-adv.pth,role=robust", "chain": f"{chain}"}
        layers = [["conv", 2, 1], ["relu"], ["conv", 2, 1], ["relu"], ["flatten"], ["linear"], ["relu"], ["linear"]]
        models = [{"name": name, "file": text.split(",")[0], "taps": cls.taps[name]} for name, text in cls.models.items()]
        models[2].update(layers=layers, mean=CHAIN["mean"], std=CHAIN["std"], attack_closely=True)
        cls.expected = ask_oracle(cls.folder, data=str(cls.folder / "more.bin"), keep=IMAGES, variants=list(VARIANTS),
                                  partitions=PARTITIONS, models=models, interventions=INTERVENTIONS)
        cls.oracle_models = models
        cls.interventions = json.loads((cls.folder / "expected.json").read_text())["interventions"]
        cls.whole = cls.evaluate("whole", list(cls.models), list(VARIANTS), "--threads", "1")

    @classmethod
    def evaluate(cls, out, models, variants, *more):
        return evaluate(cls.folder, out, {name: cls.models[name] for name in models}, variants,
                        {name: cls.taps[name] for name in models}, *more)

    @staticmethod
    def tolerance(model, variant):
        return ATTACK_TOLERANCE if variant.startswith("fgsm") and model != "chain" else TOLERANCE

    def test_every_statistic(self):
        self.assert_all_numbers(self.whole)
        self.assert_agrees(compare(self.whole, self.expected["class_clean", 0], list(VARIANTS), self.tolerance))

    def test_every_partition(self):
        variants = ["clean", "saturate:p=8"]
        for partition, threshold in PARTITIONS[1:]:
            with self.subTest(partition=partition, threshold=threshold):
                run = self.evaluate(f"{partition}-{threshold}", ["robust", "chain"], variants, "--partition", partition,
                                    "--relevance-threshold", threshold, "--threads", "1")
                self.assert_agrees(compare(run, self.expected[partition, threshold], variants, self.tolerance))

    def test_interventions(self):
        asked = [f"robust:{tap}:k=4/8/16/32,factor=0/0.5,of={of},action=keep_relevant/zero_relevant/zero_opposed/suppress_opposed"
                 for tap in ("stage_3.1", "stage_3") for of in ("top2", "predicted", "label")]
        asked += [f"chain:3:k=4/8/16/32,factor=0/0.5,of={of},action=keep_relevant/zero_relevant/zero_opposed/suppress_opposed"
                  for of in ("top2", "predicted", "label")]
        run = self.evaluate("intervened", ["robust", "chain"], ["clean", "saturate:p=8"], "--intervene", *asked)
        with open(run / "interventions.csv", newline="") as file:
            rows = {(row["model"], row["layer"], row["variant"].split(":")[0], row["action"], float(row["setting"]), row["of"]): row
                    for row in csv.DictReader(file)}
        compared, moved = 0, set()
        for model, tap, variant, action, setting, of, right in self.interventions:
            row = rows[model, tap, variant.split(":")[0], action, float(setting), of]
            self.assertEqual(int(row["n"]), IMAGES)
            # float32 against float64: one image may lie that close to a tie.
            self.assertAlmostEqual(float(row["accuracy"]) * IMAGES, right, delta=1.001, msg=str((model, tap, variant, action, setting, of)))
            compared += 1
            moved.add(right)
        self.assertEqual(compared, len(INTERVENTIONS))
        self.assertGreater(len(moved), 12, "interventions that all do the same show nothing")

    def test_relevance_of_the_two_largest_logits(self):
        folder = self.folder / "top2"
        folder.mkdir()
        variants = ["clean", "grayscale"]
        expected = ask_oracle(folder, data=str(self.folder / "test_batch.bin"), keep=100, variants=variants, relevance="top2",
                              partitions=[["class_clean", 0]], models=self.oracle_models[1:])
        run = evaluate(folder, "run", {name: self.models[name] for name in ("robust", "chain")}, variants,
                       {name: self.taps[name] for name in ("robust", "chain")}, "--relevance", "top2")
        self.assert_agrees(compare(run, expected["class_clean", 0], variants, self.tolerance))

    def test_pairs_are_robust_minus_standard(self):
        rows = {(row["model"], row["variant"]): row["groups"]["-1"] for row in self.expected["class_clean", 0]["rows"]
                if row["layer"] == "stage_3"}
        pair, = json.loads((self.whole / "results.json").read_text())["pairs"]
        self.assertEqual([entry["layer"] for entry in pair["channels"]], ["stage_3"] * len(VARIANTS))
        comparison = Comparison()
        for entry, variant in zip(pair["channels"], VARIANTS):
            for name in ("nr_share", "nr_share_delta", "align_cosine_image_mean", "align_pearson_image_mean"):
                difference = rows["robust", variant][name][0] - rows["standard", variant][name][0]
                actual = entry[f"{name}_difference"]["value"]
                comparison.close(actual, difference, 1, self.tolerance("standard", variant), variant, name)
        self.assert_agrees(comparison)

    def test_the_long_table_holds_the_same_numbers(self):
        results = json.loads((self.whole / "results.json").read_text())
        with open(self.whole / "metrics.csv", newline="") as file:
            table = {(row["model"], row["variant"], row["class"], row["metric"]): row for row in csv.DictReader(file)}
        checked = 0
        for entry in results["channels"]:
            for group in entry["groups"]:
                for name in set(group) - {"group", "label"}:
                    row = table[entry["model"], entry["variant"], group["group"], f"{name}[{entry['layer']}]"]
                    self.assertEqual((number_or_none(row["value"]), int(row["n"])), (group[name]["value"], group[name]["n"]), row)
                    checked += 1
        self.assertGreater(checked, 5000)

    def test_threads_change_no_bit_and_batches_little(self):
        few = (["robust", "chain"], ["clean", "saturate:p=8"])
        base = self.evaluate("base", *few, "--threads", "1", "--batch", "64")
        two = self.evaluate("two", *few, "--threads", "2", "--batch", "64")
        for name in ("results.json", "metrics.csv", "channels.csv"):
            self.assertEqual((base / name).read_bytes(), (two / name).read_bytes(), name)
        other = self.evaluate("other", *few, "--threads", "1", "--batch", "17")
        comparison = Comparison()
        before, after = (json.loads((run / "results.json").read_text())["channels"] for run in (base, other))
        self.compare_numbers(comparison, after, before, ())
        tables = read_channels(base)
        for key, rows in read_channels(other).items():
            for column in COLUMNS:
                values = [number_or_none(row[column]) for row in tables[key]]
                for row, value in zip(rows, values):
                    comparison.close(number_or_none(row[column]), value, largest(values),
                                     10 * BATCH_TOLERANCE if column == "var_act" else BATCH_TOLERANCE, *key, column)
        self.assert_agrees(comparison)

    def compare_numbers(self, comparison, actual, expected, where):
        if isinstance(expected, dict):
            comparison.equal(set(actual), set(expected), *where)
            for key in expected:
                self.compare_numbers(comparison, actual[key], expected[key], (*where, key))
        elif isinstance(expected, list):
            comparison.equal(len(actual), len(expected), *where)
            for index, (left, right) in enumerate(zip(actual, expected)):
                self.compare_numbers(comparison, left, right, (*where, index))
        elif isinstance(expected, float):
            comparison.close(actual, expected, max(1, abs(expected)), BATCH_TOLERANCE, *where)
        else:
            comparison.equal(actual, expected, *where)


class UndefinedNumbers(Case):
    """Black images, a class of nothing else, a class of one image, dead and irrelevant channels, layers of one and two channels."""

    layers = [["conv", 2, 1], ["relu"], ["conv", 1, 1], ["relu"], ["global_average_pool"], ["linear"]]
    widths = {"wide": (8, 12), "narrow": (2, 1)}
    variants = ["clean", "saturate:p=8", "grayscale"]

    @classmethod
    def setUpClass(cls):
        need_torch()
        folder = tempfile.TemporaryDirectory(prefix="cuebench-cli-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.write_images(cls.folder / "more.bin")
        for seed, (name, widths) in enumerate(cls.widths.items()):
            cls.write_model(cls.folder / f"{name}.safetensors", seed, *widths)
        models = [{"name": name, "file": str(cls.folder / f"{name}.safetensors"), "layers": cls.layers, "taps": ["1", "3"]}
                  for name in cls.widths]
        cls.expected = ask_oracle(cls.folder, data=str(cls.folder / "more.bin"), keep=80, variants=cls.variants,
                                  partitions=[["class_clean", 0], ["per_image_clean", 0.1]], models=models)

    @staticmethod
    def write_images(path):
        """Classes 0 to 6: stripes. 7: stripes so dark that `saturate` makes them black. 8: one image. 9: black images."""
        rng = random.Random(5)
        labels = [8] + [9] * 4 + [rng.randrange(8) for _ in range(85)]
        records = bytearray()
        for label in labels:
            records.append(label)
            for _ in range(3):
                low, high, period = rng.randrange(40), rng.randrange(41, 50) if label == 7 else rng.randrange(130, 256), rng.randrange(3, 9)
                stripes = bytes(high if (x // period + y // period) % 2 else low for y in range(32) for x in range(32))
                records += bytes(1024) if label == 9 else stripes
        path.write_bytes(records)

    @staticmethod
    def write_model(path, seed, first, second):
        """Biases below 0, so that a black image activates nothing and no ReLU sees exactly 0."""
        rng = random.Random(seed)
        def weights(count, scale):
            return [rng.gauss(0, scale) for _ in range(count)]
        conv1, conv2, head = weights(first * 27, 0.3), weights(second * first * 9, 0.2), weights(10 * second, 0.8)
        conv1[:27] = [abs(value) for value in conv1[:27]]  # so that something is always active
        conv2[:first * 9] = [abs(value) for value in conv2[:first * 9]]
        if second > 3:
            conv2[2 * first * 9:3 * first * 9] = [-abs(value) for value in conv2[2 * first * 9:3 * first * 9]]  # dead
            for label in range(10):
                head[label * second + 3] = 0.0  # irrelevant
            head[4 * second:5 * second] = [abs(value) for value in head[4 * second:5 * second]]  # no channel speaks against class 4
        harness.write_safetensors(path, {
            "0.weight": ([first, 3, 3, 3], conv1), "0.bias": ([first], [-0.02] * first),
            "2.weight": ([second, first, 3, 3], conv2), "2.bias": ([second], [-0.01] * second),
            "5.weight": ([10, second], head), "5.bias": ([10], weights(10, 0.1))})
        pathlib.Path(f"{path}.json").write_text(json.dumps({"arch": "sequential", "input_size": [3, 32, 32], "layers": [
            {"conv": {"out": first, "kernel": 3, "stride": 2, "padding": 1}}, "relu",
            {"conv": {"out": second, "kernel": 3, "padding": 1}}, "relu", "global_average_pool", {"linear": 10}]}))

    def test_a_layer_whose_channels_depend_on_the_images_is_refused(self):
        program = """
import sys, torch
class Some(torch.nn.Module):
    def forward(self, x):
        return torch.relu(x[:, : 2 + int(x.mean() > 0.5)])
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.some = Some()
        self.head = torch.nn.Linear(2, 10)
    def forward(self, x):
        return self.head(self.some(x)[:, :2].mean((2, 3)))
torch.manual_seed(0)
torch.jit.script(Net()).save(sys.argv[1])
"""
        script, data = self.folder / "varying.pt", self.folder / "varying.bin"
        (self.folder / "varying.py").write_text(program)  # scripting reads the source
        subprocess.run([PYTHON, self.folder / "varying.py", script], check=True)
        data.write_bytes(b"".join(bytes([label]) + bytes([value]) * (RECORD - 1) for value in (10, 250) for label in range(8)))
        status, _, err = harness.run("evaluate", "--data", f"cifar10:{data}", "--model", f"m={script}", "--channels", "some", "--batch", "8",
                                     "--block", "8", "--threads", "1", "--variant", "grayscale", "--quiet", "--out", self.folder / "varying")
        self.assertEqual(status, 2, err)
        self.assertIn("layer 'some' of model 'm' has", err)
        self.assertIn("on some images and", err)

    def evaluate(self, out, *more):
        models = {name: f"{self.folder}/{name}.safetensors" for name in self.widths}
        return evaluate(self.folder, out, models, self.variants, {name: ["1", "3"] for name in self.widths}, "--block", "16", *more)

    def test_nulls_are_where_the_definitions_have_them(self):
        for (partition, threshold), expected in self.expected.items():
            run = self.evaluate(partition, "--partition", partition, "--relevance-threshold", threshold)
            self.assert_all_numbers(run)
            self.assert_agrees(compare(run, expected, self.variants, lambda model, variant: TOLERANCE))
        fields = {name for row in self.expected["class_clean", 0]["rows"] for group in row["groups"].values()
                  for name, (value, _) in group.items() if value is None}
        always_defined = {"dead_channels", "near_ties", "near_ties_image", *TOTALS}
        every = set(self.expected["class_clean", 0]["rows"][0]["groups"]["-1"])
        self.assertEqual(fields, every - always_defined, "the data no longer make each field undefined somewhere")
        for column in ("var_act", "magnitude_when_active"):
            self.assertTrue(any(None in columns[column] for columns in self.expected["class_clean", 0]["channels"]), column)

    def test_shards_merge_into_the_same_bytes(self):
        """Also where relevance needs a pass over all clean images first."""
        whole = self.evaluate("unsharded")
        shards = [self.evaluate(f"shard-{index}", "--shard", f"{index}/2") for index in range(2)]
        status, _, err = harness.run("merge", *shards, "--out", self.folder / "merged")
        self.assertEqual(status, 0, err)
        for name in ("results.json", "metrics.csv", "channels.csv"):
            self.assertEqual((self.folder / "merged" / name).read_bytes(), (whole / name).read_bytes(), name)


if __name__ == "__main__":
    harness.main()
