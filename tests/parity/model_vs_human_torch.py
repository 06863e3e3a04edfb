"""The decisions of SqueezeNet 1.0 on cue-conflict stimuli, with PyTorch and the published definition of the 16 categories.

Usage: model_vs_human_torch.py WEIGHTS STIMULI_TAR IMAGENET16_JSON; prints a JSON object NAME -> {aggregation: category}.
"""

import io
import json
import sys
import tarfile

import numpy
import torch
import torch.nn.functional as F
from PIL import Image


def squeezenet(state, x):
    def conv(x, name, **options):
        return F.conv2d(x, state[f"{name}.weight"], state[f"{name}.bias"], **options)

    def pool(x):
        return F.max_pool2d(x, 3, 2, ceil_mode=True)

    def fire(x, number):
        name = f"features.{number}"
        squeezed = F.relu(conv(x, f"{name}.squeeze"))
        return torch.cat([F.relu(conv(squeezed, f"{name}.expand1x1")),
                          F.relu(conv(squeezed, f"{name}.expand3x3", padding=1))], 1)

    x = pool(F.relu(conv(x, "features.0", stride=2)))
    for group in ((3, 4, 5), (7, 8, 9, 10)):
        for number in group:
            x = fire(x, number)
        x = pool(x)
    return F.relu(conv(fire(x, 12), "classifier.1")).mean((2, 3))


def main():
    weights, stimuli, lists = sys.argv[1:]
    torch.set_num_threads(1)
    state = torch.load(weights, map_location="cpu")
    state = {name: value.float() for name, value in state.get("state_dict", state).items()}
    with open(lists) as file:
        categories = {entry["name"]: entry["imagenet_indices"] for entry in json.load(file)["categories"]}
    mean, deviation = (torch.tensor(values).view(3, 1, 1) for values in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    decisions = {}
    with tarfile.open(stimuli) as archive, torch.no_grad():
        for member in archive:
            if not member.name.endswith(".png"):
                continue
            pixels = numpy.array(Image.open(io.BytesIO(archive.extractfile(member).read())).convert("RGB"))
            image = (torch.from_numpy(pixels).permute(2, 0, 1).float() / 255 - mean) / deviation
            logits = squeezenet(state, image[None])[0].double()
            p = torch.softmax(logits, 0)
            ways = {"mean": lambda i: p[i].mean(), "sum": lambda i: p[i].sum(), "max": lambda i: p[i].max(),
                    "logsumexp": lambda i: torch.logsumexp(logits[i], 0)}
            decisions[member.name.split("/")[-1]] = {
                way: max(sorted(categories), key=lambda c: value(categories[c]).item()) for way, value in ways.items()}
    json.dump(decisions, sys.stdout)


if __name__ == "__main__":
    main()
