#!/usr/bin/env python3
"""Writes an image classifier of PyTorch as TorchScript that cuebench runs, and a sidecar with how it wants its images.

Usage: export_torchscript.py --source torchvision --model resnet50 --weights DEFAULT --out resnet50.pt
       export_torchscript.py --source timm --model convnext_tiny --weights weights.pth --out convnext.pt
       export_torchscript.py --source robustbench --model Carmon2019Unlabeled --dataset cifar10 --threat Linf
                             --weights Carmon2019Unlabeled.pt --out carmon.pt
       export_torchscript.py --source python --file my_model.py --function make_model --input-size 3 64 64 --out mine.pt

--weights FILE reads a state_dict, none leaves the weights random (--seed), DEFAULT or the name of one of torchvision's sets
lets the library download; nothing is downloaded without that. FILE.pt.json gets mean, std, input_size, preset, classes and
role, and the logits of three images that cuebench makes again: `cuebench doctor --model NAME=FILE.pt` compares.
Needs PyTorch 1.13 or later. It runs the model's Python code, so give it models that you trust; cuebench runs none.
"""

import argparse
import collections
import difflib
import importlib
import importlib.util
import json
import math
import os
import pathlib
import sys
import tempfile
import warnings

REFERENCE_IMAGES = 3
# The same library on the same machine: only fused kernels round otherwise.
COMPILED_TOLERANCE = 1e-5
TOLERANCE_NOTE = "agrees to 1e-4 of the largest logit: float32 sums in another order differ by about 1e-6"
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
# What `cuebench list presets` calls them: (resize, crop, resampling).
PRESETS = {(256, 224, "bilinear"): "imagenet", (256, 224, "bicubic"): "bicubic256", (232, 224, "bilinear"): "imagenet232",
           (342, 299, "bilinear"): "inception299"}
ROBUSTBENCH_PRESETS = {"Res256Crop224": ("imagenet", 224), "BicubicRes256Crop224": ("bicubic256", 224),
                       "Crop288": ("crop288", 288), "Res224": ("res224", 224)}
WRAPPERS = ("state_dict", "model_state_dict", "model", "net")

# What a source knows about a classifier: the module and how it wants its images.
Classifier = collections.namedtuple("Classifier", "module size mean std preset classes role made_by",
                                    defaults=(None, None, None, None, None, ""))


class Refusal(Exception):
    """A request that cannot be carried out: one sentence with the remedy."""


def first_line(error):
    """What an exception says, without LibTorch's traceback."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__


def need(library, remedy):
    try:
        return importlib.import_module(library)
    except ImportError as error:
        raise Refusal(f"the library {library} cannot be imported ({first_line(error)}): {remedy}") from error


def known_name(kind, name, known, remedy):
    """`name` if it is among `known`."""
    known = list(known)
    if name in known:
        return name
    near = difflib.get_close_matches(name or "", known, 3, 0.5)
    question = f": did you mean {', '.join(near)}?" if near else ""
    raise Refusal(f"unknown {kind} '{name}'{question} ({remedy})")


def hash_noise(torch, images, size):
    """The recipe of the same name in cuebench (docs/checkpoints.md)."""
    count = images * math.prod(size)
    hashes = torch.arange(count, dtype=torch.int64) * 2654435761 % 2**32 // 2**24
    pixels = (hashes.to(torch.float32) / 255).reshape(images, *size)
    brightness = torch.arange(1, images + 1, dtype=torch.float32) / torch.tensor(images, dtype=torch.float32)
    return pixels * brightness.reshape(-1, 1, 1, 1)


# Weights


def forbid_downloads(torch):
    """Some builders fetch weights of their own accord."""
    def refuse(url, *_, **__):
        raise Refusal(f"the model wants to download {url}: --weights DEFAULT allows that")

    torch.hub.download_url_to_file = refuse


def read_weights(torch, file):
    """A state_dict from `file`, without wrappers; no code in the file is run."""
    if not os.path.isfile(file):
        raise Refusal(f"--weights '{file}' is neither a file nor DEFAULT nor none: check the path")
    try:
        if file.endswith(".safetensors"):
            state = need("safetensors.torch", "pip install safetensors").load_file(file)
        else:
            state = torch.load(file, map_location="cpu", weights_only=True)
    except Refusal:
        raise
    except Exception as error:
        raise Refusal(f"'{file}' is no file of weights alone ({type(error).__name__}): save it again with "
                      "torch.save(model.state_dict(), FILE)") from error
    for name in WRAPPERS:
        if isinstance(state, dict) and isinstance(state.get(name), dict):
            state = state[name]
    if not isinstance(state, dict) or not any(isinstance(value, torch.Tensor) for value in state.values()):
        raise Refusal(f"'{file}' holds no state_dict: save it again with torch.save(model.state_dict(), FILE)")
    return without_prefix(without_prefix(state, "module."), "_orig_mod.")


def without_prefix(state, prefix):
    if all(name.startswith(prefix) for name in state):
        return {name[len(prefix):]: value for name, value in state.items()}
    return state


def fill(torch, module, file):
    """Loads the weights of `file`, all of them or none."""
    try:
        module.load_state_dict(read_weights(torch, file))
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        detail = lines[1] if len(lines) > 1 else first_line(error)
        raise Refusal(f"the weights of '{file}' do not fit the model: {detail[:200].rstrip('. ')}; give the --model that "
                      "they were trained as, and --num-classes where it is not the usual number") from error


# Sources


def preset_text(resize, crop, resampling):
    return PRESETS.get((resize, crop, resampling), f"custom:resize={resize},crop={crop},resampling={resampling}")


def require_weights(given):
    if given.weights is None:
        raise Refusal(f"--weights is missing: give a FILE, none (random) or DEFAULT ({given.source} downloads them)")


def torchvision_preprocessing(weights):
    """Size, mean, std and preset of a set of torchvision's weights."""
    transform = weights.transforms()
    resize, crop = transform.resize_size[0], transform.crop_size[0]
    return ([3, crop, crop], list(transform.mean), list(transform.std),
            preset_text(resize, crop, transform.interpolation.value))


def torchvision_weights(models, given):
    """The set of weights to download, or None; and the set whose preprocessing counts."""
    sets = models.get_model_weights(given.model)
    usual = getattr(sets, "DEFAULT", None)
    if given.weights == "none" or os.path.exists(given.weights):
        return None, usual
    names = list(sets.__members__)
    chosen = sets[known_name("weights", given.weights, names, "a file, none, " + ", ".join(names))]
    return chosen, chosen


def from_torchvision(torch, given):
    models = need("torchvision", "install python3-torchvision (Debian) or torchvision (pip)").models
    if not hasattr(models, "list_models"):
        raise Refusal("torchvision is older than 0.14: install a current one")
    known_name("model of torchvision", given.model, models.list_models(module=models),
               "torchvision.models.list_models() lists all")
    require_weights(given)
    chosen, usual = torchvision_weights(models, given)
    more = {} if given.num_classes is None else {"num_classes": given.num_classes}
    module = models.get_model(given.model, weights=chosen, **more)
    if chosen is None and given.weights != "none":
        fill(torch, module, given.weights)
        if given.model in ("googlenet", "inception_v3"):
            print(f"export_torchscript: torchvision's published {given.model} was trained behind another normalisation: "
                  "with those weights give --mean 0.5 0.5 0.5 --std 0.5 0.5 0.5", file=sys.stderr)
    size, mean, std, preset = torchvision_preprocessing(usual) if usual else ([3, 224, 224], *IMAGENET, "imagenet")
    classes = chosen.meta.get("categories") if chosen else None
    version = sys.modules["torchvision"].__version__
    return Classifier(module, size, mean, std, preset, classes, None, f"torchvision {version} {given.model}")


def timm_preset(data):
    """The geometry of timm's evaluation, where a preset can say it."""
    side, mode = data["input_size"][-1], data.get("crop_mode") or "center"
    resize, resampling = math.floor(side / data["crop_pct"]), data["interpolation"]
    if mode == "center":
        return preset_text(resize, side, resampling)
    if mode == "squash":
        return f"custom:exact={resize},crop={side},resampling={resampling}"
    print(f"export_torchscript: timm's crop mode '{mode}' is no preset of cuebench: say --preset", file=sys.stderr)
    return None


def from_timm(torch, given):
    timm = need("timm", "pip install timm")
    if not timm.is_model(given.model):
        known_name("model of timm", given.model, timm.list_models(), "timm.list_models() lists all")
    require_weights(given)
    layers = getattr(timm, "layers", None)
    if hasattr(layers, "set_fused_attn"):
        layers.set_fused_attn(False)  # an operator that LibTorch before 2.0 does not have
    more = {} if given.num_classes is None else {"num_classes": given.num_classes}
    module = timm.create_model(given.model, pretrained=given.weights == "DEFAULT", exportable=True, **more)
    if given.weights not in ("DEFAULT", "none"):
        fill(torch, module, given.weights)
    data = timm.data.resolve_data_config({}, model=module)
    classes = getattr(module, "pretrained_cfg", {}).get("label_names") if given.weights == "DEFAULT" else None
    return Classifier(module, list(data["input_size"]), list(data["mean"]), list(data["std"]), timm_preset(data), classes,
                      None, f"timm {timm.__version__} {given.model}")


def robustbench_module(torch, given, entry):
    """RobustBench's own loader knows what each checkpoint needs; it takes a file that lies where it would put it."""
    load = need("robustbench.utils", "pip install git+https://github.com/RobustBench/robustbench").load_model
    wanted = {"model_name": given.model, "dataset": given.dataset, "threat_model": given.threat}
    if given.weights == "none":
        return entry["model"]()
    if given.weights == "DEFAULT":
        return load(model_dir=os.path.join(torch.hub.get_dir(), "robustbench"), **wanted)
    if not os.path.isfile(given.weights):
        raise Refusal(f"--weights '{given.weights}' is neither a file nor DEFAULT nor none: check the path")
    if isinstance(entry.get("gdrive_id"), list):
        raise Refusal(f"'{given.model}' is an ensemble of several files: only --weights DEFAULT loads it")
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder, given.dataset, given.threat)
        place.mkdir(parents=True)
        (place / f"{given.model}.pt").symlink_to(os.path.abspath(given.weights))
        return load(model_dir=folder, **wanted)


def from_robustbench(torch, given):
    zoo = need("robustbench.model_zoo", "pip install git+https://github.com/RobustBench/robustbench")
    datasets = {key.value: value for key, value in zoo.model_dicts.items()}
    threats = datasets[known_name("--dataset", given.dataset, datasets, ", ".join(datasets))]
    threats = {key.value: value for key, value in threats.items()}
    entries = threats[known_name("--threat", given.threat, threats, ", ".join(threats))]
    entry = entries[known_name(f"model of RobustBench for {given.dataset} and {given.threat}", given.model, entries,
                               "https://robustbench.github.io lists all")]
    require_weights(given)
    module = robustbench_module(torch, given, entry)
    preset, side = "none", 32
    if given.dataset == "imagenet":
        preset, side = ROBUSTBENCH_PRESETS[entry.get("preprocessing", "Res256Crop224")]
    role = "standard" if given.model.startswith("Standard") else "robust"
    # Raw pixels: what a model subtracts is part of its module.
    return Classifier(module, [3, side, side], [0, 0, 0], [1, 1, 1], preset, None, role,
                      f"RobustBench {given.model} ({given.dataset}, {given.threat})")


def from_python(torch, given):
    if not given.file or not given.function:
        raise Refusal("--source python needs --file FILE.py and --function NAME, a function that returns the module")
    if not os.path.isfile(given.file):
        raise Refusal(f"--file '{given.file}' does not exist: check the path")
    if not given.input_size:
        raise Refusal("--source python needs --input-size CHANNELS HEIGHT WIDTH")
    sys.path.insert(0, os.path.dirname(os.path.abspath(given.file)))
    specification = importlib.util.spec_from_file_location("exported_model", given.file)
    program = importlib.util.module_from_spec(specification)
    try:
        specification.loader.exec_module(program)
        functions = [name for name, value in vars(program).items() if callable(value)]
        module = getattr(program, known_name("--function", given.function, functions, f"'{given.file}' defines it"))()
    except Refusal:
        raise
    except Exception as error:
        raise Refusal(f"'{given.file}' fails with {type(error).__name__}: {first_line(error)}") from error
    if not isinstance(module, torch.nn.Module):
        raise Refusal(f"{given.function} of '{given.file}' returns {type(module).__name__}, not a torch.nn.Module")
    if given.weights == "DEFAULT":
        raise Refusal("--source python downloads nothing: give --weights FILE, or leave it out")
    if given.weights not in (None, "none"):
        fill(torch, module, given.weights)
    return Classifier(module, given.input_size, made_by=f"{os.path.basename(given.file)} {given.function}")


SOURCES = {"torchvision": from_torchvision, "timm": from_timm, "robustbench": from_robustbench, "python": from_python}


def make_classifier(torch, given):
    """What the source makes; libraries raise what they like."""
    try:
        return SOURCES[given.source](torch, given)
    except Refusal:
        raise
    except OSError as error:  # what urllib raises
        raise Refusal(f"the weights of {given.model} cannot be loaded: {first_line(error)}; check the network, or give "
                      "--weights FILE") from error
    except Exception as error:
        raise Refusal(f"{given.source} cannot make {given.model}: {type(error).__name__}: {first_line(error)}; check --model "
                      "and --weights against its documentation") from error


def with_flags(classifier, given):
    """Flags win over what the source knows; another size than its own has no preset."""
    classes = classifier.classes
    if given.classes:
        try:
            classes = pathlib.Path(given.classes).read_text().splitlines()
        except OSError as error:
            raise Refusal(f"--classes '{given.classes}' cannot be read ({error.strerror}): give a text file with one name a "
                          "line") from error
    resized = given.input_size and list(given.input_size) != list(classifier.size)
    changed = classifier._replace(
        size=list(given.input_size or classifier.size), mean=given.mean or classifier.mean, std=given.std or classifier.std,
        classes=classes, role=given.role or classifier.role,
        preset=given.preset or (None if resized else classifier.preset))
    for name, values in (("--mean", changed.mean), ("--std", changed.std)):
        if values and len(values) != changed.size[0]:
            raise Refusal(f"{name} has {len(values)} values and the images {changed.size[0]} channels: give one a channel")
    return changed


# Logits and TorchScript


def normalise(torch, images, classifier):
    for values, combine in ((classifier.mean, torch.sub), (classifier.std, torch.div)):
        if values:
            images = combine(images, torch.tensor(values, dtype=torch.float32).reshape(1, -1, 1, 1))
    return images


def run(torch, module, images, what):
    """Logits [images, classes], or a refusal that says what came instead."""
    remedy = "export a module that takes the images alone and returns the logits (--source python)"
    try:
        # PyTorch 2.6 may hang in the code that it generates for a TorchScript module's second call.
        with torch.no_grad(), torch.jit.optimized_execution(False):
            logits = module(images)
    except Exception as error:
        raise Refusal(f"{what} fails on images of {'x'.join(map(str, images.shape[1:]))}: {first_line(error)}; give its "
                      f"--input-size, or {remedy}") from error
    if not isinstance(logits, torch.Tensor):
        raise Refusal(f"{what} returns {type(logits).__name__}, not one tensor of logits: {remedy}")
    if logits.dim() != 2 or logits.shape[0] != images.shape[0] or logits.shape[1] < 2 or logits.dtype != torch.float32:
        raise Refusal(f"{what} returns {logits.dtype} {list(logits.shape)} for {images.shape[0]} images, not float32 "
                      f"[images, classes]: {remedy}")
    if not torch.isfinite(logits).all():
        raise Refusal(f"{what} gives logits that are not finite: check the weights, --mean and --std")
    return logits


def relative_difference(logits, wanted):
    difference, largest = (logits - wanted).abs().max().item(), wanted.abs().max().item()
    return difference / largest if largest > 0 else difference


def check_batches(torch, size):
    """What TorchScript must compute as the module does: other numbers of images than it was traced with, and contents
    that may take other branches."""
    return [hash_noise(torch, REFERENCE_IMAGES, size), torch.full((1, *size), 0.1), torch.full((2, *size), 0.9)]


def check(torch, compiled, module, batches):
    """Raises an error that says how `compiled` differs from `module`."""
    for batch in batches:
        wanted = run(torch, module, batch, "the model")
        difference = relative_difference(run(torch, compiled, batch, "TorchScript"), wanted)
        if difference > COMPILED_TOLERANCE:
            raise ValueError(f"computes other logits, by {difference:.1e} of the largest")


def trace(torch, module, example):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        traced = torch.jit.trace(module, example, check_trace=False)
    decisions = {str(w.message).split(" might cause")[0] for w in caught if issubclass(w.category, torch.jit.TracerWarning)}
    return traced, sorted(decisions)


def compile_module(torch, module, batches, example):
    """TorchScript by tracing, else by scripting: whichever computes what the module does. Returns it, the word for it and
    what tracing fixed for good."""
    problems = []
    for way, make in (("traced", lambda: trace(torch, module, example)),
                      ("scripted", lambda: (torch.jit.script(module), []))):
        try:
            # Where gradients are recorded, attention is not fused into an operator without a derivative.
            with torch.enable_grad():
                compiled, fixed = make()
            check(torch, compiled, module, batches)
            return compiled, way, fixed
        except Exception as error:
            problems.append(f"{way} it {first_line(error)}")
    raise Refusal(f"the model cannot be written as TorchScript: {'; '.join(problems)}")


def save(torch, compiled, sidecar, out, images, logits):
    """Writes both files, the model under its name only after it was read back and computed the same."""
    part = pathlib.Path(f"{out}.part")
    try:
        compiled.save(str(part))
        loaded = torch.jit.load(str(part), map_location="cpu")
        difference = relative_difference(run(torch, loaded, images, "the file read back"), logits)
        if difference > COMPILED_TOLERANCE:
            raise Refusal(f"'{out}' read back computes other logits, by {difference:.1e} of the largest: not written")
        pathlib.Path(f"{out}.json").write_text(json.dumps(sidecar, allow_nan=False) + "\n")
        part.replace(out)
    except (OSError, RuntimeError) as error:
        raise Refusal(f"'{out}' cannot be written: {first_line(error)}") from error
    finally:
        part.unlink(missing_ok=True)


def make_sidecar(torch, classifier, logits, given):
    sidecar = {"input_size": classifier.size}
    for key in ("mean", "std", "preset", "role"):
        if getattr(classifier, key):
            sidecar[key] = getattr(classifier, key)
    if classifier.classes:
        if len(classifier.classes) != logits.shape[1]:
            raise Refusal(f"there are {len(classifier.classes)} class names and {logits.shape[1]} logits: give --classes with "
                          "one name a line in logit order")
        sidecar["classes"] = list(classifier.classes)
    weights = {None: "", "none": f", random weights (seed {given.seed})"}.get(given.weights, f", weights {given.weights}")
    # Nine digits give every float32 back.
    rows = [[float(f"{value:.9g}") for value in row] for row in logits.tolist()]
    sidecar["reference"] = {"recipe": "hash_noise", "size": classifier.size,
                            "made_by": f"PyTorch {torch.__version__}, {classifier.made_by}{weights}",
                            "note": TOLERANCE_NOTE, "logits": rows}
    return sidecar


def export(given):
    torch = need("torch", "install python3-torch (Debian) or torch (pip)")
    torch.manual_seed(given.seed)
    warnings.simplefilter("ignore")  # what libraries will change one day
    if given.weights is None or given.weights == "none" or os.path.exists(given.weights):
        forbid_downloads(torch)
    classifier = with_flags(make_classifier(torch, given), given)
    module = classifier.module.eval().float().requires_grad_(True)

    batches = [normalise(torch, batch, classifier) for batch in check_batches(torch, classifier.size)]
    logits = run(torch, module, batches[0], "the model")
    sidecar = make_sidecar(torch, classifier, logits, given)
    example = normalise(torch, hash_noise(torch, 2, classifier.size), classifier)
    compiled, way, fixed = compile_module(torch, module, batches, example)
    if fixed:
        print(f"export_torchscript: tracing fixed what the model's Python code decided for images of this size "
              f"({len(fixed)} kinds, the first: {fixed[0]})", file=sys.stderr)
    save(torch, compiled, sidecar, given.out, batches[0], logits)
    size = " x ".join(map(str, classifier.size))
    print(f"{given.out}: {way}, {sum(p.numel() for p in module.parameters())} parameters, {logits.shape[1]} classes, {size}\n"
          f"`cuebench doctor --model NAME={given.out}` says whether cuebench computes the same")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.error = lambda message: (_ for _ in ()).throw(Refusal(f"{message} (--help lists what there is)"))
    parser.add_argument("--source", required=True, choices=SOURCES)
    parser.add_argument("--model", metavar="NAME", help="as torchvision, timm or RobustBench calls it")
    parser.add_argument("--weights", metavar="FILE|DEFAULT|none")
    parser.add_argument("--out", required=True, metavar="FILE.pt", help="also writes FILE.pt.json")
    parser.add_argument("--file", metavar="FILE.py", help="python: where the model is made")
    parser.add_argument("--function", metavar="NAME", help="python: takes nothing and returns the module")
    parser.add_argument("--dataset", default="cifar10", help="robustbench: cifar10 (default), cifar100 or imagenet")
    parser.add_argument("--threat", default="Linf", help="robustbench: Linf (default), L2 or corruptions")
    parser.add_argument("--num-classes", type=int, metavar="N", help="torchvision, timm: for weights with another head")
    parser.add_argument("--input-size", type=int, nargs=3, metavar=("C", "H", "W"))
    parser.add_argument("--mean", type=float, nargs="+", help="for pixels in [0, 1]; a value a channel")
    parser.add_argument("--std", type=float, nargs="+")
    parser.add_argument("--preset", help="geometry, of `cuebench list presets`")
    parser.add_argument("--classes", metavar="FILE", help="class names in logit order, one a line")
    parser.add_argument("--role", choices=("standard", "robust"))
    parser.add_argument("--seed", type=int, default=0, help="of random weights")
    return parser.parse_args(arguments)


def main():
    try:
        given = parse(sys.argv[1:])
        if given.source != "python" and not given.model:
            raise Refusal(f"--source {given.source} needs --model NAME")
        export(given)
    except Refusal as refusal:
        print(f"export_torchscript: {refusal}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
