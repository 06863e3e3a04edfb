"""cuebench score from outside: what it prints and writes, and how it refuses bad files."""

import csv
import gzip
import json
import pathlib
import tempfile
import unittest

import harness

HEADER = "subj,session,trial,rt,object_response,category,condition,imagename\n"
NAMES = ("airplane bear bicycle bird boat bottle car cat chair clock dog elephant keyboard knife oven truck").split()


def conflict_trials(observer, shape_every, session=1):
    """48 cue-conflict trials; every shape_every-th is decided by shape, the others by texture."""
    rows = [HEADER]
    for i in range(48):
        shape, texture = NAMES[i % 16], NAMES[(i + 5) % 16]
        answer = shape if i % shape_every == 0 else texture
        rows.append(f"{observer},{session},{i + 1},NaN,{answer},{shape},NaN,{shape}{i}-{texture}{i}.png\n")
    return "".join(rows)


class ScoreCase(unittest.TestCase):
    assert_refused = harness.Case.assert_refused

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cuebench-score-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "raw-data/cue-conflict"
        self.data.mkdir(parents=True)
        (self.data / "cue-conflict_net_session-1.csv").write_text(conflict_trials("net", 4))
        with gzip.open(self.data / "cue-conflict_subject-01_session_1.csv.gz", "wt") as file:
            file.write(conflict_trials("subject-01", 1))


class Output(ScoreCase):
    def test_tables(self):
        status, out, err = harness.run("score", self.data, "--replicates", "100")
        self.assertEqual(status, 0, err)
        self.assertEqual(err, "")
        for word in ("96 trials in 2 files", "net", "subject-01", "shape bias, %", "25.00", "100.00", "kappa", "elephant"):
            self.assertIn(word, out)

    def test_json_on_standard_output(self):
        status, out, err = harness.run("score", self.data, "--json", "--replicates", "100", "--seed", "3")
        self.assertEqual(status, 0, err)
        scores = json.loads(out)
        net, human = scores["sets"][0]["observers"]
        self.assertEqual((net["name"], net["human"], human["human"]), ("net", False, True))
        self.assertEqual(net["shape_bias"]["shape_bias"]["value"], 0.25)
        self.assertEqual(scores["options"]["seed"], 3)

    def test_pattern_of_humans(self):
        status, out, err = harness.run("score", self.data, "--json", "--humans", "n?t", "--replicates", "0")
        self.assertEqual(status, 0, err)
        self.assertEqual([o["human"] for o in json.loads(out)["sets"][0]["observers"]], [False, True])
        self.assertEqual(json.loads(out)["sets"][0]["observers"][1]["name"], "net")

    def test_files(self):
        out = self.folder / "scores"
        status, text, err = harness.run("score", self.data / "cue-conflict_net_session-1.csv",
                                        self.data / "cue-conflict_subject-01_session_1.csv.gz", "--out", out, "--latex",
                                        "--replicates", "100")
        self.assertEqual(status, 0, err)
        self.assertIn("score.html", text)
        for name in ("score.json", "score.csv", "confusion.csv", "score.html", "score.tex"):
            self.assertGreater((out / name).stat().st_size, 100, name)
        with open(out / "score.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(list(rows[0]), "observer set condition category metric value low high n method".split())
        bias = [r for r in rows if r["observer"] == "net" and r["metric"] == "shape_bias" and r["category"] == "all"]
        self.assertEqual([float(r["value"]) for r in bias], [0.25, 0.25])
        with open(out / "confusion.csv", newline="") as file:
            self.assertEqual(sum(int(r["count"]) for r in csv.DictReader(file)), 96)

    def test_the_same_bytes_every_time(self):
        for name in ("a", "b"):
            self.assertEqual(harness.run("score", self.data, "--out", self.folder / name, "--replicates", "100")[0], 0)
        for path in sorted((self.folder / "a").rglob("*.*")):
            other = self.folder / "b" / path.relative_to(self.folder / "a")
            self.assertEqual(path.read_bytes(), other.read_bytes(), path.name)

    def test_sample_size(self):
        status, out, err = harness.run("score", self.data, "--target-ci", "0.02", "--replicates", "0")
        self.assertEqual(status, 0, err)
        self.assertIn("2398 at a share of 50 %", out)

    def test_remarks_go_to_standard_error(self):
        (self.data / "other.csv").write_text("a,b\n1,2\n")
        status, out, err = harness.run("score", self.data, "--replicates", "0")
        self.assertEqual(status, 0)
        self.assertIn("other.csv", err)
        self.assertIn("left out", err)
        self.assertNotIn("left out", out)


class Refusals(ScoreCase):
    def refuse(self, text, *words, name="cue-conflict_bad_session-1.csv"):
        path = self.data / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.assert_refused(harness.run("score", self.data), 2, name, *words)
        self.assert_refused(harness.run("score", path), 2, name, *words)

    def test_wrong_columns(self):
        self.refuse(HEADER.replace("category,", ""), "line 1", "'category'")

    def test_unknown_category(self):
        self.refuse(conflict_trials("bad", 2).replace(",bear,NaN,bear", ",tiger,NaN,bear"), "line 3", "'tiger'")

    def test_trial_twice(self):
        text = conflict_trials("bad", 2)
        self.refuse(text + text.splitlines()[5] + "\n", "line 50", "line 6")

    def test_cut_line(self):
        self.refuse(conflict_trials("bad", 2)[:-20], "line 49", "fields")

    def test_cut_gzip(self):
        whole = gzip.compress(conflict_trials("bad", 2).encode())
        self.refuse(whole[:len(whole) // 2], "damaged", name="cue-conflict_bad_session-1.csv.gz")

    def test_contradiction(self):
        (self.data / "cue-conflict_net_session_1.csv").write_text(conflict_trials("net", 2))
        self.assert_refused(harness.run("score", self.data), 2, "cue-conflict_net_session_1.csv", "answers differ")

    def test_not_a_table(self):
        path = self.folder / "picture.csv"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
        self.assert_refused(harness.run("score", path), 2, "picture.csv", "line 1")

    def test_missing_empty_and_wrong_requests(self):
        empty = self.folder / "empty"
        empty.mkdir()
        self.assert_refused(harness.run("score", empty), 2, "no *.csv", empty)
        self.assert_refused(harness.run("score", self.folder / "nowhere.csv"), 2, "nowhere.csv")
        self.assert_refused(harness.run("score", self.data, "--latex"), 2, "--out")
        self.assert_refused(harness.run("score", self.data, "--target-ci", "2"), 2, "--target-ci")
        self.assert_refused(harness.run("score"), 2, "files")


class Published(unittest.TestCase):
    def test_readme_row_of_model_vs_human(self):
        """ResNet-50's row of the published benchmark: .087 .665 .208 .559, over all 17 sets."""
        folder = harness.shared("data/published/mvh")
        status, out, err = harness.run("score", folder, "--json", "--replicates", "0")
        self.assertEqual(status, 0, err)
        benchmark = json.loads(out)["benchmark"]
        self.assertEqual(benchmark["missing_sets"], [])
        row = next(r for r in benchmark["models"] if r["observer"] == "resnet50")
        numbers = [row[k]["value"] for k in ("squared_accuracy_difference", "observed", "kappa", "ood_accuracy")]
        self.assertEqual([f"{n:.3f}" for n in numbers], ["0.087", "0.665", "0.208", "0.559"])

    def test_both_repositories_at_once(self):
        folder = harness.shared("data/published")
        status, out, err = harness.run("score", folder / "mvh", folder / "tvs", folder / "vlm", folder / "robustbench",
                                       "--replicates", "0")
        self.assertEqual(status, 0, err)
        self.assertIn("153 of 153 published accuracies agree", out)
        self.assertIn("taken for another observer", err)


if __name__ == "__main__":
    harness.main()
