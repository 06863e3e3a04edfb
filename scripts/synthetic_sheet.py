#!/usr/bin/env python3
"""Draws the contact sheet of the data set `synthetic`: a column a class, rows by split.

Usage: synthetic_sheet.py [OUTPUT.png] [key=value,...]      (needs Pillow, and the program in build/default/bin)
docs/synthetic.png is what `scripts/synthetic_sheet.py docs/synthetic.png` writes.
"""

import csv
import pathlib
import subprocess
import sys
import tempfile

from PIL import Image, ImageDraw

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "build" / "default" / "bin" / "cuebench"
CLASSES = 16
ROWS = (("train", 1), ("cue_conflict", 1), ("shape_only", 1), ("texture_only", 1))
GAP, MARGIN, HEADER = 3, 84, 16


def images_of(split, rows, more, folder):
    """`rows` lists of CLASSES (label, picture), in class order."""
    source = f"synthetic:split={split},classes={CLASSES},count={CLASSES * rows}{more}"
    subprocess.run([PROGRAM, "generate", "--data", source, "--out", folder, "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    with open(folder / "items.csv", newline="") as file:
        items = [(row["label"], Image.open(folder / row["file"]).convert("RGB")) for row in csv.DictReader(file)]
    return [items[row * CLASSES:(row + 1) * CLASSES] for row in range(rows)]


def main():
    output = sys.argv[1] if len(sys.argv) > 1 else "synthetic.png"
    more = f",{sys.argv[2]}" if len(sys.argv) > 2 else ""
    with tempfile.TemporaryDirectory() as folder:
        rows = [(split, items) for split, count in ROWS
                for items in images_of(split, count, more, pathlib.Path(folder) / split)]
    side = rows[0][1][0][1].width + GAP
    sheet = Image.new("RGB", (MARGIN + CLASSES * side, HEADER + len(rows) * side), "white")
    draw = ImageDraw.Draw(sheet)
    for column, (label, _) in enumerate(rows[0][1]):
        draw.text((MARGIN + column * side + 4, 2), label, fill="black")
    for number, (split, items) in enumerate(rows):
        if number == 0 or rows[number - 1][0] != split:
            draw.text((4, HEADER + number * side + 4), split, fill="black")
        for column, (_, picture) in enumerate(items):
            sheet.paste(picture, (MARGIN + column * side, HEADER + number * side))
    sheet.quantize(256).save(output, optimize=True)


if __name__ == "__main__":
    main()
