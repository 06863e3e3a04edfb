"""Wrong requests: one sentence that names the thing and the remedy, the right exit code, nothing stored lost."""

import json
import os
import pathlib
import shutil
import subprocess
import tarfile

import harness


class Refusals(harness.Case):
    images = 32

    def refused(self, *more, **options):
        return harness.run(*self.evaluate("run", *more, **options))

    def test_unknown_names_come_with_the_nearest(self):
        self.assert_refused(self.refused("--variant", "patch_shufle:k=4"), 2, "patch_shufle", "patch_shuffle")
        self.assert_refused(self.refused("--variant", "patch_shuffle:kk=4"), 2, "kk", "k")
        self.assert_refused(self.refused("--variant", "patch_shuffle:k=0"), 2, "k=0", "outside")
        self.assert_refused(self.refused("--suite", "shape-textur"), 2, "shape-textur", "shape-texture")
        self.assert_refused(self.refused("--preset", "imagenett"), 2, "imagenett", "imagenet")
        self.assert_refused(self.refused("--channels", "33"), 2, "33", "3")
        self.assert_refused(self.refused("--channels", "nobody:3"), 2, "nobody")
        self.assert_refused(self.refused("--pair", "robust:standart"), 2, "standart", "standard")
        self.assert_refused(self.refused("--partition", "class"), 2, "class_clean")
        self.assert_refused(self.refused("--relevance", "top3"), 2, "top3", "top2")
        self.assert_refused(self.refused("--intervene", "33"), 2, "33", "3")
        self.assert_refused(self.refused("--intervene", "3:action=keep"), 2, "keep", "keep_relevant")
        self.assert_refused(self.refused("--intervene", "3:k=99999"), 2, "99999", "channels")
        self.assert_refused(self.refused("--intervene", "nobody:3"), 2, "nobody")
        self.assert_refused(self.refused("--variant", "apgd:joint=2"), 2, "joint", "pgd")
        factors = [f"m={self.folder}/standard.safetensors,factors=constant"]
        self.assert_refused(self.refused(models=factors), 2, "factors=constant", "CIFS")
        self.assert_refused(self.refused("--nonsense", "1"), 2, "--nonsense")

    def test_a_variant_that_does_not_fit_the_image_size(self):
        self.assert_refused(self.refused("--variant", "patch_shuffle:k=64"), 2, "64", "32")

    def test_data_that_is_not_there_or_empty(self):
        self.assert_refused(self.refused(data=self.folder / "absent"), 2, "absent")
        (self.folder / "empty").mkdir()
        self.assert_refused(self.refused(data=self.folder / "empty"), 2, "empty")
        self.assert_refused(self.refused(data="cifar11:x"), 2, "cifar11", "cifar10")

    def test_models_that_cannot_be_used(self):
        (self.folder / "page.pth").write_text("<html>404</html>")
        self.assert_refused(self.refused(models=[f"m={self.folder}/page.pth"]), 2, "page.pth", "web page")
        self.assert_refused(self.refused(models=[f"m={self.folder}/none.pth"]), 2, "none.pth")
        self.assert_refused(self.refused(models=["just-a-file"]), 2, "NAME=FILE")
        self.assert_refused(self.refused(models=[f"m={self.folder}/standard.safetensors,rolle=robust"]), 2, "rolle", "role")
        twice = f"m={self.folder}/standard.safetensors"
        self.assert_refused(self.refused(models=[twice, twice]), 2, "'m'")
        harness.write_tiny_model(self.folder / "seven.safetensors", 3, classes=7)
        self.assert_refused(self.refused(models=[f"m={self.folder}/seven.safetensors"]), 2, "7", "10", "classes")

    def test_a_pickle_that_wants_to_run_code_is_refused_by_name(self):
        bad = harness.shared("data/checkpoints/bad")
        self.assert_refused(self.refused(models=[f"m={bad}/zip_os_system.pth"]), 2, "system")

    def test_every_malformed_checkpoint_is_one_sentence(self):
        bad = harness.shared("data/checkpoints/bad")
        for path in sorted(bad.iterdir()):
            if path.name == "expected.csv":
                continue
            with self.subTest(path.name):
                self.assert_refused(self.refused(models=[f"m={path}"]), 2, path.name)

    def test_layers_that_say_nothing(self):
        self.assert_refused(self.refused("--channels", "3", "--relevance-threshold", "nan"), 2, "--relevance-threshold")
        status, _, err = harness.run(*self.evaluate("signed", "--channels", "0", "3", "3"))
        self.assertEqual(status, 0, err)
        self.assertIn("layer '0' of model 'standard' has negative activations", err)
        channels = json.loads((self.folder / "signed" / "results.json").read_text())["channels"]
        self.assertEqual(len(channels), 2 * 2 * 4, "a layer that is named twice is measured once")
        for entry in channels:
            share = entry["groups"][0]["nr_share"]
            if entry["layer"] == "0":
                self.assertIsNone(share["value"])
                self.assertIn("negative", share["reason"])
            else:
                self.assertIsNotNone(share["value"])

    def test_numbers_out_of_range(self):
        self.assert_refused(self.refused("--shard", "4/4"), 2, "4/4")
        self.assert_refused(self.refused("--shard", "half"), 2, "half")
        self.assert_refused(self.refused("--threads", "many"), 2, "--threads")
        self.assert_refused(self.refused("--block", "0"), 2, "--block")
        self.assert_refused(self.refused("--memory", "1", "--batch", "16"), 2, "--memory", "--batch")

    def test_output_that_cannot_be_written(self):
        (self.folder / "file").write_text("x")
        self.assert_refused(self.refused("--out", self.folder / "file"), 2, "file", "--out")

    def test_a_run_of_another_configuration_is_kept(self):
        status, _, err = self.refused()
        self.assertEqual(status, 0, err)
        before = (self.folder / "run" / "results.json").read_bytes()
        result = harness.run(*self.evaluate("run", "--seed", "5"))
        self.assert_refused(result, 2, "seed", "--overwrite")
        self.assertEqual((self.folder / "run" / "results.json").read_bytes(), before)
        status, _, err = harness.run(*self.evaluate("run", "--seed", "5", "--overwrite"))
        self.assertEqual(status, 0, err)

    def test_a_damaged_store_is_named(self):
        (self.folder / "run").mkdir()
        (self.folder / "run" / "run.sqlite").write_text("this is not a database, " * 100)
        self.assert_refused(self.refused(), 2, "run.sqlite")

    def test_report_of_a_folder_without_a_run(self):
        self.assert_refused(harness.run("report", self.folder), 2, "run.sqlite")

    def test_configuration_files(self):
        config = self.folder / "run.toml"
        config.write_text('seed = 3\nlimit = 8\nvariant = ["grayscale"]\n')
        status, _, err = harness.run(*self.evaluate("run", "--config", config, "--variant", "saturate:p=8"))
        self.assertEqual(status, 0, err)
        manifest = (self.folder / "run" / "manifest.json").read_text()
        self.assertIn('"seed": 3', manifest)
        self.assertNotIn("grayscale", manifest)  # the flag wins
        config.write_text("sead = 3\n")
        self.assert_refused(harness.run(*self.evaluate("other", "--config", config)), 2, "sead")
        self.assert_refused(harness.run(*self.evaluate("other", "--config", self.folder / "none.toml")), 2, "none.toml")

    def test_a_full_disk(self):
        """What is stored stays, and the run continues where there is room."""
        disk = self.folder / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("mounting a small file system needs root")
        try:
            many = self.folder / "many.bin"
            harness.write_tiny_cifar(many, 3000)
            arguments = self.evaluate("unused", "--out", disk / "run", data=f"cifar10:{many}")
            status, out, err = harness.run(*arguments)
            self.assertEqual(status, 1, err)
            self.assertIn("full", err.lower() + ("full" if "space" in err.lower() else ""))
            self.assertEqual(len(err.strip().splitlines()), 1, err)
            if (disk / "run" / "run.sqlite").exists():
                shutil.copytree(disk / "run", self.folder / "moved")
                arguments[arguments.index(disk / "run")] = self.folder / "moved"
                status, _, err = harness.run(*arguments)
                self.assertEqual(status, 0, err)
        finally:
            subprocess.run(["umount", disk], check=True)


class BadImages(harness.Case):
    images = 4

    def make_folder(self):
        archive = harness.shared("data/bad_images/bad_images.tar")
        for name, label in (("made/j_420.jpg", "good"), ("made/b_trunc_scan_50.jpg", "bad"), ("made/b_zero_bytes.jpg", "bad"),
                            ("made/jpeg_named.png", "good"), ("made/b_html.jpg", "bad"), ("made/b_png_huge_dims.png", "bad")):
            folder = self.folder / "images" / label
            folder.mkdir(parents=True, exist_ok=True)
            with tarfile.open(archive) as tar:
                (folder / pathlib.Path(name).name).write_bytes(tar.extractfile(name).read())
        return self.folder / "images"

    def test_are_recorded_and_the_run_continues(self):
        images = self.make_folder()
        for name, seed in (("standard", 1), ("robust", 2)):
            harness.write_tiny_model(self.folder / f"{name}.safetensors", seed, classes=2)
        more = ("--preset", "custom:exact=32")
        status, _, err = harness.run(*self.evaluate("run", *more, data=images))
        self.assertEqual(status, 0, err)
        rows = (self.folder / "run" / "bad_images.csv").read_text().splitlines()
        self.assertEqual(rows[0], "path,bytes,reason")
        self.assertEqual(sorted(row.split(",")[0] for row in rows[1:]),
                         ["bad/b_html.jpg", "bad/b_png_huge_dims.png", "bad/b_trunc_scan_50.jpg", "bad/b_zero_bytes.jpg"])
        self.assertTrue(all(row.split(",")[1].isdigit() and len(row.split(",")[2]) > 3 for row in rows[1:]), rows)
        result = harness.run(*self.evaluate("strict", *more, "--on-bad-image", "fail", data=images))
        self.assert_refused(result, 1, "bad/", "--on-bad-image")


class Basics(harness.Case):
    images = 4

    def test_help_version_and_lists(self):
        for arguments in (("--help",), ("--version",), ("list",), ("list", "variants"), ("list", "variants", "--json"),
                          ("list", "suites"), ("list", "datasets"), ("list", "presets"), ("list", "architectures"),
                          ("evaluate", "--help"), ("report", "--help"), ("inspect", self.data),
                          ("inspect", self.folder / "standard.safetensors"), ("doctor",)):
            with self.subTest(arguments):
                status, out, err = harness.run(*arguments)
                self.assertEqual((status, err), (0, ""))
                self.assertGreater(len(out), 10)

    def test_no_command_and_unknown_ones(self):
        self.assert_refused(harness.run(), 2, "subcommand")
        self.assert_refused(harness.run("evalute"), 2, "evalute")
        self.assert_refused(harness.run("list", "variant"), 2, "variant", "variants")


if __name__ == "__main__":
    harness.main()
