#!/usr/bin/env python3
"""What torch.load finds in a checkpoint: one line a tensor, for comparison with cuebench's own reader.

usage: networks_torch.py FILE...
line:  file <tab> name <tab> dtype <tab> shape <tab> SHA-256 of the row-major float32 or int64 bytes
       <tab> sum in float64, first to last <tab> first <tab> last          (numbers as C hexadecimal floats)
Exit 3: torch is not installed.
"""
import collections
import hashlib
import os
import sys

try:
    import numpy
    import torch
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

# Where the weights are, read by hand from each file; nothing is guessed here.
WRAPPERS = {
    "CIFAR10-resnet20.pth": ["state_dict"],
    "CIFAR10-resnet20-adv.pth": ["state_dict"],
    "CIFAR100-resnet20.pth": ["state_dict"],
    "CIFAR100-resnet20-adv.pth": ["state_dict"],
    "omp-OMPc-resnet32-lamb-0.1-path-10.pth": ["state_dict"],
    "omp-OMPc-resnet32-lamb-0.1-path-10-adv.pth": ["state_dict"],
    "akamaster-resnet20-12fca82f.th": ["state_dict"],
    "akamaster-resnet56-4bfd9763.th": ["state_dict"],
    "abc-cifar_wide.pth": ["state_dict", 0],
    "abc-resnet2b.pth": ["state_dict"],
    "abc-resnet4b.pth": ["state_dict"],
}
PREFIXES = {
    "akamaster-resnet20-12fca82f.th": "module.",
    "akamaster-resnet56-4bfd9763.th": "module.",
}


def tensors(path):
    name = os.path.basename(path)
    value = torch.load(path, map_location="cpu", weights_only=False)
    for key in WRAPPERS.get(name, []):
        value = value[key]
    assert isinstance(value, (dict, collections.OrderedDict)), type(value)
    prefix = PREFIXES.get(name, "")
    for key, tensor in value.items():
        if torch.is_tensor(tensor):
            assert key.startswith(prefix)
            yield key[len(prefix):], tensor.detach()


def main():
    for path in sys.argv[1:]:
        for name, tensor in tensors(path):
            floating = tensor.is_floating_point()
            wide = tensor.to(torch.float32 if floating else torch.int64).contiguous().numpy()
            flat = numpy.ascontiguousarray(wide).reshape(-1)
            numbers = flat.astype(numpy.float64)
            # cumsum adds one after the other, unlike sum, which adds in pairs
            total = float(numpy.cumsum(numbers)[-1]) if numbers.size else 0.0
            first, last = (float(numbers[0]), float(numbers[-1])) if numbers.size else (0.0, 0.0)
            print("\t".join([
                os.path.basename(path), name, str(tensor.dtype).replace("torch.", ""),
                "x".join(str(size) for size in tensor.shape), hashlib.sha256(flat.tobytes()).hexdigest(),
                total.hex(), first.hex(), last.hex()]))


main()
