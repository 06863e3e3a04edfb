#!/usr/bin/env python3
"""How discriminable the two cues of the data set `synthetic` are, for a small convolutional network.

Usage: synthetic_cues.py [key=value,...]...     one line a setting; "-" is the default. Needs PyTorch and Pillow.
A network of five layers is trained on 4,000 images for 20 epochs: on `train` (both cues agree) and tested on every split,
and on each single-cue split alone. docs/synthetic.md shows the output. Takes about ten minutes a setting on one core.
"""

import csv
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch
from PIL import Image
from torch import nn

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "build" / "default" / "bin" / "cuebench"
TRAINED, TESTED, EPOCHS, BATCH = 4000, 500, 20, 64


def load(split, count, seed, setting):
    """Images (bytes, NCHW), labels, and texture labels (-1: none)."""
    with tempfile.TemporaryDirectory() as folder:
        source = f"synthetic:split={split},count={count},seed={seed}{setting}"
        subprocess.run([PROGRAM, "generate", "--data", source, "--out", folder, "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)
        with open(f"{folder}/items.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        names = sorted({row["label"] for row in rows})
        images = numpy.stack([numpy.asarray(Image.open(f"{folder}/{row['file']}")) for row in rows])
    index = {name: number for number, name in enumerate(names)}
    labels, textures = ([index.get(row[key], -1) for row in rows] for key in ("label", "texture"))
    return torch.from_numpy(images.transpose(0, 3, 1, 2).copy()), torch.tensor(labels), torch.tensor(textures)


def normalised(images):
    return (images.float() / 255 - 0.5) / 0.2


def make_network():
    layers = []
    for into, out, stride in ((3, 16, 2), (16, 32, 1), (32, 48, 2), (48, 64, 1), (64, 96, 2)):
        layers += [nn.Conv2d(into, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(96, 10))


def train(images, labels):
    torch.manual_seed(0)
    network = make_network()
    optimiser = torch.optim.SGD(network.parameters(), 0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    steps = len(images) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.2, total_steps=EPOCHS * steps)
    for _ in range(EPOCHS):
        order = torch.randperm(len(images))
        for step in range(steps):
            chosen = order[step * BATCH:(step + 1) * BATCH]
            batch = normalised(images[chosen])
            if torch.rand(()) < 0.5:
                batch = batch.flip(3)
            batch = torch.roll(batch, torch.randint(-4, 5, (2,)).tolist(), (2, 3))
            loss = nn.functional.cross_entropy(network(batch), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return network.eval()


def share(network, images, labels):
    """Per cent of images whose prediction is `labels`."""
    with torch.no_grad():
        predicted = torch.cat([network(normalised(part)).argmax(1) for part in images.split(200)])
    return 100 * (predicted == labels).float().mean().item()


def measure(setting):
    tests = {split: load(split, TESTED, 2, setting) for split in ("test", "shape_only", "texture_only", "cue_conflict")}
    results = {}
    for split in ("shape_only", "texture_only"):
        network = train(*load(split, TRAINED, 1, setting)[:2])
        results[f"trained on {split} alone"] = share(network, *tests[split][:2])
    network = train(*load("train", TRAINED, 1, setting)[:2])
    for split in ("test", "shape_only", "texture_only"):
        results[split] = share(network, *tests[split][:2])
    images, shapes, textures = tests["cue_conflict"]
    results["conflict: shape"] = share(network, images, shapes)
    results["conflict: texture"] = share(network, images, textures)
    return results


def main():
    torch.set_num_threads(1)
    for typed in sys.argv[1:] or ["-"]:
        results = measure("" if typed == "-" else "," + typed)
        print(typed, *(f"{name} {value:.1f}" for name, value in results.items()), sep=" | ", flush=True)


if __name__ == "__main__":
    main()
