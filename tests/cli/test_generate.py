"""`cuebench generate`: what it writes, that it continues, and what it refuses. Needs no LibTorch."""

import csv
import hashlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import tarfile
import time
import unittest
import zlib

import harness

SYNTHETIC = "synthetic:count=150,size=24"


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


FORMATS = {"folder": (), "webdataset": ("--format", "webdataset", "--shard-items", "16")}


def samples(path):
    """The samples of a tar as the library webdataset groups them: [(key, {extension: bytes})].

    Its base_plus_ext and group_by_keys: a sample is a run of members with one key, and no extension may come twice.
    """
    found = []
    with tarfile.open(path) as tar:
        for member in tar:
            key, extension = re.match(r"^((?:.*/|)[^.]+)[.]([^/]*)$", member.name).groups()
            if not found or found[-1][0] != key:
                found.append((key, {}))
            assert extension not in found[-1][1], f"{member.name} comes twice"
            found[-1][1][extension] = tar.extractfile(member).read()
    return found


def png(height, width, rng):
    """A PNG of noise."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    rows = b"".join(b"\0" + rng.randbytes(3 * width) for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


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


class Webdataset(GenerateCase):
    def test_samples_are_whole_and_adjacent(self):
        out = self.generate("set", "--variant", "grayscale", "patch_shuffle:k=4", *FORMATS["webdataset"])
        manifest = json.loads((out / "manifest.json").read_text())
        rows = {(row["variant"], row["id"]): row for row in table(out / "items.csv")}
        self.assertEqual(len(rows), 3 * 150)
        classes = (out / "clean" / "classes.txt").read_text().splitlines()
        for entry in manifest["configuration"]["variants"]:
            shards = sorted((out / entry["folder"]).glob("*.tar"))
            self.assertEqual([path.name for path in shards], [f"{number:06}.tar" for number in range(10)])
            keys = []
            for shard in shards:
                found = samples(shard)
                self.assertEqual(len(found), 16 if shard != shards[-1] else 6)
                for key, parts in found:
                    facts = json.loads(parts["json"])
                    self.assertEqual(facts["variant"], entry["variant"])
                    row = rows[entry["variant"], facts["id"]]
                    self.assertEqual(row["file"], f"{entry['folder']}/{shard.name}/{key}.png")
                    self.assertEqual((facts["label"], facts["shape"], facts["texture"], facts["note"]),
                                     (row["label"], row["shape"], row["texture"], row["note"]))
                    self.assertEqual(classes[int(parts["cls"])], facts["label"])
                    self.assertTrue(parts["png"].startswith(b"\x89PNG"))
                    moved = entry["variant"].startswith("patch_shuffle")
                    self.assertEqual(set(parts), {"png", "cls", "json"} | (set() if moved else {"mask.png"}))
                keys += [key for key, _ in found]
            self.assertEqual(len(set(keys)), 150)

    def test_the_pictures_are_those_of_the_folder(self):
        tars = self.generate("tars", "--variant", "grayscale", "--encode", "webp", *FORMATS["webdataset"])
        folder = self.generate("folder", "--variant", "grayscale", "--encode", "webp")
        for variant in ("clean", next(path.name for path in tars.glob("grayscale*"))):
            for shard in (tars / variant).glob("*.tar"):
                for key, parts in samples(shard):
                    self.assertEqual(parts["webp"], (folder / variant / f"{key}.webp").read_bytes())

    def test_the_reader_gives_labels_masks_and_names_back(self):
        for number, source in enumerate((SYNTHETIC, "synthetic:split=cue_conflict,count=90,size=16")):
            with self.subTest(source):
                first = self.generate(f"first-{number}", "--variant", "silhouette", *FORMATS["webdataset"], data=source)
                made, made_text = self.inspected(source)
                read, text = self.inspected(first / "clean")  # recognised
                self.assertEqual(read, made)
                self.assertEqual("with shape and texture labels" in text, number == 1)
                second = self.generate(f"second-{number}", "--variant", "silhouette", *FORMATS["webdataset"],
                                       data=first / "clean")
                columns = ("label", "shape", "texture", "variant", "file", "note")
                self.assertEqual([[row[column] for column in columns] for row in table(second / "items.csv")],
                                 [[row[column] for column in columns] for row in table(first / "items.csv")])
                for variant in ("clean", next(path.name for path in first.glob("silhouette*"))):
                    for shard in (first / variant).glob("*.tar"):
                        for (key, before), (same, after) in zip(samples(shard), samples(second / variant / shard.name)):
                            self.assertEqual(key, same)
                            for part in ("png", "cls", "mask.png"):
                                self.assertEqual(before[part], after[part])
                            self.assertEqual(json.loads(after["json"])["id"], key)

    def test_names_become_keys(self):
        folder = self.folder / "images" / "n01.cat\u00fc"
        folder.mkdir(parents=True)
        names = ["a.ppm", "a.b.ppm", "a_b.ppm", "x" * 120 + ".ppm", "\u732b.ppm"]
        for number, name in enumerate(names):
            (folder / name).write_bytes(b"P6 1 1 255\n" + bytes([number] * 3))
        out = self.generate("set", "--format", "webdataset", data=folder.parent)
        found = dict(samples(out / "clean" / "000000.tar"))
        self.assertEqual(len(found), len(names))
        for name in ("a", "x" * 120, "\u732b"):
            self.assertIn(f"n01.cat\u00fc/{name}", found)
        self.assertEqual((out / "clean" / "classes.txt").read_text(), "n01.cat\u00fc\n")
        again = self.generate("again", "--format", "webdataset", data=out / "clean" / "000000.tar")
        self.assertEqual(list(found), [key for key, _ in samples(again / "clean" / "000000.tar")])

    def test_bad_images_leave_a_gap(self):
        folder = self.folder / "images" / "cat"
        folder.mkdir(parents=True)
        for number in range(5):
            (folder / f"{number}.ppm").write_bytes(b"P6 1 1 255\nabc" if number not in (1, 4) else b"no image")
        out = self.generate("set", "--format", "webdataset", "--shard-items", "2", data=folder.parent)
        keys = [[key for key, _ in samples(path)] for path in sorted((out / "clean").glob("*.tar"))]
        self.assertEqual(keys, [["cat/0"], ["cat/2", "cat/3"], []])
        self.assertEqual(json.loads((out / "manifest.json").read_text())["counts"], {"bad_images": 2, "images": 5})
        _, text = self.inspected(out / "clean")
        self.assertIn("3 images", text)

    def write_as_the_library(self, path, found):
        """As webdataset.TarWriter: text as UTF-8, cls as decimal digits, a time with fraction, owner bigdata."""
        import io
        with tarfile.open(path, "w|") as tar:
            for sample in found:
                for extension, content in sorted(sample.items()):
                    if extension == "__key__":
                        continue
                    member = tarfile.TarInfo(f"{sample['__key__']}.{extension}")
                    member.size, member.mtime, member.mode = len(content), 1700000000.25, 0o0444
                    member.uname = member.gname = "bigdata"
                    tar.addfile(member, io.BytesIO(content))

    def test_files_of_the_library_are_read(self):
        rng = random.Random(1)
        folder = self.folder / "shards"
        folder.mkdir()
        for shard in range(2):
            self.write_as_the_library(folder / f"train-{shard:06}.tar", [
                {"__key__": f"part/{shard}-{number:04}", "png": png(4, 5, rng), "cls": str(number % 3).encode(),
                 "json": json.dumps({"label": ["ant", "bee", "cat"][number % 3], "box": [1, 2]}).encode(),
                 "txt": b"a caption", "npy": b"\x93NUMPY"} for number in range(6)])
        read, text = self.inspected(folder)
        self.assertEqual(read, [["ant", "4"], ["bee", "4"], ["cat", "4"]])
        self.assertIn("24 members that are not read", text)
        out = self.folder / "set"
        self.assertEqual(harness.run(*self.arguments("set", data=folder))[0], 0)
        self.assertEqual([row["id"] for row in table(out / "items.csv")],
                         [f"part/{shard}-{number:04}" for shard in range(2) for number in range(6)])
        self.assertEqual((out / "clean" / "bee" / "part" / "0-0001.png").read_bytes()[16:24],
                         bytes([0, 0, 0, 5, 0, 0, 0, 4]))


class Preview(GenerateCase):
    def preview(self, *more, data=SYNTHETIC):
        path = self.folder / "sheet.png"
        status, out, err = harness.run("generate", "--data", data, "--preview", path, "--quiet", *more)
        self.assertEqual((status, err), (0, ""), err)
        content = path.read_bytes()
        path.unlink()
        return content, struct.unpack(">II", content[16:24])

    def test_one_picture_and_nothing_else(self):
        before = sorted(self.folder.iterdir())
        content, (width, height) = self.preview("--variant", "grayscale", "edges")
        self.assertTrue(content.startswith(b"\x89PNG"))
        self.assertGreater(height, 6 * 120)  # six rows of 24 pixels five times as large
        self.assertGreater(width, 3 * 120)
        self.assertEqual(self.preview("--variant", "grayscale", "edges", "--threads", "7", "--out", self.folder / "set")[0],
                         content)
        self.assertEqual(sorted(self.folder.iterdir()), before)
        self.assertGreater(self.preview("--variant", "grayscale", "edges", "--limit", "9")[1][1], height)

    def test_large_pictures_shrink_and_bad_ones_leave_their_place(self):
        folder = self.folder / "images" / "cat"
        folder.mkdir(parents=True)
        (folder / "good.ppm").write_bytes(b"P6 400 200 255\n" + bytes(400 * 200 * 3))
        (folder / "bad.ppm").write_bytes(b"P6 400 200 255\n")
        _, (width, height) = self.preview(data=folder.parent)
        self.assertLess(width, 160 + 200)
        self.assertLess(height, 80 + 200)

    def test_refusals(self):
        for more, words in ((("--preview", "sheet.jpg"), ("sheet.jpg", ".png")),
                            (("--preview", "no-such-folder/sheet.png"), ("no-such-folder",)),
                            (("--preview", "sheet.png", "--limit", "25"), ("24", "25"))):
            self.assert_refused(harness.run("generate", "--data", SYNTHETIC, *more), 2, *words)


class Repeatable(GenerateCase):
    more = ("--variant", "patch_shuffle:k=2", "stylize")

    def hashes(self, out):
        return json.loads((out / "manifest.json").read_text())["hashes"]

    def test_threads_and_shards_do_not_change_a_byte(self):
        for name, form in FORMATS.items():
            with self.subTest(name):
                more = (*self.more, *form)
                one = self.generate(f"{name}-one", *more, "--threads", "1")
                expected, hashes = contents(one), self.hashes(one)
                for threads in ("2", "16"):
                    out = self.generate(f"{name}-{threads}", *more, "--threads", threads)
                    self.assertEqual(contents(out), expected)
                    self.assertEqual(self.hashes(out), hashes)
                for shards in ((1, 0), (2, 0, 1)):
                    out = self.folder / f"{name}-shards-{len(shards)}"
                    for shard in shards:
                        self.assertFalse((out / "items.csv").exists())
                        self.generate(out.name, *more, "--shard", f"{shard}/{len(shards)}")
                    self.assertEqual(contents(out), expected)
                    self.assertEqual(self.hashes(out), hashes)
                other = self.generate(f"{name}-seed", *more, "--seed", "1")
                self.assertNotEqual(contents(other), expected)
                differing = {key for key, value in self.hashes(other).items() if value != hashes[key]}
                self.assertEqual({key.split(":")[0] for key in differing}, {"variant patch_shuffle", "variant stylize"})

    def test_a_killed_run_is_continued_to_the_same_bytes(self):
        for name, form in FORMATS.items():
            with self.subTest(name):
                more = (*self.more, *form)
                start = time.monotonic()
                whole = self.generate(f"{name}-whole", *more)
                duration = time.monotonic() - start
                expected, hashes = contents(whole), self.hashes(whole)
                rng, killed = random.Random(3), 0
                for attempt in range(6):
                    out = self.folder / f"{name}-cut-{attempt}"
                    process = subprocess.Popen([harness.PROGRAM, *map(str, self.arguments(out.name, *more))],
                                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    try:
                        process.wait(timeout=rng.uniform(0.1, 0.9) * duration)
                    except subprocess.TimeoutExpired:
                        process.send_signal(signal.SIGKILL)
                        process.wait()
                        killed += 1
                    for tar in out.rglob("*.tar"):  # those that are there are whole
                        self.assertEqual(tar.read_bytes(), (whole / tar.relative_to(out)).read_bytes())
                    self.generate(out.name, *more)
                    if name == "folder":
                        for part in out.rglob("*.part"):  # what the killed process had in its hands
                            part.unlink()
                    self.assertEqual(contents(out), expected)
                    self.assertEqual(self.hashes(out), hashes)
                self.assertGreaterEqual(killed, 2, "too few runs were killed for the test to mean anything")

    def test_the_digest_is_that_of_sha256sum(self):
        def digest(out, paths):
            lines = [f"{hashlib.sha256((out / path).read_bytes()).hexdigest()}  {path.split('/', 1)[1]}\n"
                     for path in paths]
            return hashlib.sha256("".join(lines).encode()).hexdigest()

        folder = self.generate("folder", *self.more)
        for variant in {row["variant"] for row in table(folder / "items.csv")}:
            paths = [row["file"] for row in table(folder / "items.csv") if row["variant"] == variant]
            self.assertEqual(self.hashes(folder)[f"variant {variant}"], digest(folder, paths))
        masks = [row["file"].replace("clean/", "masks/") for row in table(folder / "items.csv")
                 if row["variant"] == "clean"]
        self.assertEqual(self.hashes(folder)["masks"], digest(folder, masks))
        tars = self.generate("tars", *self.more, *FORMATS["webdataset"])
        paths = [str(path.relative_to(tars)) for path in sorted((tars / "clean").glob("*.tar"))]
        self.assertEqual(len(paths), 10)
        self.assertEqual(self.hashes(tars)["variant clean"], digest(tars, paths))

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
                           (("--format", "webdataset"), "format"),
                           (("--variant", "edges"), "variants")):
            variants = () if "--variant" in more else ("--variant", "grayscale")
            self.assert_refused(harness.run(*self.arguments("set", *more, *variants)), 2, word, "--overwrite")
        self.assert_refused(harness.run(*self.arguments("set", "--variant", "grayscale", data="synthetic:count=9")), 2, "data")
        self.assertEqual(contents(out), before)
        self.generate("tars", *FORMATS["webdataset"])
        self.assert_refused(harness.run(*self.arguments("tars", "--format", "webdataset")), 2, "shard-items", "16", "1024")
        self.generate("tars", "--overwrite", "--limit", "9")
        self.assertFalse(list((self.folder / "tars").rglob("*.tar")))
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
        self.assert_refused(self.refused("--shard-items", "64"), 2, "--shard-items", "webdataset")
        self.assert_refused(self.refused("--format", "webdataset", "--shard-items", "-1"), 2, "--shard-items")
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
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", disk], capture_output=True).returncode:
            self.skipTest("mounting a small file system needs root")
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        for name, form in FORMATS.items():
            with self.subTest(name):
                more = ("--variant", "grayscale", *form)
                result = harness.run(*self.arguments(f"disk/{name}", *more))
                self.assert_refused(result, 1, f"disk/{name}", "space", "make room")
                finished = sorted((disk / name / ".cuebench").glob("block-*.csv"))
                self.assertGreater(len(finished), 0)
                before = [path.stat().st_mtime_ns for path in finished]
                subprocess.run(["mount", "-o", "remount,size=20m", disk], check=True)
                self.generate(f"disk/{name}", *more)
                self.assertEqual([path.stat().st_mtime_ns for path in finished], before)
                self.assertEqual(contents(disk / name), contents(self.generate(f"expected-{name}", *more)))
                shutil.rmtree(disk / name)
                subprocess.run(["mount", "-o", "remount,size=1200k", disk], check=True)

    def test_a_file_beyond_the_limit_on_sizes(self):
        rng = random.Random(4)
        data = self.folder / "images"
        (data / "cat").mkdir(parents=True)
        for number in range(80):
            side = 160 if number == 70 else 8
            (data / "cat" / f"{number:02}.png").write_bytes(png(side, side, rng))
        for name, form in FORMATS.items():
            with self.subTest(name):
                result = harness.run(*self.arguments(name, *form, "--threads", "1", data=data),
                                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000)))
                self.assert_refused(result, 1, "70.png" if name == "folder" else "000004.tar", "ulimit -f")
                state = self.folder / name / ".cuebench"
                self.assertEqual(len(list(state.glob("block-*.csv"))), 1 if name == "folder" else 4)
                self.assertFalse(list((self.folder / name).rglob("*.part")))
                self.generate(name, *form, data=data)
                self.assertEqual(contents(self.folder / name), contents(self.generate(f"{name}-whole", *form, data=data)))

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
