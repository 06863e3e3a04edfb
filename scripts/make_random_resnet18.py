"""Writes a traced torchvision ResNet-18 with random weights (seed 0) as TorchScript. Usage: make_random_resnet18.py FILE"""

import sys

import torch
import torchvision

torch.manual_seed(0)
model = torchvision.models.resnet18(num_classes=1000).eval()
torch.jit.trace(model, torch.zeros(1, 3, 224, 224)).save(sys.argv[1])
