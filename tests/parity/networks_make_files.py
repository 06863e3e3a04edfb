#!/usr/bin/env python3
"""Writes the small checkpoints of tests/data/networks: wrappers, prefixes, element types, views, old protocols.

usage: networks_make_files.py FOLDER
"""
import collections
import io
import os
import pickle
import struct
import sys
import zipfile

import torch

folder = sys.argv[1]
MAGIC = 0x1950A86A20F9469CFC6C
SYSTEM = dict(protocol_version=1001, little_endian=True, type_sizes=dict(short=2, int=4, long=4))


def path(name):
    return os.path.join(folder, name)


def numbers(*shape, start=0.0):
    count = 1
    for size in shape:
        count *= size
    return (torch.arange(count, dtype=torch.float32) * 0.25 + start).reshape(shape)


def network():
    return collections.OrderedDict([("conv.weight", numbers(2, 3, 1, 1)), ("conv.bias", numbers(2, start=-1)),
                                    ("fc.weight", numbers(3, 2, start=5))])


def prefixed(prefix, state):
    return collections.OrderedDict((prefix + key, value) for key, value in state.items())


def robustness_style():
    """As the library `robustness` saves: DataParallel, the model twice, two normalisers, training state beside."""
    mean, deviation = torch.tensor([0.4914, 0.4822, 0.4465]), torch.tensor([0.2023, 0.1994, 0.2010])
    state = collections.OrderedDict()
    state["module.normalizer.new_mean"] = mean.reshape(3, 1, 1)
    state["module.normalizer.new_std"] = deviation.reshape(3, 1, 1)
    state.update(prefixed("module.model.", network()))
    state["module.attacker.normalize.new_mean"] = mean.reshape(3, 1, 1).clone()
    state["module.attacker.normalize.new_std"] = deviation.reshape(3, 1, 1).clone()
    state.update(prefixed("module.attacker.model.", network()))
    return state


def raw_storage(values):
    return struct.pack("<q", len(values)) + struct.pack("<%df" % len(values), *values)


class Persistent:
    def __init__(self, reference):
        self.reference = reference


class StoragePickler(pickle.Pickler):
    def persistent_id(self, value):
        return value.reference if isinstance(value, Persistent) else None


class Call:
    """Pickles as a call of `function` on `arguments`."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


def legacy(name, root, keys, storages, system=None):
    stream = io.BytesIO()
    for value in (MAGIC, 1001, system or SYSTEM):
        pickle.dump(value, stream, protocol=2)
    StoragePickler(stream, protocol=2).dump(root)
    pickle.dump(keys, stream, protocol=2)
    for values in storages:
        stream.write(raw_storage(values))
    with open(path(name), "wb") as file:
        file.write(stream.getvalue())


def tensor_call(reference, offset, size, stride):
    return Call(torch._utils._rebuild_tensor, Persistent(reference), offset, size, stride)


def main():
    save = torch.save
    save({"epoch": 3, "model": robustness_style(), "rng": torch.get_rng_state()[:8].clone(),
          "optimizer": {"state": {0: {"momentum_buffer": numbers(4)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}},
         path("robustness_style.pth"))
    different = robustness_style()
    different["module.attacker.model.fc.weight"] = numbers(3, 2, start=6)
    save({"model": different}, path("attacker_differs.pth"))
    mixed = prefixed("module.", network())
    mixed["head.weight"] = numbers(2)
    save(mixed, path("mixed_prefix.pth"))
    save(prefixed("_orig_mod.module.", network()), path("compiled.pth"))
    normalised = collections.OrderedDict([("0.mean", torch.full((1, 3, 1, 1), 0.5)),
                                          ("0.std", torch.full((1, 3, 1, 1), 0.25))])
    normalised.update(prefixed("1.", network()))
    save(normalised, path("normaliser_in_sequential.pth"))
    save({"a": network(), "b": network()}, path("two_sets.pth"))
    save({"net": [network()], "acc": 91.5, "name": "caf\u00e9", "done": True, "none": None, "size": torch.Size([2, 3])},
         path("net_in_list.pth"))
    save({"epoch": 1, "lr": 0.1}, path("no_weights.pth"))
    save(torch.ones(3), path("one_tensor.pth"))
    save(network(), path("protocol4.pth"), pickle_protocol=4)
    save(network(), path("protocol5_legacy.pth"), pickle_protocol=5, _use_new_zipfile_serialization=False)
    state = collections.OrderedDict()
    state["half"] = numbers(5, start=-0.5).half()
    state["half_special"] = torch.tensor([0.0, -0.0, 6.0e-8, 65504.0, -6.1e-5], dtype=torch.float16)
    state["bfloat"] = (numbers(5) * 3e38 / 4).bfloat16()
    state["double"] = numbers(2, 2).double() / 3
    state["short"] = torch.tensor([-3, 7], dtype=torch.int16)
    state["int"] = torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32)
    state["long"] = torch.tensor(2**62)
    state["bool"] = torch.tensor([True, False])
    state["empty"] = torch.zeros(0, 3)
    state["parameter"] = torch.nn.Parameter(numbers(2, 2))
    save(state, path("element_types.pth"))
    base = numbers(4, 6)
    views = collections.OrderedDict([("base", base), ("tied", base), ("rows", base[1:3]), ("columns", base[:, 2]),
                                     ("transposed", base.t()), ("steps", base[::2, 1::3]),
                                     ("repeated", base[0, :2].expand(3, 2))])
    save(views, path("views.pth"))
    save(views, path("views_legacy.pth"), _use_new_zipfile_serialization=False)
    save({"w": torch.tensor([1.0, 1e300], dtype=torch.float64)}, path("too_large_for_float32.pth"))
    # A storage that is a part of another, as PyTorch before 0.4 wrote it.
    root = collections.OrderedDict([
        ("whole", tensor_call(("storage", torch.FloatStorage, "7", "cpu", 8, None), 0, (2, 4), (4, 1))),
        ("part", tensor_call(("storage", torch.FloatStorage, "7", "cpu", 8, ("9", 2, 4)), 1, (3,), (1,)))])
    legacy("legacy_storage_view.pth", root, ["7"], [[float(i) for i in range(8)]])
    root["part"] = tensor_call(("storage", torch.FloatStorage, "7", "cpu", 8, ("9", 6, 4)), 0, (1,), (1,))
    legacy("legacy_view_past_end.pth", root, ["7"], [[0.0] * 8])
    # The stride of an axis of one element means nothing.
    root = collections.OrderedDict([
        ("w", tensor_call(("storage", torch.FloatStorage, "0", "cpu", 6, None), 0, (3, 1, 2), (1, 2**62, 3)))])
    legacy("stride_of_one.pth", root, ["0"], [[float(i) for i in range(6)]])
    # Python 2 builds an OrderedDict from pairs.
    pairs = Call(collections.OrderedDict, [["w", tensor_call(("storage", torch.FloatStorage, "0", "cuda:0", 2, None),
                                                            0, (2,), (1,))]])
    legacy("python2_pairs.pth", pairs, ["0"], [[1.5, -2.5]])
    single = collections.OrderedDict([("w", tensor_call(("storage", torch.FloatStorage, "0", "cpu", 1, None), 0, (1,), (1,)))])
    legacy("legacy_big_endian.pth", single, ["0"], [[1.0]], dict(SYSTEM, little_endian=False))
    with zipfile.ZipFile(path("protocol4.pth")) as source, zipfile.ZipFile(path("zip_big_endian.pth"), "w") as target:
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry))
        target.writestr(source.infolist()[0].filename.split("/")[0] + "/byteorder", "big")
    with zipfile.ZipFile(path("word_processor.zip"), "w") as target:
        target.writestr("word/document.xml", "<x/>")


main()
