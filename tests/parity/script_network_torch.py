#!/usr/bin/python3
"""Makes networks from pictures to pictures and masks, and says what PyTorch computes with them.

Usage: script_network_torch.py FOLDER FIXTURES
Exit 77: PyTorch is not there. Writes FOLDER/adain.pt, segment.pt, tuple.pt and FOLDER/expected.json: the sum of squares and some values of each
answer to pictures whose value i is ((37 i) mod 256) / 255. Checks AdaIN's feature step against FIXTURES first.
"""
import json
import pathlib
import sys

try:
    import torch
except ImportError as error:
    print(error)
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts"))
import export_adain  # noqa: E402


class Segment(torch.nn.Module):
    """As torchvision's segmentation networks: a dictionary with the scores of classes."""

    def __init__(self):
        super().__init__()
        self.head = torch.nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, x):
        return {"out": self.head(x), "aux": x}


class Pair(torch.nn.Module):
    def forward(self, x):
        return x, x


def picture(height, width):
    count = 3 * height * width
    return ((37 * torch.arange(count)) % 256).float().div(255).view(1, 3, height, width)


def check_fixtures(path):
    for case in json.loads(pathlib.Path(path).read_text())["cases"]:
        if case["transform"] != "adain.feature":
            continue
        given = case["params"]
        content, style = (torch.tensor(given[k]).view(1, *given[k + "_shape"]) for k in ("content", "style"))
        found = export_adain.adain(content, style, given["alpha"], given["eps"]).flatten()
        assert (found - torch.tensor(case["expect"]["data"])).abs().max() < case["tolerance"]["abs"], case["id"]


def main():
    folder = pathlib.Path(sys.argv[1])
    check_fixtures(sys.argv[2])
    torch.manual_seed(1)
    adain, segment = export_adain.StyleTransfer(1.0).eval(), Segment().eval()
    content, style = picture(41, 56), picture(56, 56)
    with torch.no_grad():
        torch.jit.trace(adain, (picture(64, 64), picture(64, 64))).save(str(folder / "adain.pt"))
        torch.jit.script(segment).save(str(folder / "segment.pt"))
        torch.jit.script(Pair()).save(str(folder / "tuple.pt"))
        answers = {"adain": adain(content, style), "segment": segment(content)["out"]}
    json.dump({name: {"shape": list(answer.shape[1:]), "values": answer.flatten().tolist()}
               for name, answer in answers.items()}, (folder / "expected.json").open("w"))


if __name__ == "__main__":
    main()
