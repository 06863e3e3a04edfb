#!/usr/bin/env python3
"""Prints the sentences and tables of run folders as Markdown, for README.md and results/README.md.

Usage: results_table.py [--channels LAYER] RUN...
Without --channels the accuracies and shape biases; with it, how the channels of one layer move under each variant.
"""

import csv
import json
import pathlib
import sys


def parameters(text):
    """NAME:key=value,...[+NAME...] -> [(name, {key: value})]."""
    steps = []
    for step in text.split("+"):
        name, _, values = step.partition(":")
        steps.append((name, dict(pair.split("=", 1) for pair in values.split(",")) if values else {}))
    return steps


def short_labels(variants):
    """Only the parameters in which variants of one family differ; an attack's epsilon always."""
    labels = {}
    for text in variants:
        family = [parameters(other) for other in variants if [s[0] for s in parameters(other)] == [s[0] for s in parameters(text)]]
        parts = []
        for index, (name, values) in enumerate(parameters(text)):
            shown = [f"{key}={value}" for key, value in values.items()
                     if key == "epsilon" or len({other[index][1].get(key) for other in family}) > 1]
            parts.append(" ".join([name, *shown]))
        labels[text] = " + ".join(parts)
    return labels


def number(text):
    """8, 0.5, 8/255; other texts count as 0."""
    try:
        numerator, _, denominator = text.partition("/")
        return float(numerator) / float(denominator or 1)
    except ValueError:
        return 0


def percent(row, sign=False):
    value, low, high = (100 * float(row[key]) for key in ("value", "low", "high"))
    form = "{:+.1f}" if sign else "{:.1f}"
    return "{} [{}, {}]".format(*(form.format(x).replace("-", "−") for x in (value, low, high)))


def print_run(folder):
    results = json.loads((folder / "results.json").read_text())
    with open(folder / "metrics.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["class"] == "all" and row["value"]]
    found = {(row["model"], row["variant"], row["metric"]): row for row in rows}
    variants = [entry["variant"] for entry in results["variants"]]
    first = {}
    for index, variant in enumerate(variants):
        first.setdefault(tuple(name for name, _ in parameters(variant)), index)

    def place(variant):
        """By the cue that is left, then families in the order of the run, each by ascending parameters."""
        steps = parameters(variant)
        return (order.get(keeps[variant], 4), first[tuple(name for name, _ in steps)],
                [number(value) for _, values in steps for value in values.values()])

    order = {"both": 0, "shape": 1, "texture": 2, "adversarial": 3}
    keeps = {entry["variant"]: entry["keeps"] for entry in results["variants"]}
    shown = ["clean"] + sorted((v for v in variants if v != "clean"), key=place)
    labels = short_labels(variants)
    models = [model["name"] for model in results["models"]]
    pairs = results["pairs"]
    for pair in pairs:
        print(pair["sentence"] + "\n")
    difference = f"{pairs[0]['robust']} − {pairs[0]['standard']}, points" if len(pairs) == 1 else None
    head = ["variant", "keeps", *(f"{name}, %" for name in models), *([difference] if difference else [])]
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for variant in shown:
        cells = [labels[variant], "" if variant == "clean" else keeps[variant]]
        cells += [percent(found[model, variant, "top1"]) for model in models]
        if difference:
            name = f"{pairs[0]['robust']}-{pairs[0]['standard']}"
            significant = float(found[name, variant, "holm_p"]["value"]) < 0.05
            cells.append(percent(found[name, variant, "top1_difference"], sign=True) + (" *" if significant else ""))
        print("| " + " | ".join(cells) + " |")
    if results["shape_bias"]:
        conflict = results["shape_bias"][0]["variant"]
        print(f"\n| model | shape bias{'' if conflict == 'clean' else f' on {labels[conflict]}'}, % |\n|---|---|")
        for model in models:
            print(f"| {model} | {percent(found[model, conflict, 'shape_bias'])} |")


def print_channels(folder, layer):
    results = json.loads((folder / "results.json").read_text())
    with open(folder / "metrics.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["class"] == "all" and row["value"]]
    found = {(row["model"], row["variant"], row["metric"]): row for row in rows}
    variants = [entry["variant"] for entry in results["variants"]]
    labels, models = short_labels(variants), [model["name"] for model in results["models"]]
    head = ["variant", *(f"NR share change, {name}" for name in models), *(f"alignment, {name}" for name in models)]
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for variant in variants[1:]:
        cells = [labels[variant]]
        for metric in (f"nr_share_delta[{layer}]", f"align_cosine_image_mean[{layer}]"):
            for model in models:
                row = found.get((model, variant, metric))
                cells.append("{:+.3f} [{:+.3f}, {:+.3f}]".format(*(float(row[k]) for k in ("value", "low", "high")))
                             if row else "n/a")
        print("| " + " | ".join(cells) + " |")


def main():
    arguments = sys.argv[1:]
    layer = None
    if arguments and arguments[0] == "--channels":
        layer, arguments = arguments[1], arguments[2:]
    for argument in arguments:
        if layer:
            print_channels(pathlib.Path(argument), layer)
        else:
            print_run(pathlib.Path(argument))
        print()


if __name__ == "__main__":
    main()
