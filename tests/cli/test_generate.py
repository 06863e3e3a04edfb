"""`cuebench generate`: what it writes, that it continues, and what it refuses. Needs no LibTorch."""

import csv
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tarfile
import time
import unittest

import harness

SYNTHETIC = "synthetic:count=150,size=24"


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def contents(folder):
    """Every file but the one with times: relative path -> bytes."""
    folder = pathlib.Path(folder)
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "manifest.json"}


class GenerateCase(harness.Case):
    images = 20

    def arguments(self, out, *more, data=SYNTHETIC):
        return ["generate", "--data", data, "--out", self.folder / out, "--quiet", *more]

    def generate(self, out, *more, **options):
        status, stdout, err = harness.run(*self.arguments(out, *more, **options))
        self.assertEqual(status, 0, err)
        self.assertEqual(err, "")
        return self.folder / out

    def inspected(self, source):
        """Class names and counts that the program reads from a source."""
        status, out, err = harness.run("inspect", source)
        self.assertEqual(status, 0, err)
        return [line.split() for line in out.splitlines() if line.startswith("  ")], out


class Output(GenerateCase):
    def test_parameters_of_made_data_sets_are_listed(self):
        status, out, err = harness.run("list", "datasets", "--json")
        self.assertEqual((status, err), (0, ""))
        entries = {entry["name"]: entry for entry in json.loads(out)}
        names = [parameter["name"] for parameter in entries["synthetic"]["parameters"]]
        self.assertIn("texture_contrast", names)
        self.assertNotIn("parameters", entries["folder"])
        status, out, _ = harness.run("list", "datasets")
        for name in names:
            self.assertIn(f"{name}=", out)

    def test_one_folder_a_variant_with_tables_and_masks(self):
        out = self.generate("set", "--variant", "grayscale", "patch_shuffle:k=4")
        manifest = json.loads((out / "manifest.json").read_text())
        self.assertEqual(manifest["verdict"], "valid")
        variants = {entry["variant"]: entry["folder"] for entry in manifest["configuration"]["variants"]}
        self.assertEqual(len(variants), 3)
        self.assertEqual(variants["clean"], "clean")
        rows = table(out / "items.csv")
        self.assertEqual(list(rows[0]), ["id", "label", "shape", "texture", "variant", "file", "note"])
        self.assertEqual(len(rows), 3 * 150)
        for row in rows:
            self.assertEqual(row["file"].split("/")[:2], [variants[row["variant"]], row["label"]])
            self.assertTrue((out / row["file"]).read_bytes().startswith(b"\x89PNG"))
            self.assertTrue((out / "masks" / row["label"] / pathlib.Path(row["file"]).name).exists())
        self.assertEqual((out / "bad_images.csv").read_text(), "path,bytes,reason\n")
        self.assertEqual(len({row["file"] for row in rows}), len(rows))

    def test_the_folder_reader_gives_the_same_classes_in_the_same_order(self):
        out = self.generate("set", "--limit", "7")
        made, _ = self.inspected(SYNTHETIC)
        read, text = self.inspected(f"folder:{out / 'clean'}")
        self.assertEqual([name for name, _ in read], [name for name, _ in made])
        self.assertEqual(sum(int(count) for _, count in read), 7)

    def test_class_names_that_are_out_of_order_get_their_index(self):
        listing = self.folder / "list.csv"
        for name in ("a", "b", "c"):
            (self.folder / f"{name}.ppm").write_bytes(b"P6 2 2 255\n" + bytes(12))
        listing.write_text("path,label\na.ppm,10\nb.ppm,2\nc.ppm,10\n")
        out = self.generate("set", data=f"list:{listing}")
        folders = sorted(path.name for path in (out / "clean").iterdir())
        self.assertEqual(folders[2], "02_2")
        self.assertEqual(folders[10], "10_10")
        self.assertEqual(sorted(path.name for path in (out / "clean" / "10_10").iterdir()), ["a.png", "c.png"])

    def test_images_that_would_share_a_name_keep_apart(self):
        (self.folder / "images" / "cat" / "deep").mkdir(parents=True)
        for name in ("a.ppm", "a.bmp.ppm", "deep/a.ppm"):
            (self.folder / "images" / "cat" / name).write_bytes(b"P6 1 1 255\n" + name.encode()[:3])
        shutil.copy(self.folder / "images" / "cat" / "a.ppm", self.folder / "images" / "cat" / "a.pgm")
        out = self.generate("set", data=self.folder / "images")
        files = [row["file"] for row in table(out / "items.csv")]
        self.assertEqual(len(files), 4)
        self.assertEqual(len(set(files)), 4)
        self.assertIn("clean/cat/deep/a.png", files)

    def test_cifar_ids_become_file_names(self):
        out = self.generate("set", "--encode", "webp", data=f"cifar10:{self.data}")
        rows = table(out / "items.csv")
        self.assertEqual(len(rows), 20)
        self.assertEqual(rows[3]["file"], f"clean/{rows[3]['label']}/test_batch.bin-3.webp")
        self.assertTrue((out / rows[3]["file"]).read_bytes().startswith(b"RIFF"))
        self.assertFalse((out / "masks").exists())

    def test_conflicting_cues_are_named_for_the_geirhos_reader(self):
        for number, source in enumerate(("synthetic:split=cue_conflict,count=90,size=16",
                                         "synthetic:correlation=0.5,count=90,size=16")):
            with self.subTest(source):
                out = self.generate(f"set-{number}", data=source)
                rows = table(out / "items.csv")
                made, made_text = self.inspected(source)
                read, text = self.inspected(f"geirhos:{out / 'clean'}")
                self.assertEqual(read, made)
                self.assertIn("with shape and texture labels", text)
                again = self.generate(f"again-{number}", data=f"geirhos:{out / 'clean'}")
                labels = {row["file"]: (row["label"], row["shape"], row["texture"]) for row in rows}
                self.assertEqual({row["file"]: (row["label"], row["shape"], row["texture"])
                                  for row in table(again / "items.csv")}, labels)

    def test_written_masks_are_read_back(self):
        first = self.generate("first", "--variant", "silhouette")
        second = self.generate("second", "--variant", "silhouette", "--masks", first / "masks", data=first / "clean")
        notes = {row["note"] for row in table(second / "items.csv") if row["variant"] != "clean"}
        self.assertEqual(notes, {"mask=file"})
        for path in (first / "masks").rglob("*.png"):
            self.assertEqual(path.read_bytes(), (second / path.relative_to(first)).read_bytes())

    def test_the_preset_settles_the_size_of_images_and_masks(self):
        out = self.generate("set", "--preset", "custom:exact=10", "--limit", "3")
        for path in [*(out / "clean").rglob("*.png"), *(out / "masks").rglob("*.png")]:
            self.assertEqual(path.read_bytes()[16:24], bytes([0, 0, 0, 10, 0, 0, 0, 10]))

    def test_bad_images_are_recorded(self):
        folder = self.folder / "images" / "cat"
        folder.mkdir(parents=True)
        (folder / "good.ppm").write_bytes(b"P6 1 1 255\nabc")
        (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not much more")
        out = self.generate("set", data=folder.parent)
        self.assertEqual([row["path"] for row in table(out / "bad_images.csv")], ["cat/broken.jpg"])
        self.assertEqual([row["id"] for row in table(out / "items.csv")], ["cat/good.ppm"])
        result = harness.run(*self.arguments("strict", "--on-bad-image", "fail", data=folder.parent))
        self.assert_refused(result, 1, "cat/broken.jpg", "--on-bad-image")


class Repeatable(GenerateCase):
    more = ("--variant", "patch_shuffle:k=2", "stylize")

    def test_threads_and_shards_do_not_change_a_byte(self):
        expected = contents(self.generate("one", *self.more, "--threads", "1"))
        self.assertEqual(contents(self.generate("four", *self.more, "--threads", "4")), expected)
        for shard in (2, 0, 1):
            self.assertFalse((self.folder / "shards" / "items.csv").exists())
            self.generate("shards", *self.more, "--shard", f"{shard}/3")
        self.assertEqual(contents(self.folder / "shards"), expected)
        other = contents(self.generate("seed", *self.more, "--seed", "1"))
        self.assertNotEqual(other, expected)

    def test_a_killed_run_is_continued_to_the_same_bytes(self):
        start = time.monotonic()
        expected = contents(self.generate("whole", *self.more))
        duration = time.monotonic() - start
        rng, killed = random.Random(3), 0
        for attempt in range(8):
            out = self.folder / f"cut-{attempt}"
            process = subprocess.Popen([harness.PROGRAM, *map(str, self.arguments(out.name, *self.more))],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=rng.uniform(0.1, 0.9) * duration)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed += 1
            self.generate(out.name, *self.more)
            for part in out.rglob("*.part"):  # what the killed process had in its hands
                part.unlink()
            self.assertEqual(contents(out), expected)
        self.assertGreaterEqual(killed, 2, "too few runs were killed for the test to mean anything")

    def test_a_second_start_keeps_files_and_restores_missing_ones(self):
        out = self.generate("set", "--threads", "1")
        files = [out / row["file"] for row in table(out / "items.csv")]
        expected = contents(out)
        kept, removed, emptied = files[100], files[0], files[149]
        before = kept.stat().st_mtime_ns
        removed.unlink()
        emptied.write_bytes(b"")
        self.generate("set", "--threads", "1")
        self.assertEqual(contents(out), expected)
        self.assertEqual(kept.stat().st_mtime_ns, before)

    def test_another_configuration_is_refused_unless_told_to_overwrite(self):
        out = self.generate("set", "--variant", "grayscale")
        before = contents(out)
        for more, word in ((("--seed", "1"), "seed"), (("--limit", "9"), "limit"), (("--encode", "webp"), "encode"),
                           (("--variant", "edges"), "variants")):
            variants = () if "--variant" in more else ("--variant", "grayscale")
            self.assert_refused(harness.run(*self.arguments("set", *more, *variants)), 2, word, "--overwrite")
        self.assert_refused(harness.run(*self.arguments("set", "--variant", "grayscale", data="synthetic:count=9")), 2, "data")
        self.assertEqual(contents(out), before)
        self.generate("set", "--variant", "edges", "--limit", "9", "--overwrite")
        self.assertEqual(len(table(out / "items.csv")), 18)
        self.assertFalse((out / "grayscale").exists())

    def test_foreign_files_are_left_alone(self):
        folder = self.folder / "mine"
        folder.mkdir()
        (folder / "thesis.tex").write_text("x")
        self.assert_refused(harness.run(*self.arguments("mine")), 2, "thesis.tex", "--out", "--overwrite")
        self.generate("mine", "--overwrite", "--limit", "2")
        self.generate("mine", "--overwrite", "--limit", "3")
        self.assertTrue((folder / "thesis.tex").exists())


class Refusals(GenerateCase):
    def refused(self, *more, **options):
        return harness.run(*self.arguments("set", *more, **options))

    def test_wrong_requests_are_one_sentence_and_write_nothing(self):
        for source, words in (("synthetic:sizes=3", ("sizes", "size")), ("synthetic:size=0", ("size=0", "16")),
                              ("synthetic:classes=17", ("classes=17", "16")), ("synthetic:split=vall", ("split", "test")),
                              ("synthetic:split=cue_conflict,correlation=0.3", ("correlation", "split")),
                              ("synthetic:count", ("key=value",)), ("synthetik", ("synthetik",)),
                              (self.folder / "absent", ("absent",))):
            with self.subTest(str(source)):
                self.assert_refused(self.refused(data=source), 2, *words)
        self.assert_refused(self.refused("--variant", "patch_shufle"), 2, "patch_shufle", "patch_shuffle")
        self.assert_refused(self.refused("--variant", "patch_shuffle:k=200"), 2, "200", "24")
        self.assert_refused(self.refused("--suite", "shape"), 2, "shape")
        self.assert_refused(self.refused("--encode", "gif"), 2, "gif")
        self.assert_refused(self.refused("--format", "zip"), 2, "zip")
        self.assert_refused(self.refused("--quality", "0"), 2, "--quality")
        self.assert_refused(self.refused("--preset", "nothing"), 2, "nothing")
        self.assert_refused(self.refused("--shard", "3/3"), 2, "3/3")
        self.assert_refused(self.refused("--shard", "a"), 2, "a")
        self.assert_refused(self.refused("--limit", "-1"), 2, "--limit")
        self.assert_refused(self.refused("--threads", "-1"), 2, "--threads")
        self.assertFalse((self.folder / "set").exists())

    def test_missing_choices(self):
        self.assert_refused(harness.run("generate", "--data", "synthetic"), 2, "--out")
        self.assert_refused(harness.run("generate", "--out", self.folder / "set"), 2, "--data")

    def test_output_that_cannot_be_written(self):
        (self.folder / "file").write_text("x")
        self.assert_refused(harness.run(*self.arguments("file")), 2, "file", "--out")

    def test_a_damaged_state_is_named(self):
        self.generate("set")
        (self.folder / "set" / ".cuebench" / "generation.json").write_text("{")
        self.assert_refused(self.refused(), 2, "generation.json", "--overwrite")

    def test_a_damaged_block_record_is_made_again(self):
        out = self.generate("set")
        expected = contents(out)
        record = sorted((out / ".cuebench").glob("block-*.csv"))[1]
        for text in (b"", b"\xff\xfe", b"kind,text,bytes\nfile,../../etc/passwd,1\n", b"kind,text,bytes\nfile\n"):
            record.write_bytes(text)
            self.generate("set")
            self.assertEqual(contents(out), expected)

    def test_a_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", disk], capture_output=True).returncode:
            self.skipTest("mounting a small file system needs root")
        try:
            result = harness.run(*self.arguments("disk/set", data="synthetic:count=1000"))
            self.assert_refused(result, 1, "space")
        finally:
            subprocess.run(["umount", disk], check=True)

    def test_an_interrupt_keeps_what_is_finished(self):
        arguments = self.arguments("set", "--threads", "1", data="synthetic:count=3000")
        process = subprocess.Popen([harness.PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        state = self.folder / "set" / ".cuebench"
        while process.poll() is None and not list(state.glob("block-*.csv")):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("continues", err)
        status, _, err = harness.run(*arguments)
        self.assertEqual(status, 0, err)
        self.assertEqual(len(table(self.folder / "set" / "items.csv")), 3000)


if __name__ == "__main__":
    harness.main()
