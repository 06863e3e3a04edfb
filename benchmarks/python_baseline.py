"""The evaluation as a competent Python user writes it: the peer that `cuebench evaluate` is timed against.

Pillow decodes in DataLoader workers, NumPy makes the variants there (saturation by a 256-entry table, patch shuffle by
reshape and transpose), batches of uint8 cross to the main process, inference mode. `--mode` says what becomes of the
models: `eager` modules as they are, `channels_last` modules, or `frozen`: TorchScript, frozen and optimised for inference.
Prints one JSON line: seconds of the streaming part, images, and top-1 per model and variant.

Usage: python_baseline.py --data FOLDER --model NAME=WEIGHTS.pth [...] [--mode frozen] [--workers 2] [--threads 2] [--limit N]
"""

import argparse
import json
import pathlib
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from skimage.feature import canny


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv_a = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn_a = nn.BatchNorm2d(outputs)
        self.conv_b = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn_b = nn.BatchNorm2d(outputs)
        self.stride = stride
        self.grows = inputs != outputs

    def forward(self, x):
        y = F.relu(self.bn_a(self.conv_a(x)), inplace=True)
        y = self.bn_b(self.conv_b(y))
        if self.grows:
            x = x[:, :, ::self.stride, ::self.stride]
            x = torch.cat([x, torch.zeros_like(x)], 1)
        return F.relu(x + y, inplace=True)


class CifarResNet(nn.Module):
    def __init__(self, blocks, classes=10):
        super().__init__()
        self.conv_1_3x3 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn_1 = nn.BatchNorm2d(16)
        width = 16
        for stage, outputs in enumerate((16, 32, 64), 1):
            layers = []
            for index in range(blocks):
                layers.append(Block(width, outputs, 2 if stage > 1 and index == 0 else 1))
                width = outputs
            setattr(self, f"stage_{stage}", nn.Sequential(*layers))
        self.classifier = nn.Linear(64, classes)

    def forward(self, x):
        x = F.relu(self.bn_1(self.conv_1_3x3(x)), inplace=True)
        x = self.stage_3(self.stage_2(self.stage_1(x)))
        return self.classifier(x.mean((2, 3)))


def load_model(path, mode):
    state = torch.load(path, map_location="cpu")
    state = state.get("state_dict", state)
    blocks = sum(1 for key in state if key.startswith("stage_1.") and key.endswith("conv_a.weight"))
    model = CifarResNet(blocks)
    model.load_state_dict(state)
    model.eval()
    if mode == "eager":
        return model
    if mode == "channels_last":
        return model.to(memory_format=torch.channels_last)
    traced = torch.jit.trace(model, torch.zeros(64, 3, 32, 32))
    return torch.jit.optimize_for_inference(torch.jit.freeze(traced))


def saturation_table(p):
    value = np.arange(256) / 255.0
    scaled = 2 * value - 1
    return np.floor(255 * np.clip(0.5 + 0.5 * np.sign(scaled) * np.abs(scaled) ** (2 / p), 0, 1) + 0.5).astype(np.uint8)


TABLES = {p: saturation_table(p) for p in (4, 8, 64, 1024)}
GREY = np.array([0.2125, 0.7154, 0.0721])


def patch_shuffle(image, k, rng):
    height, width = image.shape[0] // k, image.shape[1] // k
    cells = image[:height * k, :width * k].reshape(k, height, k, width, 3).transpose(0, 2, 1, 3, 4).reshape(k * k, height, width, 3)
    cells = cells[rng.permutation(k * k)]
    out = image.copy()
    out[:height * k, :width * k] = cells.reshape(k, k, height, width, 3).transpose(0, 2, 1, 3, 4).reshape(height * k, width * k, 3)
    return out


def variants(image, rng):
    grey = image @ GREY / 255
    yield image
    yield np.repeat(np.floor(255 * grey + 0.5).astype(np.uint8)[..., None], 3, 2)
    lines = canny(grey, sigma=2.0, low_threshold=0.05, high_threshold=0.15)
    yield np.repeat(np.where(lines, 0, 255).astype(np.uint8)[..., None], 3, 2)
    for k in (2, 4, 8):
        yield patch_shuffle(image, k, rng)
    for p in (4, 8, 64, 1024):
        yield TABLES[p][image]


NAMES = ["clean", "grayscale", "edges", "patch_shuffle:k=2", "patch_shuffle:k=4", "patch_shuffle:k=8", "saturate:p=4",
         "saturate:p=8", "saturate:p=64", "saturate:p=1024"]


class Images(torch.utils.data.Dataset):
    def __init__(self, root, limit):
        root = pathlib.Path(root)
        classes = sorted(entry.name for entry in root.iterdir() if entry.is_dir())
        self.items = [(path, label) for label, name in enumerate(classes) for path in sorted((root / name).iterdir())]
        if limit:
            self.items = [self.items[i * len(self.items) // limit] for i in range(limit)]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        path, label = self.items[index]
        image = np.asarray(Image.open(path).convert("RGB"))
        rng = np.random.default_rng(index)
        return np.stack([variant.transpose(2, 0, 1) for variant in variants(image, rng)]), label


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--model", action="append", required=True)
    parser.add_argument("--mode", choices=["eager", "channels_last", "frozen"], default="frozen")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--batch", type=int, default=64)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    models = {name: load_model(path, arguments.mode) for name, path in (text.split("=", 1) for text in arguments.model)}
    images = Images(arguments.data, arguments.limit)
    loader = torch.utils.data.DataLoader(images, batch_size=arguments.batch, num_workers=arguments.workers)
    correct = {(name, variant): 0 for name in models for variant in NAMES}
    with torch.inference_mode():
        for model in models.values():  # the optimised graph is made in the first calls
            for _ in range(3):
                model(torch.zeros(arguments.batch, 3, 32, 32))
        start = time.perf_counter()
        for batch, labels in loader:
            for index, variant in enumerate(NAMES):
                pixels = batch[:, index].float().div_(255)
                if arguments.mode == "channels_last":
                    pixels = pixels.contiguous(memory_format=torch.channels_last)
                for name, model in models.items():
                    correct[name, variant] += int((model(pixels).argmax(1) == labels).sum())
        seconds = time.perf_counter() - start
    print(json.dumps({
        "seconds": seconds,
        "images": len(images),
        "images_per_second": len(images) / seconds,
        "top1": {f"{name} {variant}": count / len(images) for (name, variant), count in correct.items()},
    }))


if __name__ == "__main__":
    main()
