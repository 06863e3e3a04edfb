#!/usr/bin/python3
"""Oracle of the training layer: the same network, batches and recipes in PyTorch. It never imports cuebench.

Usage: training_torch.py FOLDER
Exit 77: PyTorch is not there. Reads FOLDER/start.safetensors (weights; images as pixels/K, labels/K) and FOLDER/cases.json; writes for each case
FOLDER/NAME.safetensors with the weights, running statistics, momentum buffers and average after the steps, and
FOLDER/losses.json, FOLDER/schedules.json, FOLDER/gradients.safetensors.

The network is written out below by hand from its description: conv 3->6 (stride 2, no bias), batch norm, ReLU,
conv 6->6 (no bias), batch norm, sum with the first ReLU, ReLU, global mean, linear 6->4 with a bias.
"""
import json
import pathlib
import struct
import sys

try:
    import numpy as np
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError as error:
    print(error)
    sys.exit(77)

TYPES = {"F32": np.float32, "I64": np.int64}


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    assert size % 8 == 0, "the header is not padded to 8 bytes"
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    offset, tensors = 0, {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        assert begin == offset, "a hole or an overlap"
        offset = end
        array = np.frombuffer(data[8 + size + begin:8 + size + end], TYPES[entry["dtype"]])
        tensors[name] = torch.from_numpy(array.reshape(entry["shape"]).copy())
    assert 8 + size + offset == len(data)
    assert [n for n in header] == [n for n, e in sorted(header.items(), key=lambda i: i[1]["data_offsets"])]
    return tensors


def write_safetensors(path, tensors):
    header, payload = {}, b""
    for name, tensor in tensors.items():
        array = np.ascontiguousarray(tensor.detach().numpy().astype(np.float32))
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(payload), len(payload) + array.nbytes]}
        payload += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + payload)


class Importance(nn.Module):
    """CIFS as its paper and code describe it: relevance by autograd on a detached map, kept in the graph."""

    def __init__(self, kind, options):
        super().__init__()
        self.options = options
        layers = [nn.Linear(6, 4)] if kind == "linear" else [nn.Linear(6, 5), nn.Softplus(beta=5), nn.Linear(5, 4)]
        for i, layer in enumerate(layers):
            self.add_module(str(i), layer)

    def probe(self, features):
        x = features.mean((2, 3))
        for layer in self.children():
            x = layer(x)
        return x

    def forward(self, features, labels):
        options = self.options
        leaf = features.detach().requires_grad_(True)
        logits = self.probe(leaf)
        second = logits.detach().sort(1, descending=True)[1][:, 1]
        chosen = logits.gather(1, labels[:, None]).sum()
        if options["select"] == "top2":
            chosen = chosen + logits.gather(1, second[:, None]).sum()
        relevance = torch.autograd.grad(chosen, leaf, create_graph=True)[0].sum((2, 3)) / options["temperature"]
        factors = {"softmax": lambda g: torch.softmax(g, 1), "sigmoid": torch.sigmoid, "identity": lambda g: g,
                   "softplus": lambda g: F.softplus(g, beta=5)}[options["importance"]](relevance)
        return features * (options["scale"] * factors)[:, :, None, None], self.probe(features)


class Network(nn.Module):
    def __init__(self, mean, std, cifs=None):
        super().__init__()
        if cifs:
            self.cifs = nn.ModuleDict({f"block{i + 1}": Importance(kind, cifs)
                                       for i, kind in enumerate(cifs["probes"].split("/"))})
        self.conv1 = nn.Conv2d(3, 6, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(6)
        self.conv2 = nn.Conv2d(6, 6, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(6)
        self.fc = nn.Linear(6, 4)
        self.shift, self.scale = torch.tensor(mean).view(1, 3, 1, 1), torch.tensor(std).view(1, 3, 1, 1)

    def joint_loss(self, x, labels, smoothing, weight):
        x = (x - self.shift) / self.scale
        x, first = self.cifs["block1"](torch.relu(self.bn1(self.conv1(x))), labels)
        x, second = self.cifs["block2"](torch.relu(self.bn2(self.conv2(x)) + x), labels)
        parts = [F.cross_entropy(z, labels, label_smoothing=smoothing) for z in (self.fc(x.mean((2, 3))), first, second)]
        return (parts[0] + weight / 2 * (parts[1] + parts[2])) * 3 / (weight + 1)

    def forward(self, x):
        x = (x - self.shift) / self.scale
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)) + x)
        return self.fc(x.mean((2, 3)))


def trades_loss(network, images, moved, labels, beta, smoothing):
    clean = network(images)
    divergence = F.kl_div(F.log_softmax(network(moved), dim=1), F.softmax(clean, dim=1), reduction="batchmean")
    return F.cross_entropy(clean, labels, label_smoothing=smoothing) + beta * divergence


def run(name, case, start, setup):
    network = Network(setup["mean"], setup["std"], case["cifs"])
    weights = {name[8:]: tensor for name, tensor in start.items() if name.startswith("network/")}
    prefix = f"modules/{name}/"
    weights.update({key[len(prefix):]: tensor for key, tensor in start.items() if key.startswith(prefix)})
    network.load_state_dict(weights)
    network.train()
    optimiser = torch.optim.SGD(network.parameters(), lr=1.0, momentum=case["momentum"],
                                weight_decay=0 if case["decay_weights_only"] else case["weight_decay"],
                                nesterov=case["nesterov"])
    if case["decay_weights_only"]:
        weights = [p for p in network.parameters() if p.dim() > 1]
        others = [p for p in network.parameters() if p.dim() <= 1]
        optimiser = torch.optim.SGD([{"params": weights, "weight_decay": case["weight_decay"]}, {"params": others}],
                                    lr=1.0, momentum=case["momentum"], nesterov=case["nesterov"])
    average = {n: t.clone() for n, t in network.state_dict().items() if t.is_floating_point()}
    losses = []
    for step, rate in enumerate(case["rates"]):
        images, labels = start[f"images/{step}"], start[f"labels/{step}"]
        for group in optimiser.param_groups:
            group["lr"] = rate
        if case["cifs"]:
            loss = network.joint_loss(images, labels, case["label_smoothing"], case["cifs"]["weight"])
        elif case["beta"] is None:
            loss = F.cross_entropy(network(images), labels, label_smoothing=case["label_smoothing"])
        else:
            loss = trades_loss(network, images, start[f"moved/{step}"], labels, case["beta"], case["label_smoothing"])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        decay = min(case["average_decay"], (2 + step) / (11 + step))
        for name, tensor in network.state_dict().items():
            if tensor.is_floating_point():
                average[name] = decay * average[name] + (1 - decay) * tensor
    result = {f"network/{n}": t for n, t in network.state_dict().items() if t.is_floating_point()}
    result.update({f"average/{n}": t for n, t in average.items()})
    if case["momentum"]:
        result.update({f"momentum/{n}": optimiser.state[p]["momentum_buffer"] for n, p in network.named_parameters()})
    return losses, result


def schedule_values(case):
    weight = nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([weight], lr=case["learning_rate"])
    steps, warmup = case["steps"], case["warmup_steps"]
    if case["kind"] == "cosine":
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps - warmup)
    elif case["kind"] == "step":
        schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, [m - warmup for m in case["milestones"]], case["gamma"])
    elif case["kind"] == "triangular":
        schedule = torch.optim.lr_scheduler.CyclicLR(optimiser, base_lr=0, max_lr=case["learning_rate"],
                                                     step_size_up=(steps - warmup) / 2, step_size_down=(steps - warmup) / 2,
                                                     cycle_momentum=False)
    else:
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1.0)
    values = [case["learning_rate"] * (t + 1) / warmup for t in range(warmup)]
    for _ in range(steps - warmup):
        values.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    return values


def main():
    folder = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)
    setup = json.loads((folder / "cases.json").read_text())
    start = read_safetensors(folder / "start.safetensors")
    losses = {}
    for name, case in setup["cases"].items():
        losses[name], result = run(name, case, start, setup)
        write_safetensors(folder / f"{name}.safetensors", result)
    (folder / "losses.json").write_text(json.dumps(losses))
    (folder / "schedules.json").write_text(json.dumps([schedule_values(case) for case in setup["schedules"]]))


if __name__ == "__main__":
    main()
