"""cuebench report from outside: several runs, published trials, other people's formats, and what it refuses."""

import csv
import gzip
import json
import pathlib
import tempfile
import unittest

import harness
from written_run import write_run

CATEGORIES = ("airplane bear bicycle bird boat bottle car cat chair clock dog elephant keyboard knife oven "
              "truck").split()
CORRUPTIONS = ("gaussian_noise shot_noise impulse_noise defocus_blur glass_blur motion_blur zoom_blur snow frost fog "
               "brightness contrast elastic_transform pixelate jpeg_compression").split()
VARIANTS = [("grayscale:weights=709", "both"), ("silhouette:mask=auto", "shape")]


def read_csv(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


class ReportCase(unittest.TestCase):
    assert_refused = harness.Case.assert_refused

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cuebench-report-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_folder(self, name, right_below, classes=("cat", "dog"), prefix="", **more):
        """40 images; the standard model is right on those below right_below, the robust one on all."""
        items = [(f"{prefix}image{i:03}.png", i % 2) for i in range(40)]
        models = [{"name": "standard", "role": "standard", "architecture": "resnet18", "sha256": "a" * 64,
                   "parameters": 11689512},
                  {"name": "robust", "role": "robust", "architecture": "resnet18", "sha256": name, "parameters": 25557032}]
        return write_run(self.folder / name, classes, items, VARIANTS, models,
                         lambda item, model, variant: item % 2 if model == 1 and variant < 2 or item < right_below
                         else 1 - item % 2, **more)


class Comparison(ReportCase):
    def test_two_runs(self):
        first, second = self.run_folder("first", 30), self.run_folder("second", 20)
        page = self.folder / "both.html"
        status, out, err = harness.run("report", first, second, "--out", page)
        self.assertEqual(status, 0, err)
        self.assertEqual(err, "")
        self.assertIn("standard (first) and standard (second), matched by name and file", out)
        comparison = json.loads((self.folder / "both.json").read_text())
        clean = comparison["agreements"][0]["variants"][0]
        self.assertEqual(clean["identical"]["value"], 0.75)
        self.assertEqual((clean["both_right"], clean["only_first_right"], clean["only_second_right"]), (20, 10, 0))
        self.assertAlmostEqual(clean["kappa"]["value"], 0.5, 12)  # observed .75, expected .75 * .5 + .25 * .5
        self.assertAlmostEqual(clean["mcnemar_p"]["value"], 2 ** -9, 12)
        self.assertTrue(all(fact["same"] for fact in comparison["facts"]))
        images = read_csv(self.folder / "both-images.csv")
        self.assertEqual(len([row for row in images if row["variant"] == "clean" and row["first"] == "standard"]), 10)
        self.assertEqual({row["metric"] for row in read_csv(self.folder / "both.csv")},
                         {"top1", "identical", "first_top1", "second_top1", "only_first_right", "only_second_right",
                          "kappa", "mcnemar_p", "holm_p", "benjamini_hochberg_p"})
        text = page.read_text()
        self.assertNotIn("<script", text)
        self.assertNotIn("http", text)

    def test_differences_are_stated_first(self):
        first = self.run_folder("first", 30)
        second = self.run_folder("second", 30, configuration={"data": "e" * 64, "seed": 1})
        status, out, err = harness.run("report", first, second, "--out", self.folder / "both.html")
        self.assertEqual(status, 0, err)
        self.assertTrue(out.startswith("DIFFERS Images"), out)
        self.assertIn("seed: first: 0; second: 1", out)

    def test_same_bytes_again(self):
        first, second = self.run_folder("first", 30), self.run_folder("second", 20)
        texts = []
        for name in ("one", "two"):
            page = self.folder / name / "page.html"
            page.parent.mkdir()
            self.assertEqual(harness.run("report", first, second, "--out", page)[0], 0)
            texts.append([(page.parent / f"page{end}").read_bytes() for end in (".html", ".json", ".csv", "-images.csv")])
        self.assertEqual(*texts)

    def test_refusals(self):
        first = self.run_folder("first", 30)
        out = ("--out", self.folder / "page.html")
        self.assert_refused(harness.run("report", first, self.folder / "first/../first", *out), 2, "named twice")
        self.assert_refused(harness.run("report", first, self.run_folder("other", 30, prefix="x/"), *out), 2,
                            "no image in common", "first", "other")
        self.assert_refused(harness.run("report", first, self.run_folder("swapped", 30, classes=("dog", "cat")), *out), 2,
                            "different data", "image000.png")
        self.assert_refused(harness.run("report", first, self.folder / "nothing", *out), 2, "nothing")
        second = self.run_folder("second", 30)
        self.assert_refused(harness.run("report", first, second), 2, "--out")
        self.assert_refused(harness.run("report", first, second, *out, "--latex", self.folder), 2, "--latex", "one run")
        self.assert_refused(harness.run("report", first, second, *out, "--against", "x.csv"), 2, "--against", "one run")
        self.assertFalse((self.folder / "page.html").exists())


class Against(ReportCase):
    def trials(self, name):
        text = "subj,session,trial,rt,object_response,category,condition,imagename\n"
        for i in range(40):
            category = ("cat", "dog")[i % 2]
            answer = category if i % 4 else "oven"
            text += f"subject-01,1,{i + 1},NaN,{answer},{category},0,0001_x_s1_0_{category}_10_{name}{i:03}.png\n"
        path = self.folder / "set_subject-01_session_1.csv"
        path.write_text(text)
        return path

    def test_published_trials(self):
        run = self.run_folder("run", 30)
        status, out, err = harness.run("report", run, "--against", self.trials("image"))
        self.assertEqual(status, 0, err)
        result = json.loads((run / "against.json").read_text())
        self.assertEqual([a["first"]["name"] for a in result["agreements"]], ["standard", "robust"])
        clean = result["agreements"][0]["variants"][0]
        # right: 30 of the model, 30 of the human, 22 of both (0..29 less 0, 4, ... 28); the wrong answers never agree
        self.assertEqual((clean["both_right"], clean["only_first_right"], clean["only_second_right"]), (22, 8, 8))
        self.assertEqual(clean["identical"]["value"], 22 / 40)
        self.assertEqual(clean["mcnemar_p"]["value"], 1)

    def test_refusals(self):
        run = self.run_folder("run", 30)
        self.assert_refused(harness.run("report", run, "--against", self.trials("photo")), 2, "no image in common")
        swapped = self.run_folder("swapped", 30, classes=("dog", "cat"))
        self.assert_refused(harness.run("report", swapped, "--against", self.trials("image")), 2, "different data")
        digits = self.run_folder("digits", 30, classes=("one", "two"))
        self.assert_refused(harness.run("report", digits, "--against", self.trials("image")), 2, "16 categories")
        self.assert_refused(harness.run("report", run, "--against", self.folder / "none.csv"), 2, "none.csv")

    def test_the_published_agreement_of_bagnet_and_resnet(self):
        published = harness.shared("data/published/mvh/cue-conflict")
        with gzip.open(published / "cue-conflict_bagnet33_session-1.csv.gz", "rt") as file:
            rows = list(csv.DictReader(file))
        items = [(f"{row['category']}/{row['imagename']}", CATEGORIES.index(row["category"])) for row in rows]
        answers = [CATEGORIES.index(row["object_response"]) for row in rows]
        run = write_run(self.folder / "bagnet", CATEGORIES, items, [], [{"name": "bagnet33"}],
                        lambda item, model, variant: answers[item])
        status, _, err = harness.run("report", run, "--against", published / "cue-conflict_resnet50_session-1.csv.gz")
        self.assertEqual(status, 0, err)
        clean = json.loads((run / "against.json").read_text())["agreements"][0]["variants"][0]
        self.assertEqual([clean[key] for key in ("both_right", "only_first_right", "only_second_right", "neither_right")],
                         [97, 26, 136, 1021])
        self.assertAlmostEqual(clean["mcnemar_p"]["value"] * 1e19, 3.510169, 5)
        self.assertAlmostEqual(clean["kappa"]["value"], 0.479468, 6)


class Formats(ReportCase):
    def test_timm(self):
        run = self.run_folder("run", 30, configuration={"data": "d", "presets": ["imagenet", "none"]})
        board = self.folder / "board.csv"
        status, _, err = harness.run("report", run, "--leaderboard", board)
        self.assertEqual(status, 0, err)
        rows = read_csv(board)
        self.assertEqual(list(rows[0]),
                         "model top1 top1_err top5 top5_err param_count img_size crop_pct interpolation".split())
        self.assertEqual(list(rows[0].values()), ["robust", "100.000", "0.000", "", "", "25.56", "", "", ""])
        self.assertEqual(list(rows[1].values()),
                         ["standard", "75.000", "25.000", "", "", "11.69", "224", "0.875", "bilinear"])
        rows = read_csv(self.folder / "board-silhouette.csv")
        self.assertEqual(list(rows[0])[-3:], ["top1_diff", "top5_diff", "rank_diff"])
        self.assertEqual([(row["model"], row["top1_diff"], row["top5_diff"], row["rank_diff"]) for row in rows],
                         [("robust", "-25.000", "", "0"), ("standard", "+0.000", "", "0")])
        self.assertTrue((self.folder / "board-grayscale.csv").exists())

    def test_robustbench_autoattack(self):
        items = [(f"{i}.png", i % 2) for i in range(40)]
        run = write_run(self.folder / "run", ("cat", "dog"), items,
                        [("autoattack:epsilon=8/255,n_targets=9,norm=linf,queries=5000,steps=100", "adversarial"),
                         ("autoattack:epsilon=0.5,n_targets=9,norm=l2,queries=5000,steps=100", "adversarial")],
                        [{"name": "my/net", "architecture": "resnet18"}],
                        lambda item, model, variant: item % 2 if item < 39 - 8 * variant else 1 - item % 2)
        cards = self.folder / "model_info"
        (cards / "L2").mkdir(parents=True)
        (cards / "L2/my-net.json").write_text('{"link": "https://example.org", "eps": "1", "venue": "here"}')
        status, _, err = harness.run("report", run, "--robustbench", cards)
        self.assertEqual(status, 0, err)
        card = json.loads((cards / "Linf/my-net.json").read_text())
        self.assertEqual((card["eps"], card["clean_acc"], card["autoattack_acc"]), ("8/255", "97.50", "77.50"))
        self.assertIsNone(card["authors"])
        kept = json.loads((cards / "L2/my-net.json").read_text())
        self.assertEqual((kept["link"], kept["venue"], kept["eps"], kept["autoattack_acc"]),
                         ("https://example.org", "here", "0.5", "57.50"))
        (cards / "L2/my-net.json").write_text("not JSON")
        self.assert_refused(harness.run("report", run, "--robustbench", cards), 2, "my-net.json")
        self.assert_refused(harness.run("report", self.run_folder("plain", 30), "--robustbench", cards), 2, "autoattack")

    def test_common_corruptions(self):
        variants = [(f"imagenet_c:corruption={name},saved=auto,scale=auto,severity={severity}", "both")
                    for name in CORRUPTIONS for severity in range(1, 6)]
        items = [(f"{i}.png", i % 2) for i in range(40)]
        run = write_run(self.folder / "run", ("cat", "dog"), items, variants, [{"name": "AlexNet"}, {"name": "net"}],
                        lambda item, model, variant: 1 - item % 2 if item < (4 if variant == 0 else 20 - 5 * model)
                        else item % 2)
        cards = self.folder / "cards"
        status, out, err = harness.run("report", run, "--mce-baseline", "AlexNet", "--robustbench", cards, "--latex",
                                       self.folder / "tex")
        self.assertEqual(status, 0, err)
        net = json.loads((run / "results.json").read_text())["corruptions"][0]["models"][1]
        self.assertAlmostEqual(net["error"]["value"], 15 / 40, 12)
        self.assertAlmostEqual(net["mce"]["value"], 15 / 20, 12)
        self.assertAlmostEqual(net["relative_mce"]["value"], 11 / 16, 12)
        self.assertIsNone(net["error_19"]["value"])
        rows = [row for row in read_csv(run / "metrics.csv") if row["metric"] == "mce" and row["model"] == "net"]
        self.assertEqual([row["variant"] for row in rows], ["imagenet_c, 15 corruptions,saved=auto,scale=auto"])
        card = json.loads((cards / "corruptions/net.json").read_text())
        self.assertEqual((card["corruptions_acc"], card["corruptions_mce"]), ("62.50", "75.00"))
        self.assertIn("Common corruptions", (run / "report.html").read_text())
        self.assertIn("\\toprule", (self.folder / "tex/corruptions.tex").read_text())
        self.assert_refused(harness.run("report", run, "--mce-baseline", "lenet"), 2, "lenet")
        self.assert_refused(harness.run("report", self.run_folder("plain", 30), "--mce-baseline", "standard"), 2,
                            "--mce-baseline", "imagenet-c")

    def test_latex(self):
        run = self.run_folder("run", 30)
        status, _, err = harness.run("report", run, "--latex", self.folder / "tex")
        self.assertEqual(status, 0, err)
        accuracy = (self.folder / "tex/accuracy.tex").read_text()
        self.assertIn("grayscale & 75.0 & {[}59.8, 85.8] & 100.0 & {[}91.2, 100.0] \\\\", accuracy)
        comparison = (self.folder / "tex/comparison.tex").read_text()
        self.assertIn("p (BH)", comparison)
        self.assertIn("\\label{tab:robust-standard-comparison}", comparison)
        self.assertFalse((self.folder / "tex/channels.tex").exists())  # the run has none

    def test_both_adjustments(self):
        run = self.run_folder("run", 30)
        status, _, err = harness.run("report", run)
        self.assertEqual(status, 0, err)
        variants = json.loads((run / "results.json").read_text())["pairs"][0]["variants"]
        p = 2 ** -9  # ten images that only the robust model has right, twice; none under the silhouette
        self.assertEqual([v["mcnemar_p"]["value"] for v in variants], [p, p, 1])
        self.assertEqual([v["holm_p"]["value"] for v in variants], [3 * p, 3 * p, 1])
        self.assertEqual([v["benjamini_hochberg_p"]["value"] for v in variants], [1.5 * p, 1.5 * p, 1])


if __name__ == "__main__":
    harness.main()
