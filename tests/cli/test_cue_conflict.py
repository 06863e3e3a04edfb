"""Cue-conflict pairs, as files and in a run; and variants from files score as variants from memory do."""

import csv
import gzip
import json
import pathlib
import tempfile
import unittest

from harness import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / "weights/synthetic-standard/model.safetensors"
DATA = "synthetic:split=test,count=48,size=64"


def table(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


class CueConflictTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def done(self, *arguments):
        code, output, errors = run(*arguments)
        self.assertEqual(code, 0, errors)
        return output

    def generate(self, name, *more, data=DATA):
        self.done("generate", "--data", data, "--out", self.folder / name, *more)
        return self.folder / name

    def evaluate(self, name, data, *more):
        self.done("evaluate", "--data", data, "--model", f"standard={MODEL}", "--predictions", "--out", self.folder / name, *more)
        return self.folder / name

    def test_files_are_named_as_the_geirhos_reader_wants_them(self):
        out = self.generate("set", "--variant", "cue_conflict", "--variant", "cue_conflict:method=fill")
        rows = [row for row in table(out / "items.csv") if row["variant"].startswith("cue_conflict")]
        self.assertEqual(len(rows), 96)
        shares = {}
        for row in rows:
            self.assertEqual(row["label"], row["shape"])
            self.assertNotEqual(row["shape"], row["texture"])
            name = pathlib.Path(row["file"])
            self.assertEqual(name.parent.name, row["shape"])
            self.assertRegex(name.stem, rf"^{row['shape']}\d+-{row['texture']}\d+$")
            self.assertIn("texture_of=", row["note"])
            shares.setdefault(row["variant"], set()).add((row["id"], row["note"].split("texture_of=")[1].split(";")[0]))
        first, second = shares.values()
        self.assertEqual(first, second, "one seed, one pairing")
        for folder in {row["file"].split("/")[0] for row in rows}:
            text = self.done("inspect", f"geirhos:{out / folder}")
            self.assertIn("with shape and texture labels", text)
            self.assertIn("48 ", text)

    def test_the_pairing_follows_the_seed_and_not_the_limit(self):
        def pairs(name, *more):
            rows = table(self.generate(name, "--variant", "cue_conflict", *more) / "items.csv")
            return {row["id"]: row["note"] for row in rows if row["variant"] != "clean"}
        everything, some, other = pairs("a"), pairs("b", "--limit", "9"), pairs("c", "--seed", "1")
        self.assertEqual(len(some), 9)
        self.assertEqual({key: everything[key] for key in some}, some)
        self.assertNotEqual(everything, other)

    def test_a_run_scores_the_pairs_and_reports_shape_bias_on_them_only(self):
        out = self.evaluate("run", DATA, "--variant", "cue_conflict", "--variant", "grayscale")
        results = json.loads((out / "results.json").read_text())
        self.assertEqual({entry["variant"].split(":")[0] for entry in results["shape_bias"]}, {"cue_conflict"})
        entry = results["shape_bias"][0]
        self.assertEqual(entry["shape"] + entry["texture"] + entry["other"], 48)
        self.assertIn("Shape bias", (out / "report.html").read_text())
        self.assertIsNotNone(next(e for e in results["scores"] if e["variant"] == "clean")["top1"]["value"])

    def test_files_and_memory_give_the_same_outcomes(self):
        variants = ["patch_shuffle:k=4", "stylize", "cue_conflict", "saturate:p=64", "texture_crop"]
        asked = [word for variant in variants for word in ("--variant", variant)]
        out = self.generate("set", *asked)
        places = {(row["variant"], row["file"].split("/", 1)[1]): row["id"] for row in table(out / "items.csv")}
        streamed = {(row["variant"], row["item"]): row for row in table(self.evaluate("run", DATA, *asked) / "predictions.csv.gz")}
        manifest = json.loads((out / "manifest.json").read_text())
        for number, entry in enumerate(manifest["configuration"]["variants"]):
            files = self.evaluate(f"files-{number}", f"folder:{out / entry['folder']}", "--variant", "clean")
            found = table(files / "predictions.csv.gz")
            self.assertEqual(len([row for row in found if row["variant"] == "clean"]), 48)
            for row in found:
                if row["variant"] != "clean":
                    continue
                other = streamed[entry["variant"], places[entry["variant"], row["item"]]]
                for column in ("label", "predicted", "confidence", "rank_of_label"):
                    self.assertEqual(row[column], other[column], (entry["variant"], row["item"], column))

    def test_data_without_classes_to_pair_is_refused_or_left_out_of_a_suite(self):
        conflicts = "synthetic:split=cue_conflict,count=32"
        for data, word in ((conflicts, "cue conflicts already"),):
            code, _, errors = run("generate", "--data", data, "--variant", "cue_conflict", "--out", self.folder / "no")
            self.assertEqual(code, 2)
            self.assertIn(word, errors)
            self.assertEqual(errors.strip().count("\n"), 0)
            self.assertFalse((self.folder / "no").exists())
        out = self.generate("suite", "--suite", "shape-texture", data=conflicts)
        variants = {row["variant"].split(":")[0] for row in table(out / "items.csv")}
        self.assertNotIn("cue_conflict", variants)
        self.assertIn("stylize", variants)


if __name__ == "__main__":
    unittest.main()
