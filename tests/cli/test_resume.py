"""Killed at any moment, continued, sharded or run serially: the same bytes."""

import os
import pathlib
import random
import shutil
import signal
import subprocess
import time
import unittest

import harness

RESULTS = ("results.json", "metrics.csv", "channels.csv", "interventions.csv")
CHANNELS = ("--channels", "3", "--intervene", "3:k=2/8,draws=3", "1:k=2,draws=2")


def contents(folder):
    return {name: (pathlib.Path(folder) / name).read_bytes() for name in RESULTS}


class Resume(harness.Case):
    images = 160

    def reference(self, *more):
        status, _, err = harness.run(*self.evaluate("reference", *CHANNELS, *more))
        self.assertEqual(status, 0, err)
        return contents(self.folder / "reference")

    def test_killed_twenty_times_at_random_moments(self):
        """SIGKILL, then the same command: byte-identical results."""
        start = time.monotonic()
        expected = self.reference()
        whole = time.monotonic() - start
        rng = random.Random(7)
        killed = 0
        for attempt in range(20):
            out = f"killed-{attempt}"
            process = subprocess.Popen([harness.PROGRAM, *map(str, self.evaluate(out, *CHANNELS))],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=rng.uniform(0.3, 1.0) * whole)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                killed += 1
                process.wait()
            status, _, err = harness.run(*self.evaluate(out, *CHANNELS))
            self.assertEqual(status, 0, err)
            self.assertEqual(contents(self.folder / out), expected, f"attempt {attempt}")
            shutil.rmtree(self.folder / out)
        self.assertGreaterEqual(killed, 5, "too few runs were killed for the test to mean anything")

    def test_threads_and_the_pipeline_do_not_change_a_byte(self):
        expected = self.reference("--threads", "1")
        for out, more in (("two", ("--threads", "2")), ("serial", ("--serial",))):
            status, _, err = harness.run(*self.evaluate(out, *CHANNELS, *more))
            self.assertEqual(status, 0, err)
            self.assertEqual(contents(self.folder / out), expected, out)

    def test_shards_merge_into_the_same_bytes(self):
        expected = self.reference()
        shards = []
        for index in range(3):
            shards.append(self.folder / f"shard-{index}")
            status, out, err = harness.run(*self.evaluate(f"shard-{index}", *CHANNELS, "--shard", f"{index}/3"))
            self.assertEqual((status, out), (0, ""), err)
        self.assert_refused(harness.run("merge", *shards[:2], "--out", self.folder / "part"), 2, "blocks are still missing")
        status, _, err = harness.run("merge", *shards, "--out", self.folder / "merged")
        self.assertEqual(status, 0, err)
        self.assertEqual(contents(self.folder / "merged"), expected)

    def test_gradient_layers_resume_too(self):
        layers = ("--channels", "1", "3", "--intervene", "1:k=2,draws=2")
        status, _, err = harness.run(*self.evaluate("whole", *layers))
        self.assertEqual(status, 0, err)
        process = subprocess.Popen([harness.PROGRAM, *map(str, self.evaluate("cut", *layers))],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1.6)
        process.kill()
        process.wait()
        status, _, err = harness.run(*self.evaluate("cut", *layers))
        self.assertEqual(status, 0, err)
        self.assertEqual(contents(self.folder / "cut"), contents(self.folder / "whole"))

    def test_interrupt_keeps_what_is_finished(self):
        """SIGINT ends with 130; the same command then finishes."""
        expected = self.reference()
        environment = dict(os.environ)
        process = subprocess.Popen([harness.PROGRAM, *map(str, self.evaluate("cut", *CHANNELS, "--threads", "1"))],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)
        store = self.folder / "cut" / "run.sqlite"
        while process.poll() is None and not store.exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        self.assertIn(process.returncode, (0, 130), err)
        status, _, err = harness.run(*self.evaluate("cut", *CHANNELS))
        self.assertEqual(status, 0, err)
        self.assertEqual(contents(self.folder / "cut"), expected)


if __name__ == "__main__":
    harness.main()
