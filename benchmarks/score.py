#!/usr/bin/env python3
"""`cuebench score` beside pandas on the same generated file of a million trials. Needs pandas; prints the ratio.

Both read the file and compute accuracy by observer and condition, the confusion matrix and shape bias of each observer, and
error consistency of every pair in every condition. Runs are interleaved, so that other load on the machine falls on both;
times are seconds of processor time of the whole process, each the least of the rounds. cuebench runs on one core; what the
bootstrap of 10,000 replicates adds is measured apart.
"""

import argparse
import itertools
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

NAMES = "airplane bear bicycle bird boat bottle car cat chair clock dog elephant keyboard knife oven truck".split()


def generate(path, trials, observers=20):
    """Cue-conflict images under eight conditions, seen by every observer."""
    draw = random.Random(5)
    images = [(draw.randrange(16), draw.randrange(16), i) for i in range(trials // observers)]
    with open(path, "w") as file:
        file.write("subj,session,trial,rt,object_response,category,condition,imagename\n")
        for observer in range(observers):
            name = f"subject-{observer:02}" if observer < 4 else f"network_{observer}"
            for trial, (shape, texture, i) in enumerate(images):
                u = draw.random()
                answer = shape if u < 0.3 else texture if u < 0.8 else draw.randrange(16)
                file.write(f"{name},1,{trial + 1},NaN,{NAMES[answer]},{NAMES[shape]},c{i % 8:02},"
                           f"{trial:07}_big_dnn_c{i % 8:02}_{NAMES[shape]}_10_{NAMES[shape]}{i}-{NAMES[texture]}{i}.png\n")


def with_pandas(path):
    """The same numbers in the usual way."""
    import pandas
    trials = pandas.read_csv(path, keep_default_na=False,
                             dtype={"subj": "category", "object_response": "category", "category": "category",
                                    "condition": "category"})
    trials["image"] = trials.imagename.str.split("_").str[-1]
    names = trials.image.str.extract(r"^([a-z]+)\d+-([a-z]+)\d+\.png$")
    answer = trials.object_response.astype(str)
    trials["right"] = answer == trials.category.astype(str)
    conflict = names[0] != names[1]
    trials["shape"], trials["texture"] = conflict & (answer == names[0]), conflict & (answer == names[1])
    accuracy = trials.groupby(["subj", "condition"]).right.mean()
    confusion = pandas.crosstab([trials.subj, trials.category], trials.object_response)
    counts = trials.groupby("subj")[["shape", "texture"]].sum()
    bias = counts["shape"] / (counts["shape"] + counts["texture"])
    kappas = {}
    for condition, part in trials.groupby("condition"):
        table = part.pivot(index="image", columns="subj", values="right")
        for a, b in itertools.combinations(table.columns, 2):
            x, y = table[a], table[b]
            expected = x.mean() * y.mean() + (1 - x.mean()) * (1 - y.mean())
            kappas[condition, a, b] = ((x == y).mean() - expected) / (1 - expected)
    print(len(accuracy), confusion.to_numpy().sum(), bias.mean(), sum(kappas.values()) / len(kappas))


def processor_seconds(command):
    """User and system time of a child, on one core."""
    before, begin = os.times(), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, preexec_fn=one_core)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return spent, time.monotonic() - begin


def one_core():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/default/bin", type=pathlib.Path)
    parser.add_argument("--trials", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pandas", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.pandas:
        return with_pandas(arguments.pandas)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "big_all_session-1.csv"
        generate(path, arguments.trials)
        program = [arguments.bin / "cuebench", "score", path, "--quiet"]
        commands = {"cuebench": program + ["--replicates", "0"],
                    "cuebench, 10,000 replicates": program,
                    "pandas": [sys.executable, __file__, "--pandas", path]}
        best = {name: (float("inf"), float("inf")) for name in commands}
        for _ in range(arguments.rounds):
            for name, command in commands.items():
                best[name] = min(best[name], processor_seconds(command))
        print(f"{arguments.trials:,} trials, {path.stat().st_size / 1e6:.0f} MB, one core, least of {arguments.rounds}:")
        for name, (spent, wall) in best.items():
            print(f"  {name:<28} {spent:6.2f} s of processor time, {wall:6.2f} s")
        print(f"  pandas / cuebench            {best['pandas'][0] / best['cuebench'][0]:6.1f}")


if __name__ == "__main__":
    sys.exit(main())
