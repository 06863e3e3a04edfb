"""Attacks as variants: recorded like any other, white-box, the same bytes however the run is cut."""

import csv
import json
import pathlib
import shutil
import sqlite3
import subprocess
import time

import harness

RESULTS = ("results.json", "metrics.csv", "channels.csv")
ATTACKS = ("--variant", "grayscale", "fgsm:epsilon=4/255", "pgd:epsilon=2/255,steps=3", "pgd:epsilon=8/255,steps=3",
           "grayscale+pgd:epsilon=4/255,steps=3,restarts=2,keep=first_success", "--channels", "3")
DETACHED = """
import sys, torch
class Detached(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 10, 3)
    def forward(self, x):
        return self.conv(x.detach().round()).detach().mean((2, 3))
torch.jit.trace(Detached().eval(), torch.zeros(1, 3, 32, 32)).save(sys.argv[1])
"""


def contents(folder):
    return {name: (pathlib.Path(folder) / name).read_bytes() for name in RESULTS}


class Attacks(harness.Case):
    images = 96

    def done(self, out, *more):
        status, text, err = harness.run(*self.evaluate(out, *ATTACKS, *more))
        self.assertEqual(status, 0, err)
        return text

    def test_are_recorded_as_any_other_variant(self):
        table = self.done("run")
        self.assertIn("adversarial", table)
        results = json.loads((self.folder / "run" / "results.json").read_text())
        variants = results["variants"]
        names = [variant["variant"] for variant in variants]
        self.assertIn("fgsm:alpha=auto,epsilon=4/255,random_start=no", names)
        self.assertTrue(any(name.startswith("grayscale:weights=709+pgd:alpha=auto,epsilon=4/255") for name in names), names)
        keeps = {variant["variant"].split(":")[0]: variant["keeps"] for variant in variants}
        self.assertEqual((keeps["fgsm"], keeps["pgd"]), ("adversarial", "adversarial"))
        with sqlite3.connect(self.folder / "run" / "run.sqlite") as run:
            counts = dict(run.execute("SELECT variant, count(*) FROM outcomes GROUP BY variant"))
            self.assertEqual(set(counts.values()), {2 * self.images})
            self.assertEqual(len(counts), 6)
            channels = dict(run.execute("SELECT variant, count(*) FROM channel_images GROUP BY variant"))
            self.assertEqual(set(channels.values()), {2 * self.images})
            notes = dict(run.execute("SELECT note, count(*) FROM notes WHERE variant = 2 GROUP BY note"))
            self.assertEqual(notes, {"picture=attack on standard": 6})
            pictures = [row[0] for row in run.execute("SELECT count(*) FROM pictures GROUP BY variant")]
            self.assertEqual(pictures, [6] * 6)
            # White-box: each attack raises the loss of the model that it is made for, a larger epsilon more.
            for model in (0, 1):
                loss = [row[0] for row in run.execute(
                    "SELECT avg(negative_log_likelihood) FROM outcomes WHERE model = ? GROUP BY variant ORDER BY variant",
                    (model,))]
                clean, _, fgsm, small, large, _ = loss
                self.assertLess(clean, small)
                self.assertLess(small, large)
                self.assertLess(clean, fgsm)
        page = (self.folder / "run" / "report.html").read_text()
        self.assertIn("Attacked variants", page)
        self.assertIn("8/255", page)

    def test_a_sweep_over_epsilon_is_drawn_by_value(self):
        status, _, err = harness.run(*self.evaluate("run", "--variant", *[f"fgsm:epsilon={e}" for e in
                                                                          ("8/255", "0.5/255", "0.01")]))
        self.assertEqual(status, 0, err)
        figure = (self.folder / "run" / "figures" / "sweep-1.svg").read_text()
        places = [figure.index(f"{value}</text>") if f"{value}</text>" in figure else figure.index(value)
                  for value in ("0.5/255", "0.01", "8/255")]
        self.assertEqual(len(set(places)), 3)

    def test_threads_pipeline_shards_and_kills_do_not_change_a_byte(self):
        start = time.monotonic()
        self.done("reference", "--threads", "1")
        whole = time.monotonic() - start
        expected = contents(self.folder / "reference")
        for out, more in (("two", ("--threads", "2")), ("serial", ("--serial",))):
            self.done(out, *more)
            self.assertEqual(contents(self.folder / out), expected, out)
        shards = [self.folder / f"shard-{index}" for index in range(2)]
        for index in range(2):
            self.done(f"shard-{index}", "--shard", f"{index}/2")
        status, _, err = harness.run("merge", *shards, "--out", self.folder / "merged")
        self.assertEqual(status, 0, err)
        self.assertEqual(contents(self.folder / "merged"), expected)
        killed = 0
        for attempt in range(6):
            process = subprocess.Popen([harness.PROGRAM, *map(str, self.evaluate("killed", *ATTACKS))],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=(0.3 + 0.1 * attempt) * whole)
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
                process.wait()
            self.done("killed")
            self.assertEqual(contents(self.folder / "killed"), expected, f"attempt {attempt}")
            shutil.rmtree(self.folder / "killed")
        self.assertGreaterEqual(killed, 2, "too few runs were killed for the test to mean anything")

    def test_automatic_attacks_do_not_depend_on_threads(self):
        ball = "epsilon=2/255"
        more = ("--variant", f"apgd:{ball},steps=5", f"apgd:{ball},steps=5,loss=dlr_targeted,n_targets=2",
                f"fab:{ball},steps=5,n_targets=2", f"square:{ball},queries=20",
                f"autoattack:{ball},steps=5,n_targets=2,queries=20", "apgd:norm=l2,epsilon=0.2,steps=5",
                "square:norm=l2,epsilon=0.2,queries=20", "--channels", "3")
        for out, threads in (("one", "1"), ("two", "2")):
            status, _, err = harness.run(*self.evaluate(out, *more, "--threads", threads))
            self.assertEqual(status, 0, err)
        self.assertEqual(contents(self.folder / "one"), contents(self.folder / "two"))
        with sqlite3.connect(self.folder / "one" / "run.sqlite") as run:
            for model in (0, 1):
                right = dict(run.execute("SELECT variant, sum(rank_of_label = 1) FROM outcomes WHERE model = ? "
                                         "GROUP BY variant", (model,)))
                self.assertLessEqual(right[5], min(right[variant] for variant in (1, 2, 3, 4)))

    def test_against_scores_every_model_on_the_same_images(self):
        attack = "pgd:epsilon=8/255,steps=3,random_start=no"
        status, _, err = harness.run(*self.evaluate("run", "--variant", attack, f"{attack},against=standard"))
        self.assertEqual(status, 0, err)
        with sqlite3.connect(self.folder / "run" / "run.sqlite") as run:
            def losses(model, variant):
                return [row[0] for row in run.execute("SELECT negative_log_likelihood FROM outcomes WHERE model = ? AND "
                                                      "variant = ? ORDER BY item", (model, variant))]
            self.assertEqual(losses(0, 1), losses(0, 2))
            self.assertNotEqual(losses(1, 1), losses(1, 2))
            self.assertLess(sum(losses(1, 2)), sum(losses(1, 1)))

    def test_images_without_a_label_stay_and_are_noted(self):
        rows = [{"path": f"{i}.ppm", "label": "" if i % 4 == 0 else str(i % 10)} for i in range(16)]
        for i, row in enumerate(rows):
            pixels = bytes((7 * i + k) % 256 for k in range(32 * 32 * 3))
            (self.folder / row["path"]).write_bytes(b"P6 32 32 255\n" + pixels)
        with open(self.folder / "list.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, ("path", "label"))
            writer.writeheader()
            writer.writerows(rows)
        for row in rows:
            row["label"] = ""
        with open(self.folder / "none.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, ("path", "label"))
            writer.writeheader()
            writer.writerows(rows)
        more = ("--variant", "fgsm")
        status, _, err = harness.run(*self.evaluate("run", *more, data=f"list:{self.folder}/list.csv"))
        self.assertEqual(status, 0, err)
        with sqlite3.connect(self.folder / "run" / "run.sqlite") as run:
            moved = list(run.execute(
                "SELECT i.label IS NULL, a.confidence = b.confidence FROM outcomes a JOIN outcomes b USING (item, model) "
                "JOIN items i USING (item) WHERE a.variant = 0 AND b.variant = 1"))
            self.assertEqual({same for unlabelled, same in moved if unlabelled}, {1})
            self.assertIn(0, {same for unlabelled, same in moved if not unlabelled})
            noted = run.execute("SELECT count(*) FROM notes WHERE note LIKE 'attack=none: the image has no label%'")
            self.assertEqual(noted.fetchone()[0], 4)
        sidecar = self.folder / "standard.safetensors.json"  # names of its own, since the data have none
        sidecar.write_text(json.dumps({**json.loads(sidecar.read_text()), "classes": [f"c{k}" for k in range(10)]}))
        result = harness.run(*self.evaluate("other", *more, data=f"list:{self.folder}/none.csv",
                                            models=[f"standard={self.folder}/standard.safetensors"]))
        self.assert_refused(result, 2, "label")

    def test_outputs_in_another_order_are_attacked_by_name(self):
        names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
        plain, turned = self.folder / "standard.safetensors", self.folder / "turned.safetensors"
        raw = plain.read_bytes()
        length = int.from_bytes(raw[:8], "little")
        header = json.loads(raw[8:8 + length])
        payload = bytearray(raw[8 + length:])
        for tensor, row in (("5.weight", 4 * 12), ("5.bias", 4)):
            begin, end = header[tensor]["data_offsets"]
            rows = [payload[at:at + row] for at in range(begin, end, row)]
            payload[begin:end] = b"".join(reversed(rows))
        turned.write_bytes(raw[:8 + length] + payload)
        sidecar = json.loads(pathlib.Path(f"{plain}.json").read_text())
        pathlib.Path(f"{turned}.json").write_text(json.dumps({**sidecar, "classes": names[::-1]}))
        status, _, err = harness.run(*self.evaluate("run", "--variant", "pgd:epsilon=8/255,steps=3",
                                                    models=[f"plain={plain}", f"turned={turned}"]))
        self.assertEqual(status, 0, err)
        with sqlite3.connect(self.folder / "run" / "run.sqlite") as run:
            for variant in (0, 1):
                pairs = list(run.execute(
                    "SELECT a.negative_log_likelihood, b.negative_log_likelihood FROM outcomes a JOIN outcomes b "
                    "USING (item, variant) WHERE a.model = 0 AND b.model = 1 AND variant = ?", (variant,)))
                self.assertEqual(len(pairs), self.images)
                # The sum over classes in another order may turn the sign of a tiny gradient here and there.
                for plain_loss, turned_loss in pairs:
                    self.assertAlmostEqual(plain_loss, turned_loss, delta=1e-3 * (1 + plain_loss))

    def test_refusals(self):
        def refused(variant, *words):
            self.assert_refused(harness.run(*self.evaluate("run", "--variant", variant)), 2, *words)

        refused("pgb", "pgb", "pgd", "list attacks")
        refused("apgd:loss=dlr_targeted,n_targets=1000", "n_targets=1000", "give n_targets=")
        refused("grayscal+pgd", "grayscal", "grayscale")
        refused("pgd:epsilon=8", "epsilon=8", "8/255")
        refused("fgsm+grayscale", "fgsm", "last")
        refused("pgd:steps=0", "steps=0")
        refused("apgd:steps=0", "steps=0")
        refused("square:epsilon=8", "epsilon=8", "8/255")
        refused("fab:n_targets=10", "n_targets=10", "9")
        refused("autoattack:n_targets=12", "n_targets=12", "9")
        refused("pgd:against=standart", "standart", "standard")
        self.assertFalse((self.folder / "run").exists())

    def test_a_model_without_gradients_is_refused_at_the_start(self):
        file = self.folder / "detached.pt"
        made = subprocess.run(["/usr/bin/python3", "-c", DETACHED, file], capture_output=True)
        if made.returncode != 0:
            self.skipTest("python3-torch is not here: no TorchScript can be made")
        more = ("--variant", "grayscale")
        status, _, err = harness.run(*self.evaluate("run", *more, models=[f"m={file}"]))
        self.assertEqual(status, 0, err)
        more = ("--variant", "grayscale", "pgd")
        self.assert_refused(harness.run(*self.evaluate("other", *more, models=[f"m={file}"])), 2, "'m'", "attack")
        self.assertFalse((self.folder / "other").exists())

    def test_are_listed(self):
        status, out, err = harness.run("list", "attacks")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("fgsm", out)
        status, out, err = harness.run("list", "attacks", "--json")
        self.assertEqual((status, err), (0, ""))
        self.assertEqual([entry["name"] for entry in json.loads(out)], ["fgsm", "pgd", "apgd", "fab", "square", "autoattack"])
        self.assert_refused(harness.run("list", "attack"), 2, "attacks")


if __name__ == "__main__":
    harness.main()
