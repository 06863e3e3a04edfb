#!/usr/bin/python3
"""Every channel statistic of `cuebench evaluate --channels` a second time, the slow way: forward hooks, autograd and plain
sums in float64, from the definitions in docs/channels.md.

Usage: channels_torch.py REQUEST.json EXPECTED.json
Exit 77: PyTorch or NumPy is not there.

REQUEST   {"data": CIFAR-10 binary file, "keep": N, "kept": where the first N steady images go, as a file of the same kind,
           "variants": [name in VARIANTS, or "fgsm:EPSILON"], "partitions": [[partition, relevance_threshold], ...], "models": [...]}
model     {"name", "file", "mean", "std", "taps": [module], "layers": chain, "attack_closely": true where attacked images must be
          steady too}; without "layers" a residual network for CIFAR whose names are conv_1_3x3, bn_1, stage_S.B.conv_a ...,
          classifier (He et al. 2015, zero channels appended).
chain     of ["conv", stride, padding], ["relu"], ["flatten"], ["global_average_pool"], ["linear"]; weights under the position
EXPECTED  {"runs": [{"partition", "relevance_threshold", "rows": [...], "channels": [...]}]}: what Layer says. Undefined is null.

Steady images: a ReLU's derivative jumps at 0, and a network in float32 puts an input that is within rounding of 0 on either side.
Relevances of such an image differ by percents between two correct programs, and so do signs of gradients, which FGSM follows. An
image is left out when its relevance at a tap changes with the place of the jump (MARGIN about 0), so that what is left can be
compared closely.
"""
import json
import sys

try:
    import numpy as np
    import torch
    from torch import nn
except ImportError as error:
    print(error)
    sys.exit(77)

ALL = -1
ACTIVE_FRACTION = 0.01
MARGIN = 2e-6  # several times the rounding error of float32 sums of the size of these networks' activations
NEAR = 1e-6  # two channels nearer than this share of the largest may change places in float32


# ---- Networks: written out here, so that neither names nor order of operations come from cuebench.

class Relu(torch.autograd.Function):
    """max(x, 0), whose derivative jumps from 0 to 1 behind `margin`."""
    margin = 0.

    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(context, gradient):
        return gradient * (context.saved_tensors[0] > Relu.margin)


class ReluModule(nn.Module):
    def forward(self, x):
        return Relu.apply(x)


class Block(nn.Module):
    def __init__(self, width_in, width, stride):
        super().__init__()
        self.conv_a = nn.Conv2d(width_in, width, 3, stride, 1, bias=False)
        self.bn_a = nn.BatchNorm2d(width)
        self.conv_b = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn_b = nn.BatchNorm2d(width)
        self.doubles = width_in != width

    def forward(self, x):
        y = self.bn_b(self.conv_b(Relu.apply(self.bn_a(self.conv_a(x)))))
        if self.doubles:
            x = x[:, :, ::2, ::2]
            x = torch.cat((x, torch.zeros_like(x)), 1)
        return Relu.apply(x + y)


class ResidualNetwork(nn.Module):
    def __init__(self, blocks, classes):
        super().__init__()
        self.conv_1_3x3 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn_1 = nn.BatchNorm2d(16)
        for stage, width in ((1, 16), (2, 32), (3, 64)):
            first = 16 if stage == 1 else width // 2
            chain = [Block(first if k == 0 else width, width, 2 if k == 0 and stage > 1 else 1) for k in range(blocks)]
            setattr(self, f"stage_{stage}", nn.Sequential(*chain))
        self.classifier = nn.Linear(64, classes)

    def forward(self, x):
        x = Relu.apply(self.bn_1(self.conv_1_3x3(x)))
        for stage in (self.stage_1, self.stage_2, self.stage_3):
            x = stage(x)
        return self.classifier(x.mean((2, 3)))


class GlobalAverage(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


class Normalised(nn.Module):
    def __init__(self, network, mean, std):
        super().__init__()
        self.network = network
        self.mean = torch.tensor(mean, dtype=torch.float64).reshape(1, -1, 1, 1)
        self.std = torch.tensor(std, dtype=torch.float64).reshape(1, -1, 1, 1)

    def forward(self, x):
        return self.network(((x - self.mean) / self.std).to(next(self.network.parameters()).dtype))


def read_weights(path):
    with open(path, "rb") as file:
        start = file.read(9)
    if start[8:] == b"{":  # safetensors: length of the header, header, float32 data
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length))
            data = file.read()
        return {name: torch.from_numpy(np.frombuffer(data[slice(*entry["data_offsets"])], "<f4").copy().reshape(entry["shape"]))
                for name, entry in header.items() if name != "__metadata__"}
    weights = torch.load(path, map_location="cpu")
    return weights.get("state_dict", weights)


def chain_network(layers, weights):
    modules = []
    for position, (kind, *numbers) in enumerate(layers):
        if kind == "conv":
            out, into, kernel, _ = weights[f"{position}.weight"].shape
            modules.append(nn.Conv2d(into, out, kernel, *numbers))
        elif kind == "linear":
            out, into = weights[f"{position}.weight"].shape
            modules.append(nn.Linear(into, out))
        else:
            modules.append({"relu": ReluModule, "flatten": nn.Flatten, "global_average_pool": GlobalAverage}[kind]())
    return nn.Sequential(*modules)


def load_model(model):
    weights = read_weights(model["file"])
    if "layers" in model:
        network = chain_network(model["layers"], weights)
    else:
        blocks = len([name for name in weights if name.startswith("stage_1.") and name.endswith(".conv_a.weight")])
        network = ResidualNetwork(blocks, len(weights["classifier.bias"]))
    network.load_state_dict(weights)
    return Normalised(network, model.get("mean", [0, 0, 0]), model.get("std", [1, 1, 1])).double().eval().requires_grad_(False)


# ---- Images

def read_cifar(path):
    records = np.fromfile(path, np.uint8).reshape(-1, 3073)
    return records[:, 0].astype(int), records[:, 1:].reshape(-1, 3, 32, 32)


def grayscale(x):
    grey = np.floor(.2125 * x[:, 0] + .7154 * x[:, 1] + .0721 * x[:, 2] + .5)
    return np.repeat(grey[:, None], 3, 1)


def saturate(x, p):
    signed = 2 * (x / 255.) - 1
    return np.floor(255 * np.clip(.5 + .5 * np.sign(signed) * np.abs(signed) ** (2 / p), 0, 1) + .5)


VARIANTS = {"clean": lambda x: x, "grayscale": grayscale, "saturate:p=8": lambda x: saturate(x, 8.),
            "saturate:p=inf": lambda x: np.where(x > 127.5, 255., 0.)}


def batches(count, size=25):
    return [slice(i, i + size) for i in range(0, count, size)]


def input_gradient(network, pixels, labels, margin):
    x = pixels.clone().requires_grad_()
    loss = nn.functional.cross_entropy(network(x), labels, reduction="sum")
    Relu.margin = margin
    gradient, = torch.autograd.grad(loss, x)
    Relu.margin = 0.
    return gradient


def fgsm(network, pixels, labels, epsilon, closely):
    """Attacked pixels; and, if asked, for which images no sign of the gradient depends on rounding."""
    out, steady = [], []
    for part in batches(len(pixels)):
        gradient = input_gradient(network, pixels[part], labels[part], 0.)
        out.append((pixels[part] + epsilon * gradient.sign()).clamp(0, 1))
        if closely:
            others = [input_gradient(network, pixels[part], labels[part], margin).sign() for margin in (-MARGIN, MARGIN)]
            size = gradient.abs()
            undecided = (size > 0) & (size < NEAR * size.amax((1, 2, 3), keepdim=True))
            undecided |= (others[0] != gradient.sign()) | (others[1] != gradient.sign())
            steady.append(~undecided.flatten(1).any(1).numpy())
    return torch.cat(out), np.concatenate(steady) if closely else np.ones(len(pixels), bool)


def variant_pixels(name, network, images, labels, closely):
    if name.startswith("fgsm:"):
        top, bottom = name[5:].split("/")
        return fgsm(network, torch.from_numpy(images / 255.), labels, float(top) / float(bottom), closely)
    return torch.from_numpy(VARIANTS[name](images.astype(np.float64)) / 255.), np.ones(len(images), bool)


# ---- Activation and relevance

def relevances(of_label, outputs, margin):
    Relu.margin = margin
    gradients = torch.autograd.grad(of_label.sum(), outputs, retain_graph=True)
    Relu.margin = 0.
    return [gradient.reshape(*gradient.shape[:2], -1).sum(2).numpy() for gradient in gradients]


class Observation:
    """One model on one variant: whether each image is right and (if asked) steady; for each tap two arrays of images x channels."""

    def __init__(self, network, taps, pixels, labels, closely, relevance_of="true_class"):
        seen, modules = {}, dict(network.network.named_modules())
        handles = [modules[tap].register_forward_hook(lambda _, __, output, tap=tap: seen.__setitem__(tap, output)) for tap in taps]
        right, steady, activation, relevance = [], [], [], []
        for part in batches(len(pixels)):
            logits = network(pixels[part].clone().requires_grad_())
            of_label = logits.gather(1, labels[part, None])[:, 0]
            outputs = [seen[tap] for tap in taps]
            selected = logits.topk(2).values.sum(1) if relevance_of == "top2" else of_label
            relevance.append(relevances(selected, outputs, 0.))
            others = [relevances(selected, outputs, margin) for margin in (-MARGIN, MARGIN)] if closely else [relevance[-1]] * 2
            apart = [np.abs(high - low).max(1) > 1e-9 * np.abs(high).max() for low, high in zip(*others)]
            right.append(((logits >= of_label[:, None]).sum(1) == 1).numpy())  # a tie counts against the label
            steady.append(~np.any(apart, axis=0))
            activation.append([output.detach().reshape(*output.shape[:2], -1).mean(2).numpy() for output in outputs])
        for handle in handles:
            handle.remove()
        self.right, self.steady = np.concatenate(right), np.concatenate(steady)
        self.activation = {tap: np.concatenate(x) for tap, x in zip(taps, zip(*activation))}
        self.relevance = {tap: np.concatenate(x) for tap, x in zip(taps, zip(*relevance))}

    def keep(self, images):
        self.right = self.right[images]
        for arrays in (self.activation, self.relevance):
            for tap in arrays:
                arrays[tap] = arrays[tap][images]


# ---- Plain statistics; None is undefined

def ratio(top, bottom):
    return top / bottom if bottom != 0 else None


def mean_of_defined(values):
    defined = [value for value in values if value is not None]
    return (sum(defined) / len(defined) if defined else None), len(defined)


def cosine(x, y):
    norms = np.linalg.norm(x) * np.linalg.norm(y)
    return ratio(float(x @ y), norms)


def pearson(x, y):
    if len(x) < 2 or np.all(x == x[0]) or np.all(y == y[0]):
        return None
    return cosine(x - x.mean(), y - y.mean())


def ranks(x):
    """Position in ascending order from 1; equal values share their mean position."""
    return (x < x[:, None]).sum(1) + ((x == x[:, None]).sum(1) + 1) / 2


def spearman(x, y):
    return pearson(ranks(x), ranks(y)) if len(x) >= 3 else None


def near_ties(x):
    """Pairs of neighbours in order that rounding may exchange."""
    gaps = np.diff(np.sort(x))
    return int(np.sum((gaps > 0) & (gaps < NEAR * np.abs(x).max())))


def signs(relevance, threshold):
    tau = threshold * np.max(np.abs(relevance))
    return np.where(relevance > tau, 1, np.where(relevance < -tau, -1, 0))


# ---- Statistics of one layer and variant

class Layer:
    """One model's layer: what the clean images say, and from that the statistics of any variant."""

    def __init__(self, labels, activation, relevance):
        self.labels, self.clean, self.clean_relevance = labels, activation, relevance
        self.classes = sorted(set(labels.tolist()))
        self.class_relevance = {k: relevance[labels == k].mean(0) for k in self.classes}
        self.class_relevance[ALL] = relevance.mean(0)
        self.dead = np.all(activation == 0, axis=0)

    def of_group(self, group):
        return np.ones(len(self.labels), bool) if group == ALL else self.labels == group

    def partition(self, rule, threshold, relevance):
        """A sign for every image and channel."""
        if rule == "class_clean":
            return np.stack([signs(self.class_relevance[k], threshold) for k in self.labels.tolist()])
        return np.stack([signs(row, threshold) for row in (self.clean_relevance if rule == "per_image_clean" else relevance)])

    def sums(self, activation, partition):
        return {word: np.where(partition == sign, activation, 0).sum(1) for word, sign in (("pr", 1), ("nr", -1), ("neutral", 0))}

    def of_images(self, activation, relevance):
        """What each image says by itself, whatever the partition."""
        return {
            "act_rel_spearman_image": [spearman(a, r) for a, r in zip(activation, relevance)],
            "align_cosine_image_mean": [cosine(a, b) for a, b in zip(self.clean, activation)],
            "align_pearson_image_mean": [pearson(a, b) for a, b in zip(self.clean, activation)],
            "align_rel_l2": [ratio(np.linalg.norm(b - a), np.linalg.norm(a)) for a, b in zip(self.clean, activation)],
        }

    def measure(self, activation, relevance, image, rule, threshold):
        """Group -> field -> (value, number of images where it is defined); near_ties* count what rounding may exchange."""
        clean = self.sums(self.clean, self.partition(rule, threshold, self.clean_relevance))
        now = self.sums(activation, self.partition(rule, threshold, relevance))
        image = {**image, "nr_share_image_mean": [ratio(nr, nr + pr) for nr, pr in zip(now["nr"], now["pr"])]}
        ties = [near_ties(a) + near_ties(r) for a, r in zip(activation, relevance)]
        result = {}
        for group in [ALL, *self.classes]:
            chosen = self.of_group(group)
            n = int(chosen.sum())
            before, after = ({word: float(x[chosen].sum()) for word, x in sums.items()} for sums in (clean, now))
            mean, clean_mean = activation[chosen].mean(0), self.clean[chosen].mean(0)
            by_clean, alive = self.class_relevance[group], ~self.dead
            share, clean_share = (ratio(x["nr"], x["nr"] + x["pr"]) for x in (after, before))
            counts = self.active(activation[chosen]).sum(0)
            fields = {f"{word}_total": (after[word], n) for word in ("pr", "nr", "neutral")}
            fields.update({
                "pr_ratio": (ratio(after["pr"], before["pr"]), n),
                "nr_ratio": (ratio(after["nr"], before["nr"]), n),
                "nr_share": (share, n),
                "nr_share_delta": (None if share is None or clean_share is None else share - clean_share, n),
                "act_rel_spearman": (spearman(mean, by_clean), n),
                "act_rel_pearson": (pearson(mean, by_clean), n),
                "act_rel_spearman_alive": (spearman(mean[alive], by_clean[alive]), n),
                "align_cosine_of_means": (cosine(clean_mean, mean), n),
                "align_pearson_of_means": (pearson(clean_mean, mean), n),
                "freq_entropy": (self.entropy(counts), n),
                "relevance_shift_cosine": (cosine(by_clean, relevance[chosen].mean(0)), n),
                "dead_channels": (float(self.dead.sum()), n),
            })
            fields["near_ties"] = (near_ties(mean) + near_ties(by_clean), n)
            fields["near_ties_image"] = (sum(count for count, within in zip(ties, chosen) if within), n)
            for name, values in image.items():
                fields[name] = mean_of_defined([value for value, within in zip(values, chosen) if within])
            result[group] = fields
        return result

    @staticmethod
    def active(activation):
        return activation > ACTIVE_FRACTION * activation.max(1, keepdims=True)

    @staticmethod
    def entropy(counts):
        if counts.sum() == 0 or len(counts) < 2:
            return None
        p = counts[counts > 0] / counts.sum()
        return float(-(p * np.log(p)).sum() / np.log(len(counts)))

    def channels(self, group, activation, threshold):
        """Lists over channels: the columns of channels.csv from `n` on."""
        a = activation[self.of_group(group)]
        n, active = len(a), self.active(a)
        counts = active.sum(0)
        squares = ((a - a.mean(0)) ** 2).sum(0)
        return {
            "n": n,
            "mean_act": a.mean(0).tolist(),
            "var_act": [None if n < 2 else x / (n - 1) for x in squares.tolist()],
            "class_relevance": self.class_relevance[group].tolist(),
            "partition": [{1: "PR", -1: "NR", 0: "neutral"}[sign] for sign in signs(self.class_relevance[group], threshold).tolist()],
            "freq_count": counts.tolist(),
            "freq": (counts / n).tolist(),
            "magnitude_when_active": [ratio(x, count) for x, count in zip((a * active).sum(0).tolist(), counts.tolist())],
        }

    def profile(self, activation):
        """Mean activation of the channel that is r-th by relevance for the image's class; mean number of channels of positive relevance."""
        order = {k: np.argsort(-self.class_relevance[k], kind="stable") for k in self.classes}
        ranked = np.stack([a[order[k]] for a, k in zip(activation, self.labels.tolist())])
        positive = [int(np.sum(self.class_relevance[k] > 0)) for k in self.labels.tolist()]
        return ranked.mean(0).tolist(), float(np.mean(positive))


def add_class_correlations(fields, clean_fields, accuracy):
    """Over classes: alignment, and agreement of activation with relevance on clean, against accuracy under the variant."""
    for name, field, source in (("align", "align_cosine_image_mean", fields), ("actrel", "act_rel_spearman", clean_fields)):
        pairs = [(source[k][field][0], accuracy[k]) for k in accuracy if source[k][field][0] is not None]
        x, y = np.round(pairs, 12).T if pairs else (np.zeros(0), np.zeros(0))  # equal but for rounding is equal
        for way, correlate in (("pearson", pearson), ("spearman", spearman)):
            fields[ALL][f"corr_{name}_acc_{way}"] = (correlate(x, y) if len(pairs) >= 3 else None, len(pairs))


def observe(request):
    """(model, variant) -> Observation of the images that are kept, and their labels."""
    labels, images = read_cifar(request["data"])
    networks = {model["name"]: load_model(model) for model in request["models"]}
    observed = {}

    def decides(model, variant):
        return not variant.startswith("fgsm:") or model.get("attack_closely", False)

    def add(model, variant):
        targets, network = torch.from_numpy(labels), networks[model["name"]]
        closely = decides(model, variant)
        pixels, steady = variant_pixels(variant, network, images, targets, closely)
        o = observed[model["name"], variant] = Observation(network, model["taps"], pixels, targets, closely,
                                                               request.get("relevance", "true_class"))
        o.steady &= steady

    everything = [(model, variant) for model in request["models"] for variant in request["variants"]]
    for model, variant in everything:
        if decides(model, variant):
            add(model, variant)
    kept = np.flatnonzero(np.all([o.steady for o in observed.values()], axis=0))[:request["keep"]]
    if len(kept) < request["keep"]:
        sys.exit(f"only {len(kept)} of {len(labels)} images are steady")
    for o in observed.values():
        o.keep(kept)
    np.fromfile(request["data"], np.uint8).reshape(-1, 3073)[kept].tofile(request["kept"])
    labels, images = labels[kept], images[kept]
    for model, variant in everything:
        if not decides(model, variant):
            add(model, variant)
    return observed, labels


# ---- Interventions

def factors_of(action, setting, relevance):
    """One image's factors from its channels' relevance."""
    order = np.argsort(-relevance, kind="stable")
    factors = np.ones(len(relevance))
    if action == "suppress_opposed":
        factors[relevance < 0] = setting
    elif action == "keep_relevant":
        factors[order[int(setting):]] = 0
    elif action == "zero_relevant":
        factors[order[:int(setting)]] = 0
    elif action == "zero_opposed":
        factors[order[len(order) - int(setting):]] = 0
    return factors


def right_after(network, tap, pixels, labels, logits, class_relevance, action, setting, of):
    """Number of images that are right when the tap's channels are multiplied; the classes are those of `logits`, as it is."""
    with torch.no_grad():
        classes = {"label": labels[:, None], "predicted": logits.topk(1).indices, "top2": logits.topk(2).indices}[of]
        factors = np.stack([factors_of(action, setting, sum(class_relevance[int(k)] for k in row)) for row in classes])

        def multiply(_, __, output):
            return output * torch.from_numpy(factors).to(output.dtype).reshape(*factors.shape, *[1] * (output.dim() - 2))

        handle = dict(network.network.named_modules())[tap].register_forward_hook(multiply)
        after = network(pixels)
        handle.remove()
    return int(((after >= after.gather(1, labels[:, None])).sum(1) == 1).sum())


def main():
    torch.set_num_threads(1)
    with open(sys.argv[1]) as file:
        request = json.load(file)
    observed, labels = observe(request)
    runs = [{"partition": rule, "relevance_threshold": threshold, "rows": [], "channels": []} for rule, threshold in request["partitions"]]
    for model in request["models"]:
        for tap in model["taps"]:
            clean = observed[model["name"], "clean"]
            layer = Layer(labels, clean.activation[tap], clean.relevance[tap])
            clean_image = layer.of_images(clean.activation[tap], clean.relevance[tap])
            for variant in request["variants"]:
                o, key = observed[model["name"], variant], {"model": model["name"], "layer": tap, "variant": variant}
                activation = o.activation[tap]
                accuracy = {k: float(o.right[labels == k].mean()) for k in layer.classes}
                ranked, positive = layer.profile(activation)
                image = layer.of_images(activation, o.relevance[tap])
                for run in runs:
                    fields = layer.measure(activation, o.relevance[tap], image, run["partition"], run["relevance_threshold"])
                    clean_fields = layer.measure(clean.activation[tap], clean.relevance[tap], clean_image, run["partition"],
                                                 run["relevance_threshold"])
                    add_class_correlations(fields, clean_fields, accuracy)
                    run["rows"].append({**key, "activation_by_rank": ranked, "positive_channels": positive,
                                        "groups": {str(group): fields[group] for group in fields}})
                    run["channels"] += [{**key, "group": group, **layer.channels(group, activation, run["relevance_threshold"])}
                                        for group in [ALL, *layer.classes]]
    interventions, seen = [], {}
    for name, tap, variant, action, setting, of in request.get("interventions", []):
        if (name, variant) not in seen:
            network = load_model(next(model for model in request["models"] if model["name"] == name)).float()
            images = np.fromfile(request["kept"], np.uint8).reshape(-1, 3073)[:, 1:].reshape(-1, 3, 32, 32)
            pixels = variant_pixels(variant, network, images, torch.from_numpy(labels), False)[0].float()
            with torch.no_grad():
                seen[name, variant] = network, pixels, network(pixels)
        network, pixels, logits = seen[name, variant]
        clean = observed[name, "clean"]
        by_class = Layer(labels, clean.activation[tap], clean.relevance[tap]).class_relevance
        interventions.append([name, tap, variant, action, setting, of,
                              right_after(network, tap, pixels, torch.from_numpy(labels), logits, by_class, action, setting, of)])
    with open(sys.argv[2], "w") as file:
        json.dump({"runs": runs, "interventions": interventions}, file, allow_nan=False)


if __name__ == "__main__":
    main()
