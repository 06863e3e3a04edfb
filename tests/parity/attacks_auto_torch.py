"""Auto-PGD, FAB-T and the Square Attack, written down a second time in PyTorch at double precision, image by image.

Usage: attacks_auto_torch.py CASES.json. Each case has weights, images, labels, the attack's name and parameters, and what
is random: `starts` (one list of images an attempt) or `uniforms` (one list an image). Prints a list of adversarial
images, one entry a case. Written from the papers of Croce and Hein 2020 (both) and Andriushchenko et al. 2020.
"""

import json
import math
import sys

import torch
import torch.nn.functional as functional

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


class Network:
    def __init__(self, weights):
        self.weights = {name: torch.tensor(value) for name, value in weights.items()}

    def __call__(self, x):
        w = self.weights
        x = functional.relu(functional.conv2d(x[None], w["conv1_w"], w["conv1_b"], padding=1))
        x = functional.relu(functional.conv2d(x, w["conv2_w"], w["conv2_b"], padding=1))
        return functional.linear(x.mean((2, 3)), w["fc_w"], w["fc_b"])[0]


def lead(z, label):
    """The label's logit over the largest other one."""
    return z[label] - max(z[k] for k in range(len(z)) if k != label)


def with_gradient(function, x):
    x = x.detach().clone().requires_grad_(True)
    value = function(x)
    gradient, = torch.autograd.grad(value, x)
    return value.item(), gradient


def into_ball(case, x, image):
    delta = x - image
    if case["norm"] == "linf":
        delta = delta.clamp(-case["epsilon"], case["epsilon"])
    elif delta.norm() > case["epsilon"]:
        delta = delta * (case["epsilon"] / delta.norm())
    return (image + delta).clamp(0, 1)


# Auto-PGD

def loss_function(case, network, label, target):
    def loss(x):
        z = network(x)
        ranked = z.sort(descending=True).values
        if case["loss"] == "ce":
            return functional.cross_entropy(z[None], torch.tensor([label]))
        if case["loss"] == "dlr":
            return -lead(z, label) / (ranked[0] - ranked[2] + 1e-12)
        return -(z[label] - z[target]) / (ranked[0] - (ranked[2] + ranked[3]) / 2 + 1e-12)
    return loss


def apgd_checkpoints(steps):
    """Algorithm 1: p_0 = 0, p_1 = 0.22, p_{j+1} = p_j + max(p_j - p_{j-1} - 0.03, 0.06), here in whole steps."""
    widths, total = [max(int(0.22 * steps), 1)], 0
    points = []
    while total + widths[-1] <= steps:
        total += widths[-1]
        points.append(total)
        widths.append(max(widths[-1] - max(int(0.03 * steps), 1), max(int(0.06 * steps), 1)))
    return points


def apgd(case, network, image, label, target, start):
    loss = loss_function(case, network, label, target)
    history, sizes, bests = [], [2 * case["epsilon"]], []
    x = before = start
    value, gradient = with_gradient(loss, x)
    best = (value, x, gradient)
    history.append(value)
    if lead(network(x), label) <= 0:
        return x
    checkpoints = apgd_checkpoints(case["steps"])
    last_checkpoint, previous_best, previous_size = 0, value, None
    for k in range(case["steps"]):
        unit = gradient.sign() if case["norm"] == "linf" else gradient / max(gradient.norm(), 1e-38)
        z = into_ball(case, x + sizes[-1] * unit, image)
        a = 1 if k == 0 else 0.75
        x, before = into_ball(case, x + a * (z - x) + (1 - a) * (x - before), image), x
        value, gradient = with_gradient(loss, x)
        history.append(value)
        if lead(network(x), label) <= 0:
            return x
        if value > best[0]:
            best = (value, x, gradient)
        if k + 1 in checkpoints:
            raised = sum(history[i + 1] > history[i] for i in range(last_checkpoint, k + 1))
            first = raised <= case["rho"] * (k + 1 - last_checkpoint)
            # Before the first checkpoint there is no earlier size to compare with.
            second = previous_size == sizes[-1] and best[0] == previous_best
            previous_size, previous_best, last_checkpoint = sizes[-1], best[0], k + 1
            if first or second:
                sizes.append(sizes[-1] / 2)
                x, gradient = best[1], best[2]
    return best[1]


# FAB

def shortest_step(norm, x, w, b):
    """Bisection on the size of the step; values that reach the box stay there."""
    missing = b - (w * x).sum()
    way = (w * missing).sign()
    room = torch.where(way > 0, 1 - x, x)

    def step(t):
        rate = (w != 0).to(x.dtype) if norm == "linf" else w.abs()
        return way * torch.minimum(t * rate, room)

    low, high = 0.0, 1.0
    while (w * step(high)).sum().abs() < missing.abs() and high < 1e12:
        low, high = high, 2 * high
    while True:
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if (w * step(middle)).sum().abs() < missing.abs():
            low = middle
        else:
            high = middle
    return step(high)


def length(norm, d):
    return d.abs().max().item() if norm == "linf" else d.norm().item()


def fab(case, network, image, label, target, start):
    norm = case["norm"]
    x, best, distance = start, None, math.inf
    for _ in range(case["steps"]):
        if distance <= case["epsilon"]:
            return best
        value, w = with_gradient(lambda point: network(point)[target] - network(point)[label], x)
        b = (w * x).sum() - value
        d1, d2 = shortest_step(norm, x, w, b), shortest_step(norm, image, w, b)
        n1, n2 = max(length(norm, d1), 1e-8), max(length(norm, d2), 1e-8)
        a = min(n1 / (n1 + n2), case["alpha_max"])
        x = ((1 - a) * (x + case["eta"] * d1) + a * (image + case["eta"] * d2)).clamp(0, 1)
        if lead(network(x), label) <= 0:
            if length(norm, x - image) < distance:
                best, distance = x, length(norm, x - image)
            x = image + case["beta"] * (x - image)
    if best is None:
        return image
    wrong, right = best, image
    for _ in range(case["final_search"]):
        if length(norm, wrong - image) <= case["epsilon"]:
            break
        f_wrong, f_right = -lead(network(wrong), label), -lead(network(right), label)
        point = wrong + (f_wrong / (f_wrong - f_right)) * (right - wrong)
        if lead(network(point), label) <= 0:
            wrong = point
        else:
            right = point
    return wrong if length(norm, wrong - image) <= case["epsilon"] else image


# Square

def pyramid(rows, columns):
    heights = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            ring = max(abs(i - rows // 2), abs(j - columns // 2))
            heights[i, j] = sum(1 / (k + 1) ** 2 for k in range(ring, max(rows // 2, columns // 2) + 1))
    return heights / heights.norm() if rows * columns else heights


def eta(side, draw):
    both = torch.cat([pyramid(side // 2, side), -pyramid(side - side // 2, side)])
    both = both / both.norm()
    return both.T if draw() > 0.5 else both


def square(case, network, image, label, uniforms):
    numbers = iter(uniforms)
    epsilon = case["epsilon"]

    def draw():
        return next(numbers)

    def sign():
        return -1.0 if draw() < 0.5 else 1.0

    def signs(*shape):
        return torch.tensor([sign() for _ in range(math.prod(shape))]).view(*shape)

    channels, height, width = image.shape

    def sphere(delta):
        return (image + delta * epsilon / (delta.norm() + 1e-12)).clamp(0, 1)

    if case["norm"] == "linf":
        best = (image + epsilon * signs(channels, 1, width)).clamp(0, 1)
    else:
        side = max(height // 5, 1)
        margin = (height - 5 * side) // 2
        delta = torch.zeros_like(image)
        for row in range(margin, height - side + 1, side):
            for column in range(margin, width - side + 1, side):
                shape = eta(side, draw)
                delta[:, row:row + side, column:column + side] = shape * signs(channels, 1, 1)
        best = sphere(delta)
    margin = lead(network(best), label)
    for change in range(case["queries"] - 1):
        if margin <= 0:
            break
        p = case["p_init"] / 2 ** sum(change > b for b in (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000))
        side = max(round(math.sqrt(p * height * width)), 1)
        if case["norm"] == "l2":
            side = max(side, 3)
            side += side % 2 == 0
        corner = lambda: (int(draw() * (height - side + 1)), int(draw() * (width - side + 1)))
        row, column = corner()
        here = (slice(None), slice(row, row + side), slice(column, column + side))
        if case["norm"] == "linf":
            tried = best.clone()
            tried[here] += 2 * epsilon * signs(channels, 1, 1)
            tried = into_ball(case, tried, image)
        else:
            delta = best - image
            row, column = corner()
            there = (slice(None), slice(row, row + side), slice(column, column + side))
            mask = torch.zeros_like(image)
            mask[here] = mask[there] = 1
            budget = max(epsilon ** 2 - delta.norm().item() ** 2, 0) / channels + (delta * mask).norm() ** 2
            shape = eta(side, draw) * signs(channels, 1, 1)
            old = delta[here]
            shape = shape + old / (old.flatten(1).norm(dim=1).view(-1, 1, 1) + 1e-12)
            shape = shape / (shape.flatten(1).norm(dim=1).view(-1, 1, 1) + 1e-12) * budget.sqrt()
            delta[there] = 0
            delta[here] = shape
            tried = sphere(delta)
        offered = lead(network(tried), label)
        if offered < margin:
            best, margin = tried, offered
    return best


def attempts(case, network, image, label, index):
    """The results of all restarts and targets, as long as they are asked for."""
    if case["attack"] == "square":
        yield square(case, network, image, label, case["uniforms"][index])
        return
    targets = [None]
    if case["attack"] == "fab" or case["loss"] == "dlr_targeted":
        z = network(image)
        others = sorted((k for k in range(len(z)) if k != label), key=lambda k: (-z[k].item(), k))
        targets = others[:case["n_targets"]]
    function = fab if case["attack"] == "fab" else apgd
    attempt = 0
    for target in targets:
        for _ in range(case["restarts"]):
            start = torch.tensor(case["starts"][attempt][index])
            yield function(case, network, image, label, target, start)
            attempt += 1


def attack(case):
    network = Network(case["weights"])
    results = []
    for index, (pixels, label) in enumerate(zip(case["images"], case["labels"])):
        best = torch.tensor(pixels)
        margin = lead(network(best), label)
        if margin > 0:
            for result in attempts(case, network, best, label, index):
                offered = lead(network(result), label)
                if offered < margin:
                    best, margin = result, offered
                if margin <= 0:
                    break
        results.append(best)
    return torch.stack(results)


def main():
    cases = json.load(open(sys.argv[1]))
    json.dump([attack(case).flatten().tolist() for case in cases], sys.stdout)


if __name__ == "__main__":
    main()
