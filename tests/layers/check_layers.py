"""Fails on an arrow between layers that the order does not allow.

Reads the include lines of every source file and the link lists that CMake wrote, and compares both with ALLOWED.
Usage: check_layers.py SOURCE_DIR LAYERS_TXT
"""

import pathlib
import re
import sys

# layer -> the layers it may include and link. HACKING.md draws the same map.
ALLOWED = {
    "core": [],
    "imaging": ["core"],
    "datasets": ["core", "imaging"],
    "transforms": ["core", "imaging"],
    "generation": ["core", "imaging", "datasets", "transforms"],
    "metrics": ["core"],
    "scoring": ["core", "metrics"],
    "store": ["core", "metrics"],
    "networks": ["core"],
    "models": ["core", "networks"],
    "attacks": ["core", "networks", "models"],
    "channels": ["core", "metrics", "networks", "models"],
    "evaluation": ["core", "imaging", "datasets", "transforms", "metrics", "scoring", "store", "networks", "models",
                   "attacks", "channels"],
    "training": ["core", "imaging", "datasets", "networks", "models"],
    "report": ["core", "metrics", "scoring", "store"],
}
ALLOWED["cli"] = list(ALLOWED)
TORCH = {"models", "attacks", "channels", "evaluation", "training"}
OPENCV = {"imaging", "transforms", "generation", "evaluation"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def layer_of(path, root):
    parts = path.relative_to(root).parts
    if parts[0] in ("datasets", "transforms"):
        return parts[0]
    if parts[0] == "src":
        return parts[1]
    return parts[2]  # include/cuebench/LAYER/...


def sources(root):
    for folder in ("include/cuebench", "src", "datasets", "transforms"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".cpp", ".hpp"):
                yield path


def wrong_includes(root):
    for path in sources(root):
        layer = layer_of(path, root)
        if layer == "cli" and path.name in ("torch_main.cpp", "evaluate_command.cpp", "train_command.cpp"):
            continue  # the program that links LibTorch
        for name in INCLUDE.findall(path.read_text()):
            where = f"{path.relative_to(root)} includes <{name}>"
            if name.startswith("cuebench/"):
                target = name.split("/")[1]
                if target != layer and target not in ALLOWED[layer]:
                    yield f"{where}: {layer} may not know {target}"
            elif re.match(r"(torch|ATen|c10|caffe2)/", name) and layer not in TORCH:
                yield f"{where}: only {', '.join(sorted(TORCH))} may include LibTorch"
            elif name.startswith("opencv2/") and layer not in OPENCV:
                yield f"{where}: only {', '.join(sorted(OPENCV))} may include OpenCV"
            if path.is_relative_to(root / "include") and (
                    name.startswith("opencv2/") or name.startswith("SQLite") or name == "nlohmann/json.hpp"):
                yield f"{where}: not in a public header"
            if path.is_relative_to(root / "include") and re.match(r"torch/", name):
                yield f"{where}: public headers use narrow ATen headers only"


def wrong_links(layers_file):
    for line in layers_file.read_text().splitlines():
        layer, _, links = line.partition(":")
        for target in filter(None, links.split(";")):
            if target not in ALLOWED.get(layer, []):
                yield f"target cuebench_{layer} links cuebench_{target}: not to its left"


def main():
    root, layers_file = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    problems = list(wrong_includes(root)) + list(wrong_links(layers_file))
    for problem in problems:
        print(problem)
    checked = sum(1 for _ in sources(root))
    print(f"{checked} files, {len(problems)} forbidden arrows")
    if checked < 50:
        print("too few files were found: the check is looking at the wrong folder")
        return 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
