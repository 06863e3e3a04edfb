#!/usr/bin/python3
"""Makes TorchScript files and says what PyTorch computes for them: logits, module outputs by forward hooks, relevances.

Usage: models_torch.py FOLDER
Exit 77: PyTorch or torchvision is not there. Writes FOLDER/NAME.pt and FOLDER/expected.json. Images are ((37 * index) mod 256) / 255, so that both sides make them.
Taps of a module's second call have the suffix _1, as torchvision.models.feature_extraction names them.
"""
import json
import sys
import zipfile

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
    import torchvision
except ImportError as error:
    print(error)
    sys.exit(77)

SIDE, IMAGES, CLASSES = 64, 2, 10


class InPlaceTrap(nn.Module):
    """Overwrites tapped tensors: in-place ReLU behind a batch norm, a view of a convolution that is scaled, +=."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.fc = nn.Linear(8, CLASSES)

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        y = self.conv2(x)
        y.view(y.size(0), 8, -1).mul_(0.5)
        y += x
        y = self.relu(y)
        return self.fc((y * 0.5).mean([2, 3]))


class Branches(nn.Module):
    """Control flow that only scripting keeps, a helper method, a module list and a method that is no forward."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Sequential(nn.Conv2d(3 if i == 0 else 6, 6, 3, stride=2), nn.BatchNorm2d(6),
                                                   nn.ReLU()) for i in range(3)])
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(6, CLASSES)

    def pooled(self, x):
        return F.adaptive_avg_pool2d(x, (1, 1)).flatten(1)

    def forward(self, x):
        for block in self.blocks:
            if x.size(2) > 2:
                x = x * 1.0
            x = block(x)
        return self.head(self.dropout(self.pooled(x)))


class Probabilities(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3)
        self.fc = nn.Linear(6, CLASSES)

    def forward(self, x):
        return F.softmax(self.fc(torch.relu(self.conv(x)).mean([2, 3])), dim=1)


class TwoInputs(Probabilities):
    def forward(self, x, y):
        return self.fc(self.conv(x + y).mean([2, 3]))


class Tuple(Probabilities):
    def forward(self, x):
        z = self.fc(self.conv(x).mean([2, 3]))
        return z, z


class Dictionary(Probabilities):
    def forward(self, x):
        return {"logits": self.fc(self.conv(x).mean([2, 3]))}


class ForeignOperator(Probabilities):
    def forward(self, x):
        z = self.fc(self.conv(x).mean([2, 3]))
        return z + torchvision.ops.nms(torch.cat([z[:, :2], z[:, :2] + 1], 1), z[:, 0], 0.5).sum()


class Counter(Probabilities):
    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, x):
        self.calls = self.calls + 1
        return self.fc(self.conv(x).mean([2, 3]))


class NoForward(nn.Module):
    @torch.jit.export
    def fit(self, x):
        return x + 1


def images():
    count = IMAGES * 3 * SIDE * SIDE
    return ((torch.arange(count) * 37) % 256).to(torch.float32).div(255).reshape(IMAGES, 3, SIDE, SIDE)


def randomise(module):
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.uniform_(-0.2, 0.2)
            part.running_var.uniform_(0.5, 1.5)
            part.weight.data.uniform_(0.5, 1.5)
            part.bias.data.uniform_(-0.2, 0.2)
    return module.eval().requires_grad_(False)


def observe(module, relevant):
    """Outputs by hooks. A hook that returns a tensor replaces the output: the network goes on from a clone, so that
    autograd sees the tap and nothing overwrites it."""
    outputs, calls, handles = {}, {}, []

    def hook_for(path):
        def hook(_, __, output):
            call = calls.get(path, 0)
            calls[path] = call + 1
            outputs[path if call == 0 else f"{path}_{call}"] = output
            return output.clone()

        return hook

    for path, part in module.named_modules():
        if path:
            handles.append(part.register_forward_hook(hook_for(path)))
    logits = module(images().requires_grad_(True))
    for handle in handles:
        handle.remove()
    labels = [1, CLASSES - 2]
    selected = sum(logits[i, label] for i, label in enumerate(labels))
    gradients = torch.autograd.grad(selected, [outputs[tap] for tap in relevant])
    return {
        "logits": logits.tolist(),
        "labels": labels,
        "means": {tap: (a.mean((2, 3)) if a.dim() == 4 else a).tolist() for tap, a in outputs.items()},
        "relevance": {tap: (g.sum((2, 3)) if g.dim() == 4 else g).tolist() for tap, g in zip(relevant, gradients)},
    }


class Quantisable(Probabilities):
    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU()
        self.quantise, self.dequantise = torch.quantization.QuantStub(), torch.quantization.DeQuantStub()

    def forward(self, x):
        features = self.relu(self.conv(self.quantise(x)))
        return self.dequantise(self.fc(features.mean([2, 3])))


def quantised():
    """Weights and activations as 8-bit integers, calibrated on the images; None where this PyTorch has no engine."""
    engines = [name for name in torch.backends.quantized.supported_engines if name != "none"]
    if not engines:
        return None
    torch.backends.quantized.engine = engines[-1]
    network = Quantisable().eval()
    network.qconfig = torch.quantization.get_default_qconfig("qnnpack")
    torch.quantization.prepare(network, inplace=True)
    network(images())
    return torch.quantization.convert(network, inplace=True)


def edit_archive(source, target, edit):
    """Copies a zip archive; `edit` gets an entry's name and content and returns the new content, or None to leave it out."""
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as copy:
        for name in archive.namelist():
            content = edit(name, archive.read(name))
            if content is not None:
                copy.writestr(name, content)


def write_damaged_files(folder):
    """What other versions of PyTorch, lost parts and damage leave of probabilities.pt."""
    source = f"{folder}/probabilities.pt"

    def version(text):
        return lambda name, content: text if name.endswith("/version") else content

    def without(part):
        return lambda name, content: None if part in name else content

    def code(old, new):
        return lambda name, content: content.replace(old, new) if "/code/" in name else content

    for name, edit in (("version_9999", version(b"9999\n")), ("version_0", version(b"0\n")), ("version_word", version(b"x\n")),
                       ("no_version", without("/version")), ("no_code", without("/code/")),
                       ("no_constants", without("constants.pkl")), ("no_data", without("/data.pkl")),
                       ("no_weights", without("/data/0")), ("new_operator", code(b"torch.softmax", b"torch.softestmax")),
                       ("new_arguments", code(b"torch.softmax(", b"torch.softmax(1, 2, 3, ")),
                       ("syntax", code(b"return ", b"retrun ("))):
        edit_archive(source, f"{folder}/{name}.pt", edit)
    with open(source, "rb") as file:
        content = bytearray(file.read())
    with open(f"{folder}/cut.pt", "wb") as file:
        file.write(content[:len(content) // 2])
    weights = zipfile.ZipFile(source).getinfo("probabilities/data/0")
    content[weights.header_offset + 200] ^= 1
    with open(f"{folder}/flipped.pt", "wb") as file:
        file.write(content)


def main():
    folder = sys.argv[1]
    torch.manual_seed(3)
    torch.set_num_threads(1)
    expected = {}
    cases = {
        "resnet18": (torchvision.models.resnet18(num_classes=CLASSES), ["bn1", "layer1.0.relu", "layer2.0", "layer4"]),
        "trap": (InPlaceTrap(), ["conv1", "bn1", "relu", "conv2", "relu_1"]),
        "branches": (Branches(), ["blocks.0.0", "blocks.0", "blocks.1.2", "blocks.2"]),
    }
    for name, (module, relevant) in cases.items():
        module = randomise(module)
        seen = observe(module, relevant)
        for way, make in (("traced", lambda m: torch.jit.trace(m, images())), ("scripted", torch.jit.script)):
            if name == "branches" and way == "traced":
                continue  # tracing follows one branch, which is another program
            make(module).save(f"{folder}/{name}_{way}.pt")
            expected[f"{name}_{way}"] = seen
    for name, module in (("probabilities", Probabilities()), ("two_inputs", TwoInputs()), ("tuple", Tuple()),
                         ("dictionary", Dictionary()), ("foreign_operator", ForeignOperator()), ("counter", Counter()),
                         ("no_forward", NoForward())):
        torch.jit.script(module.eval()).save(f"{folder}/{name}.pt")
    torch.jit.script(randomise(InPlaceTrap()).half()).save(f"{folder}/half.pt")
    torch.jit.freeze(torch.jit.script(randomise(InPlaceTrap()))).save(f"{folder}/frozen.pt")
    write_damaged_files(folder)
    network = quantised()
    if network is not None:
        torch.jit.trace(network, images()).save(f"{folder}/quantised.pt")
        torch.save({"logits": network(images())}, f"{folder}/quantised_logits.pth")
    with open(f"{folder}/expected.json", "w") as file:
        json.dump(expected, file)


if __name__ == "__main__":
    main()
