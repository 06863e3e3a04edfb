"""Projected gradient descent, written down a second time in PyTorch at double precision.

Usage: attacks_torch.py CASES.json. Each case has weights, images, labels, starts (one list of images a restart) and the
parameters; prints a list of adversarial images, one entry a case. Follows MadryLab/robustness (best loss, L2 steps),
locuslab/fast_adversarial (stop at the first success, restarts) and the plain last iterate.
"""

import json
import sys

import torch
import torch.nn.functional as functional

torch.set_default_dtype(torch.float64)


def logits_of(weights, x):
    w = {name: torch.tensor(value) for name, value in weights.items()}
    x = functional.relu(functional.conv2d(x, w["conv1_w"], w["conv1_b"], padding=1))
    x = functional.relu(functional.conv2d(x, w["conv2_w"], w["conv2_b"], padding=1))
    return functional.linear(x.mean((2, 3)), w["fc_w"], w["fc_b"])


def margins(logits, labels):
    values = []
    for row, label in zip(logits, labels):
        others = torch.cat([row[:label], row[label + 1:]])
        values.append(others.max() - row[label])
    return torch.stack(values)


def losses_of(case, x, labels):
    logits = logits_of(case["weights"], x)
    if case["loss"] == "margin":
        return margins(logits, labels)
    return functional.cross_entropy(logits, labels, reduction="none")


def project(case, x, images):
    """Ball, then box; image by image."""
    result = []
    for moved, image in zip(x, images):
        delta = moved - image
        if case["norm"] == "linf":
            delta = torch.clamp(delta, -case["epsilon"], case["epsilon"])
        else:
            delta = torch.renorm(delta.view(1, -1), 2, 0, case["epsilon"]).view_as(delta)
        result.append(torch.clamp(image + delta, 0, 1))
    return torch.stack(result)


def direction(case, gradient):
    if case["norm"] == "linf":
        return gradient.sign()
    lengths = torch.stack([image.norm() for image in gradient]).view(-1, 1, 1, 1)
    return gradient / (lengths + 1e-10)


def climb(case, start, images, labels):
    x = start.clone()
    best_x, best_loss = x.clone(), torch.full((len(x),), -float("inf"))
    for _ in range(case["steps"]):
        x = x.detach().requires_grad_(True)
        losses = losses_of(case, x, labels)
        gradient, = torch.autograd.grad(losses.sum(), x)
        x, losses = x.detach(), losses.detach()
        better = losses > best_loss
        best_x[better], best_loss[better] = x[better], losses[better]
        moving = torch.ones(len(x), dtype=torch.bool)
        if case["keep"] == "first_success":
            moving = margins(logits_of(case["weights"], x), labels) < 0
        stepped = project(case, x + case["alpha"] * direction(case, gradient), images)
        x = x.clone()
        x[moving] = stepped[moving]
    if case["keep"] != "best_loss":
        return x
    losses = losses_of(case, x, labels).detach()
    better = losses > best_loss
    best_x[better] = x[better]
    return best_x


def attack(case):
    images = torch.tensor(case["images"])
    labels = torch.tensor(case["labels"])
    kept, score = None, None
    for start in case["starts"]:
        x = climb(case, torch.tensor(start), images, labels)
        own = losses_of(case, x, labels).detach()
        if case["keep"] == "first_success":
            fooled = margins(logits_of(case["weights"], x), labels) >= 0
            own = torch.where(fooled, torch.full_like(own, float("inf")), own)
        if kept is None:
            kept, score = x, own
            continue
        better = own > score
        kept[better], score[better] = x[better], own[better]
    return kept


def main():
    cases = json.load(open(sys.argv[1]))
    json.dump([attack(case).flatten().tolist() for case in cases], sys.stdout)


if __name__ == "__main__":
    main()
