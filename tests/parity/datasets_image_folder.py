#!/usr/bin/python3
"""Oracle for the folder reader: the listing algorithm of torchvision.datasets.ImageFolder (find_classes and
make_dataset of torchvision 0.14, datasets/folder.py), without torchvision. It never imports cuebench.

  datasets_image_folder.py FOLDER    one line an image: LABEL<tab>path relative to FOLDER
"""
import os
import sys

EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")

directory = sys.argv[1]
classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
for label, name in enumerate(classes):
    for root, _, files in sorted(os.walk(os.path.join(directory, name), followlinks=True)):
        for file in sorted(files):
            path = os.path.join(root, file)
            if path.lower().endswith(EXTENSIONS):
                line = f"{label}\t{os.path.relpath(path, directory)}\n"
                sys.stdout.buffer.write(os.fsencode(line))
