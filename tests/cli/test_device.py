"""--device and --precision: what is not there is one sentence and leaves nothing behind; on a GPU, a run is as on the CPU."""

import json
import pathlib
import re
import unittest

import harness


def doctor():
    return harness.run("doctor")[1]


def has_gpu():
    return re.search(r"^GPU +cuda:0", doctor(), re.MULTILINE) is not None


def has_bf16():
    flags = next((line for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")), "")
    return {"avx512bw", "avx512vl", "avx512dq"} <= set(flags.split())


class Device(harness.Case):
    images = 32

    def assert_refused_before_writing(self, words, *more):
        self.assert_refused(harness.run(*self.evaluate("run", *more)), 2, *words)
        self.assertFalse((self.folder / "run").exists(), "something was written")

    def test_words_that_are_no_device_or_precision(self):
        self.assert_refused_before_writing(("'gpu'", "cpu, cuda and cuda:N"), "--device", "gpu")
        self.assert_refused_before_writing(("cuda:x", "cuda:0 for the first"), "--device", "cuda:x")
        self.assert_refused_before_writing(("'half'", "fp32, bf16, fp16 and tf32"), "--precision", "half")

    def test_a_gpu_that_is_not_there(self):
        if has_gpu():
            self.assert_refused_before_writing(("cuda:99", "GPU", "choose"), "--device", "cuda:99")
            return
        for device in ("cuda", "cuda:7"):
            self.assert_refused_before_writing((f"--device {device}:", "choose --device cpu"), "--device", device)

    def test_precisions_that_a_cpu_does_not_have(self):
        for precision in ("fp16", "tf32"):
            self.assert_refused_before_writing((precision, "is for GPUs", "choose fp32"), "--precision", precision)
        if not has_bf16():
            self.assert_refused_before_writing(("bf16", "AVX-512", "choose fp32"), "--precision", "bf16")

    def test_train_knows_the_same_devices(self):
        arguments = ("train", "--data", f"cifar10:{self.data}", "--arch", "cifar_resnet", "--out", self.folder / "model")
        self.assert_refused(harness.run(*arguments, "--device", "gpu"), 2, "'gpu'", "cuda:N")
        if not has_gpu():
            self.assert_refused(harness.run(*arguments, "--device", "cuda:1"), 2, "cuda:1", "choose --device cpu")
        self.assertFalse((self.folder / "model").exists())

    def test_the_default_spelt_out_is_the_default(self):
        status, _, err = harness.run(*self.evaluate("plain"))
        self.assertEqual(status, 0, err)
        status, _, err = harness.run(*self.evaluate("spelt", "--device", "cpu", "--precision", "fp32"))
        self.assertEqual(status, 0, err)
        for name in ("results.json", "metrics.csv"):
            self.assertEqual((self.folder / "plain" / name).read_bytes(), (self.folder / "spelt" / name).read_bytes())
        manifest = json.loads((self.folder / "spelt" / "manifest.json").read_text())
        self.assertNotIn("device", manifest["host"])
        self.assertNotIn("device", manifest["configuration"])
        self.assertNotIn("precision", manifest)
        self.assertNotIn("precision", manifest["configuration"])


class Bfloat(harness.Case):
    """On a processor with AVX-512."""

    images = 80

    def test_says_how_often_it_decides_as_fp32(self):
        if not has_bf16():
            self.skipTest("this processor has no AVX-512, so no run in bf16 was tested")
        status, _, err = harness.run(*[word for word in self.evaluate("run", "--precision", "bf16") if word != "--quiet"])
        self.assertEqual(status, 0, err)
        self.assertRegex(err, r"model 'standard': bf16 decides as fp32 on \d+ of the first 64 images")
        manifest = json.loads((self.folder / "run" / "manifest.json").read_text())
        self.assertIn("of the first 64 images", manifest["precision"]["robust"])
        results = json.loads((self.folder / "run" / "results.json").read_text())
        self.assertEqual({model["way"] for model in results["models"]}, {"eager-bf16"})
        self.assert_refused(harness.run(*self.evaluate("run")), 2, "precision", "--overwrite")


class Cuda(harness.Case):
    images = 80
    variants = ("--variant", "grayscale", "pgd:epsilon=2/255,steps=3")

    def setUp(self):
        if not has_gpu():
            self.skipTest("LibTorch sees no GPU here, so no run on a GPU was tested")
        super().setUp()

    def accuracies(self, folder):
        results = json.loads((self.folder / folder / "results.json").read_text())
        return [score["top1"]["value"] for score in results["scores"]]

    def test_a_run_is_as_on_the_cpu(self):
        for out, device in (("cpu", "cpu"), ("cuda", "cuda")):
            status, _, err = harness.run(*self.evaluate(out, "--device", device, *self.variants, "--channels", "1", "3"))
            self.assertEqual(status, 0, err)
        # One image of 80 may lie on a boundary that rounding moves.
        for here, there in zip(self.accuracies("cpu"), self.accuracies("cuda"), strict=True):
            self.assertAlmostEqual(here, there, delta=1 / 80 + 1e-9)
        manifest = json.loads((self.folder / "cuda" / "manifest.json").read_text())
        self.assertTrue(manifest["host"]["device"].startswith("cuda:0"))
        self.assert_refused(harness.run(*self.evaluate("cuda", *self.variants, "--channels", "1", "3")), 2, "device",
                            "--overwrite")

    def test_fewer_bits_are_marked_and_compared(self):
        status, _, err = harness.run(*self.evaluate("run", "--device", "cuda", "--precision", "fp16"))
        self.assertEqual(status, 0, err)
        manifest = json.loads((self.folder / "run" / "manifest.json").read_text())
        self.assertIn("fp16 decides as fp32", manifest["precision"]["standard"])
        self.assert_refused(harness.run(*self.evaluate("run", "--device", "cuda")), 2, "precision", "--overwrite")

    def test_more_gpus_than_there_are(self):
        self.assert_refused(harness.run(*self.evaluate("run", "--device", "cuda:99")), 2, "GPU", "choose")


if __name__ == "__main__":
    harness.main()
