#!/usr/bin/env python3
"""Writes AdaIN style transfer as one TorchScript file for `stylize_model:model=FILE`.

Usage: export_adain.py --encoder vgg_normalised.pth --decoder decoder.pth --out adain.pt [--alpha 1]
       export_adain.py --random --out adain.pt     random weights: for tests

The weights are those of naoto0804/pytorch-AdaIN, which Stylized-ImageNet was made with (alpha 1, no colour preservation).
Content and style are 1 x 3 x height x width in [0, 1], the answer is the stylized image (not clipped; sides that 8 does not
divide grow, and `stylize_model` cuts them).
"""

import argparse

import torch
from torch import nn

# VGG-19 up to relu4_1: channels of the 3 x 3 convolutions, "pool" between stages.
ENCODER = [64, 64, "pool", 128, 128, "pool", 256, 256, 256, 256, "pool", 512]
# The decoder: channels after each convolution, "double" where the picture grows.
DECODER = [256, "double", 256, 256, 256, 128, "double", 128, 64, "double", 64]


def convolution(inputs, outputs):
    return [nn.ReflectionPad2d(1), nn.Conv2d(inputs, outputs, 3)]


def make_encoder():
    layers, channels = [nn.Conv2d(3, 3, 1)], 3
    for step in ENCODER:
        if step == "pool":
            layers.append(nn.MaxPool2d(2, 2, ceil_mode=True))
        else:
            layers += [*convolution(channels, step), nn.ReLU()]
            channels = step
    return nn.Sequential(*layers)


def make_decoder():
    layers, channels = [], 512
    for step in DECODER:
        if step == "double":
            layers.append(nn.UpsamplingNearest2d(scale_factor=2))
        else:
            layers += [*convolution(channels, step), nn.ReLU()]
            channels = step
    return nn.Sequential(*layers, *convolution(channels, 3))


def adain(content, style, alpha: float = 1.0, epsilon: float = 1e-5):
    """Channel-wise mean and deviation of `style` given to `content`; variances are unbiased."""
    def statistics(x):
        return x.mean([2, 3], keepdim=True), (x.var([2, 3], unbiased=True, keepdim=True) + epsilon).sqrt()

    mean, deviation = statistics(content)
    style_mean, style_deviation = statistics(style)
    return alpha * ((content - mean) / deviation * style_deviation + style_mean) + (1 - alpha) * content


class StyleTransfer(nn.Module):
    def __init__(self, alpha):
        super().__init__()
        self.encoder, self.decoder, self.alpha = make_encoder(), make_decoder(), alpha

    def forward(self, content, style):
        return self.decoder(adain(self.encoder(content), self.encoder(style), self.alpha))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder")
    parser.add_argument("--decoder")
    parser.add_argument("--random", action="store_true")
    parser.add_argument("--alpha", type=float, default=1.0)
    parser.add_argument("--out", required=True)
    given = parser.parse_args()
    if given.random == bool(given.encoder and given.decoder):
        parser.error("give --encoder and --decoder, or --random")
    torch.manual_seed(0)
    network = StyleTransfer(given.alpha).eval()
    if not given.random:
        # The encoder's file holds all of VGG-19; what lies behind relu4_1 is left out.
        wanted = network.encoder.state_dict()
        weights = torch.load(given.encoder, map_location="cpu")
        network.encoder.load_state_dict({key: weights[key] for key in wanted})
        network.decoder.load_state_dict(torch.load(given.decoder, map_location="cpu"))
    # Tracing fixes nothing here but the number of channels: sizes stay free.
    example = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        torch.jit.trace(network, (example, example)).save(given.out)


if __name__ == "__main__":
    main()
