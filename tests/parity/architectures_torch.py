#!/usr/bin/python3
"""Checkpoints with random weights, and what PyTorch computes from them: logits, module outputs, relevances.

Usage: architectures_torch.py FOLDER [all]
Exit 77: PyTorch or torchvision is not there. Writes FOLDER/NAME.pth (float16) and FOLDER/expected.json. The networks of
torchvision are its own; those for CIFAR are written here after their papers. `all` adds the large ones at full size.
Pixels are ((index * 2654435761) mod 2^32 div 2^24) / 255, darker in the first images, so that both sides make them.
"""
import collections
import json
import re
import sys

try:
    import numpy
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
    import torchvision.models as models
except ImportError as error:
    print(error)
    sys.exit(77)

IMAGES, CLASSES = 3, 10


def images(side):
    count = IMAGES * 3 * side * side
    values = (numpy.arange(count, dtype=numpy.uint64) * 2654435761) % 2**32 // 2**24
    pixels = torch.from_numpy(values.astype(numpy.float32) / numpy.float32(255)).reshape(IMAGES, 3, side, side)
    for i in range(IMAGES):
        pixels[i] *= float(numpy.float32(i + 1) / numpy.float32(IMAGES))
    return pixels


def convolution(inputs, outputs, kernel, stride=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


class PostActivation(nn.Module):
    """ResNet's basic block (2015) with a projection where the shape changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = convolution(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = convolution(outputs, outputs, 3), nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if inputs != outputs or stride > 1:
            self.shortcut = nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        residual = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(residual + self.shortcut(x))


class PreActivation(nn.Module):
    """The block of identity mappings (2016); `activated` says what its projection reads."""

    def __init__(self, inputs, outputs, stride, activated):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), convolution(inputs, outputs, 3, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(outputs), convolution(outputs, outputs, 3)
        self.activated, self.projects = activated, inputs != outputs or stride > 1
        if self.projects:
            self.shortcut = nn.Sequential(convolution(inputs, outputs, 1, stride))

    def forward(self, x):
        active = torch.relu(self.bn1(x))
        skipped = self.shortcut(active if self.activated else x) if self.projects else x
        return self.conv2(torch.relu(self.bn2(self.conv1(active)))) + skipped


class CifarNetwork(nn.Module):
    """Four stages of two blocks for 32x32 images."""

    def __init__(self, block, first_norm, final_norm):
        super().__init__()
        self.conv1 = convolution(3, 64, 3)
        if first_norm:
            self.bn1 = nn.BatchNorm2d(64)
        if final_norm:
            self.bn = nn.BatchNorm2d(512)
        inputs = 64
        for stage in range(4):
            outputs = 64 * 2**stage
            setattr(self, f"layer{stage + 1}", nn.Sequential(block(inputs, outputs, 2 if stage else 1),
                                                             block(outputs, outputs, 1)))
            inputs = outputs
        self.linear = nn.Linear(512, CLASSES)

    def forward(self, x):
        x = self.conv1(x)
        if hasattr(self, "bn1"):
            x = torch.relu(self.bn1(x))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        if hasattr(self, "bn"):
            x = torch.relu(self.bn(x))
        return self.linear(x.mean((2, 3)))


class WideBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1, self.relu1 = nn.BatchNorm2d(inputs), nn.ReLU()
        self.conv1 = convolution(inputs, outputs, 3, stride)
        self.bn2, self.relu2 = nn.BatchNorm2d(outputs), nn.ReLU()
        self.conv2 = convolution(outputs, outputs, 3)
        self.convShortcut = convolution(inputs, outputs, 1, stride) if inputs != outputs else None

    def forward(self, x):
        active = self.relu1(self.bn1(x))
        residual = self.conv2(self.relu2(self.bn2(self.conv1(active))))
        return residual + (self.convShortcut(active) if self.convShortcut is not None else x)


class WideStage(nn.Module):
    def __init__(self, inputs, outputs, blocks, stride):
        super().__init__()
        self.layer = nn.Sequential(*[WideBlock(inputs if i == 0 else outputs, outputs, stride if i == 0 else 1)
                                     for i in range(blocks)])

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    def __init__(self, depth, width, unused_block=False):
        super().__init__()
        blocks, widths = (depth - 4) // 6, [16, 16 * width, 32 * width, 64 * width]
        self.conv1 = convolution(3, 16, 3)
        for i in range(3):
            setattr(self, f"block{i + 1}", WideStage(widths[i], widths[i + 1], blocks, 2 if i else 1))
        if unused_block:
            self.sub_block1 = WideStage(widths[0], widths[1], blocks, 1)
        self.bn1, self.relu = nn.BatchNorm2d(widths[3]), nn.ReLU()
        self.fc = nn.Linear(widths[3], CLASSES)

    def forward(self, x):
        x = self.block3(self.block2(self.block1(self.conv1(x))))
        return self.fc(self.relu(self.bn1(x)).mean((2, 3)))


def narrow(network, last, hidden=64):
    """A narrower classifier: the full one would be hundreds of megabytes of numbers that test nothing more."""
    linear = [i for i, part in enumerate(network.classifier) if isinstance(part, nn.Linear)]
    widths = [network.classifier[linear[0]].in_features, hidden, hidden, CLASSES]
    for i, position in enumerate(linear):
        network.classifier[position] = nn.Linear(widths[i], widths[i + 1])
    assert linear[-1] == last
    return network


def small_vit():
    return models.VisionTransformer(image_size=64, patch_size=16, num_layers=3, num_heads=2, hidden_dim=128, mlp_dim=256,
                                    num_classes=CLASSES)


def randomise(network, side):
    """Norms away from their initial values, with running statistics of the size of the activations, so that signals
    neither vanish nor explode; everything representable in float16, in which the files are."""
    norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
    for part in network.modules():
        if isinstance(part, (nn.BatchNorm2d, nn.LayerNorm)):
            part.weight.data.uniform_(0.5, 1.5)
            part.bias.data.uniform_(-0.3, 0.3)
        if isinstance(part, models.VisionTransformer):
            part.class_token.data.normal_(0, 0.5)
            part.heads.head.weight.data.normal_(0, 0.1)
        if isinstance(part, nn.MultiheadAttention):
            part.in_proj_bias.data.uniform_(-0.3, 0.3)
            part.in_proj_weight.data.normal_(0, 0.2)
    network.eval()
    for norm in norms:
        norm.momentum = 1.0
        norm.train()
    with torch.no_grad():
        network(images(side))
        for norm in norms:
            norm.running_mean += norm.running_var.sqrt() * torch.empty_like(norm.running_mean).uniform_(-0.3, 0.3)
            norm.running_var *= torch.empty_like(norm.running_var).uniform_(0.7, 1.4)
    for tensor in list(network.parameters()) + list(network.buffers()):
        if tensor.is_floating_point():
            tensor.data.copy_(tensor.data.half().float())
    return network.eval().requires_grad_(False)


def channel_means(output):
    if output.dim() == 4:
        return output.mean((2, 3))
    return output.mean(1) if output.dim() == 3 else output


def observe(network, side, relevant):
    outputs, calls = {}, {}

    def hook_for(path):
        def hook(_, __, output):
            call = calls.get(path, 0)
            calls[path] = call + 1
            tensor = output[0] if isinstance(output, tuple) else output
            outputs[path if call == 0 else f"{path}_{call}"] = tensor
            # The network goes on from a copy: nothing overwrites what was seen.
            return (tensor.clone(),) + output[1:] if isinstance(output, tuple) else tensor.clone()

        return hook

    for path, part in network.named_modules():
        if path:
            part.register_forward_hook(hook_for(path))
    logits = network(images(side).requires_grad_(True))
    labels = [(3 * i + 1) % CLASSES for i in range(IMAGES)]
    chosen = [outputs[tap] for tap in relevant]
    gradients = torch.autograd.grad(sum(logits[i, label] for i, label in enumerate(labels)), chosen) if chosen else []
    sums = [g.sum((2, 3)) if g.dim() == 4 else g.sum(1) if g.dim() == 3 else g for g in gradients]
    return {"logits": logits.tolist(), "labels": labels,
            "means": {tap: channel_means(output).tolist() for tap, output in outputs.items()},
            "relevance": {tap: total.tolist() for tap, total in zip(relevant, sums)}}


def published_densenet(name):
    return re.sub(r"(denselayer\d+\.(?:norm|conv))([12])\.", r"\1.\2.", name)


def published_vit(name):
    return name.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2.")


def timm_vit(name):
    for old, new in (("conv_proj", "patch_embed.proj"), ("class_token", "cls_token"),
                     ("encoder.pos_embedding", "pos_embed"), ("encoder.layers.encoder_layer_", "blocks."),
                     ("ln_1", "norm1"), ("ln_2", "norm2"), ("self_attention.in_proj_", "attn.qkv."),
                     ("self_attention.out_proj", "attn.proj"), ("mlp.0", "mlp.fc1"), ("mlp.3", "mlp.fc2"),
                     ("encoder.ln", "norm"), ("heads.head", "head")):
        name = name.replace(old, new)
    return name


def pre_activation(activated, final_norm):
    return CifarNetwork(lambda i, o, s: PreActivation(i, o, s, activated), False, final_norm)


# name: (network, side of the images, taps with relevance, architecture where weights do not show it)
Case = collections.namedtuple("Case", "make side relevant arch", defaults=("",))
CASES = {
    "alexnet": Case(lambda: narrow(models.alexnet(), 6), 64, ["features.3", "features.12", "classifier.2"]),
    "vgg11": Case(lambda: narrow(models.vgg11(), 6), 64, ["features.2", "features.20"]),
    "vgg13_bn": Case(lambda: narrow(models.vgg13_bn(), 6), 64, ["features.4", "features.34"]),
    "googlenet": Case(lambda: models.googlenet(num_classes=CLASSES, init_weights=False, aux_logits=True), 64,
                      ["maxpool2", "inception4b", "inception5b.branch3.0"]),
    "resnet18": Case(lambda: models.resnet18(num_classes=CLASSES), 64, ["layer1.0.relu", "layer3"]),
    "resnet50": Case(lambda: models.resnet50(num_classes=CLASSES), 64, ["layer1.0.bn3", "layer4"]),
    "resnext50_32x4d": Case(lambda: models.resnext50_32x4d(num_classes=CLASSES), 64, ["layer2.0.relu_1"]),
    "densenet121": Case(lambda: models.densenet121(num_classes=CLASSES), 64,
                        ["features.denseblock1", "features.transition2", "features.norm5"]),
    "squeezenet1_0": Case(lambda: models.squeezenet1_0(num_classes=CLASSES), 64, ["features.3", "features.12"]),
    "squeezenet1_1": Case(lambda: models.squeezenet1_1(num_classes=CLASSES), 64, ["features.6.squeeze"]),
    "mobilenet_v2": Case(lambda: models.mobilenet_v2(num_classes=CLASSES), 64,
                         ["features.1.conv.0.2", "features.7", "features.18"]),
    "vit": Case(small_vit, 64, ["encoder.layers.encoder_layer_0.ln_1", "encoder.layers.encoder_layer_1", "encoder.ln"]),
    "cifar_resnet18": Case(lambda: CifarNetwork(PostActivation, True, False), 32, ["layer2.0.shortcut", "layer4"]),
    "preact_raw": Case(lambda: pre_activation(False, True), 32, ["layer1.0", "layer3.0.bn1"],
                       "preact_resnet:shortcut=raw"),
    "preact_activated": Case(lambda: pre_activation(True, False), 32, ["layer2", "layer4.1"],
                             "preact_resnet:shortcut=activated"),
    "wrn_16_4": Case(lambda: WideResNet(16, 4, unused_block=True), 32, ["block1.layer.0", "block3.layer.0.relu1"]),
    "wrn_10_1": Case(lambda: WideResNet(10, 1), 32, ["block1", "block2.layer.0.convShortcut"]),
}
LARGE = {
    **{name: Case(lambda name=name: getattr(models, name)(num_classes=CLASSES), 64, [])
       for name in ("vgg11_bn", "vgg13", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn", "resnet34", "resnet101", "resnet152",
                    "wide_resnet50_2", "densenet169", "densenet201", "densenet161")},
    "alexnet_224": Case(lambda: models.alexnet(), 224, []),
    "vit_b_16": Case(lambda: models.vit_b_16(num_classes=CLASSES), 224, ["encoder.layers.encoder_layer_5"]),
    "resnet50_224": Case(lambda: models.resnet50(), 224, ["layer3"]),
    "googlenet_224": Case(lambda: models.googlenet(init_weights=False), 224, []),
    "densenet121_224": Case(lambda: models.densenet121(), 224, []),
    "mobilenet_v2_224": Case(lambda: models.mobilenet_v2(), 224, []),
    "squeezenet1_1_224": Case(lambda: models.squeezenet1_1(), 224, []),
    "wrn_28_10": Case(lambda: WideResNet(28, 10), 32, []),
}
RENAMED = {"densenet121": [("published", published_densenet)], "vit": [("published", published_vit), ("timm", timm_vit)]}


def main():
    folder = sys.argv[1]
    torch.manual_seed(5)
    torch.set_num_threads(1)
    expected = {}
    for name, case in {**CASES, **(LARGE if sys.argv[2:] == ["all"] else {})}.items():
        network = randomise(case.make(), case.side)
        state = {key: value.half() if value.is_floating_point() else value
                 for key, value in network.state_dict().items()}
        torch.save(collections.OrderedDict(state), f"{folder}/{name}.pth")
        expected[name] = {"side": case.side, "arch": case.arch, **observe(network, case.side, case.relevant)}
        for suffix, rename in RENAMED.get(name, []):
            renamed = collections.OrderedDict((rename(key), value) for key, value in state.items())
            torch.save(renamed, f"{folder}/{name}_{suffix}.pth")
            expected[f"{name}_{suffix}"] = {"side": case.side, "arch": case.arch, "renamed": True,
                                            "logits": expected[name]["logits"], "labels": expected[name]["labels"],
                                            "means": {}, "relevance": {}}
    with open(f"{folder}/expected.json", "w") as file:
        json.dump(expected, file)


if __name__ == "__main__":
    main()
