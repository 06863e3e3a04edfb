"""`cuebench train` from outside: killed at any moment it ends in the same bytes; the model evaluates; slips are one
sentence."""

import csv
import fcntl
import json
import os
import random
import signal
import subprocess
import time

import harness

ARCHITECTURE = ("sequential:layers=conv8k3s2p1b0-batch_norm-relu-conv12k3s2p1b0-batch_norm-relu-"
                "global_average_pool-linear")
FILES = ("model.safetensors", "model.safetensors.json")


class Train(harness.Case):
    images = 200

    def train(self, out, *more, epochs=4):
        """Arguments of a small training run; without --epochs where `epochs` is None."""
        return ["train", "--data", f"cifar10:{self.data}", "--arch", ARCHITECTURE, "--out", self.folder / out, "--quiet",
                "--threads", "1", "--batch", "16", "--robust-images", "16",
                *(("--epochs", epochs) if epochs else ()), *more]

    def contents(self, out):
        return {name: (self.folder / out / name).read_bytes() for name in FILES}

    def test_killed_five_times_at_random_moments(self):
        """SIGKILL, then the same command: the same weights to the byte."""
        options = ("--method", "pgd", "--steps", "3", "--ema", "0.9", "--flip", "--crop-padding", "2",
                   "--checkpoint-seconds", "0")
        start = time.monotonic()
        status, _, err = harness.run(*self.train("whole", *options, epochs=6))
        self.assertEqual(status, 0, err)
        whole = time.monotonic() - start
        expected = self.contents("whole")
        rng = random.Random(11)
        killed = 0
        for attempt in range(5):
            out = f"killed-{attempt}"
            process = subprocess.Popen([harness.PROGRAM, *map(str, self.train(out, *options, epochs=6))],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=rng.uniform(0.3, 0.95) * whole)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed += 1
            status, _, err = harness.run(*self.train(out, *options, epochs=6))
            self.assertEqual(status, 0, err)
            self.assertEqual(self.contents(out), expected, f"attempt {attempt}")
        self.assertGreaterEqual(killed, 2, "too few runs were killed for the test to mean anything")

    def test_interrupt_keeps_the_state(self):
        process = subprocess.Popen([harness.PROGRAM, *map(str, self.train("cut", epochs=40))],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
        log = self.folder / "cut" / "training_log.csv"
        while process.poll() is None and not log.exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        self.assertIn(process.returncode, (0, 130), err)
        status, _, err = harness.run(*self.train("cut", epochs=40))
        self.assertEqual(status, 0, err)
        status, _, err = harness.run(*self.train("whole", epochs=40))
        self.assertEqual(status, 0, err)
        self.assertEqual(self.contents("cut"), self.contents("whole"))

    def test_the_model_evaluates_without_further_words(self):
        status, out, err = harness.run(*self.train("pair"))
        self.assertEqual(status, 0, err)
        self.assertIn("model.safetensors", out)
        with open(self.folder / "pair" / "training_log.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["epoch"] for row in rows], ["1", "2", "3", "4"])
        for row in rows:
            self.assertTrue(0 <= float(row["validation_accuracy"]) <= 1)
            self.assertEqual(row["overfitting_check_accuracy"], "")
        sidecar = json.loads((self.folder / "pair" / "model.safetensors.json").read_text())
        self.assertEqual(sidecar["role"], "standard")
        self.assertEqual(sidecar["training"]["epochs"], 4)
        status, _, err = harness.run(*self.evaluate(
            "run", models=[f"twin={self.folder}/pair/model.safetensors"], data=f"cifar10:{self.data}"))
        self.assertEqual(status, 0, err)

    def test_flags_and_a_configuration_file_say_the_same(self):
        (self.folder / "twin.toml").write_text(
            'method = "fast"\nepsilon = "4/255"\nepochs = 2\nflip = true\nschedule = "step"\n'
            'milestones = [\n  0.5,  # half of the first ]\n  1.5,\n]\n')
        status, _, err = harness.run(*self.train("flags", "--method", "fast:epsilon=4/255", "--flip", "--schedule", "step",
                                                 "--milestones", "0.5", "1.5", epochs=2))
        self.assertEqual(status, 0, err)
        status, _, err = harness.run(*self.train("file", "--config", self.folder / "twin.toml", epochs=None))
        self.assertEqual(status, 0, err)
        self.assertEqual(self.contents("flags"), self.contents("file"))

    def test_wrong_requests_are_one_sentence(self):
        for words, more in (
                (("pgd",), ("--method", "pdg")),
                (("8/255",), ("--method", "pgd", "--epsilon", "8")),
                (("beta", "pgd"), ("--method", "pgd", "--beta", "3")),
                (("nowhere.bin",), ("--validation", f"cifar10:{self.folder}/nowhere.bin")),
                (("MiB", "--memory"), ("--preset", "custom:exact=256", "--memory", "16")),
                (("cosine",), ("--schedule", "cosin"))):
            self.assert_refused(harness.run(*self.train("refused", *more)), 2, *words)
        self.assertFalse((self.folder / "refused" / "model.safetensors").exists())

    def test_a_loss_that_is_not_finite_names_the_step(self):
        self.assert_refused(harness.run(*self.train("nan", "--lr", "1e12")), 1, "NaN", "step")

    def test_a_full_disk_is_one_sentence(self):
        """A file system that takes no more bytes, as far as one can be made without rights: a file size limit."""
        command = " ".join(f"'{argument}'" for argument in [harness.PROGRAM, *self.train("full")])
        done = subprocess.run(["bash", "-c", f"trap '' XFSZ; ulimit -f 2; exec {command}"], capture_output=True,
                              text=True, timeout=300)
        self.assert_refused((done.returncode, done.stdout, done.stderr), 1, "cannot write", "full")

    def test_two_programs_do_not_train_in_one_folder(self):
        out = self.folder / "shared"
        out.mkdir()
        with open(out / "train.lock", "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assert_refused(harness.run(*self.train("shared")), 2, out, "another cuebench")


if __name__ == "__main__":
    harness.main()
