#!/usr/bin/python3
"""Statistics as SciPy and NumPy compute them. Reads {name: arguments} cases as JSON from the file given, prints the answers
as JSON (null = undefined). Never imports cuebench."""
import json
import sys
import warnings
from fractions import Fraction

import numpy as np
from scipy import stats

warnings.simplefilter("ignore")  # constant input: the answer is null


def interval(case, method):
    if case["n"] == 0:
        return None
    found = stats.binomtest(case["successes"], case["n"]).proportion_ci(case["confidence"], method)
    return [found.low, found.high]


def mcnemar(case):
    """Exact integers where they are quick; else SciPy, whose tail vanishes below about 1e-250."""
    first, second = case["first"], case["second"]
    n, smaller = first + second, min(first, second)
    if n > 3000:
        return stats.binomtest(first, n, 0.5).pvalue
    ways, total = 1, 0
    for k in range(smaller + 1):
        total += ways
        ways = ways * (n - k) // (k + 1)
    return float(min(Fraction(1), Fraction(2 * total, 2**n)))


def holm(case):
    """By the definition: the largest of (m - j + 1) p_(j) over all p_(j) <= p_i, at most 1. Ties in any order."""
    p = np.array(case["p"])
    rank = np.argsort(np.argsort(p, kind="stable"), kind="stable")  # 0 = smallest
    scaled = p * (len(p) - rank)
    return [min(1.0, float(scaled[rank <= rank[i]].max())) for i in range(len(p))]


def mcnemar_mid_p(case):
    """The exact p less the probability of the table that was seen."""
    first, second = case["first"], case["second"]
    n, smaller = first + second, min(first, second)
    if first == second:
        return 1.0
    return float(2 * stats.binom.cdf(smaller, n, 0.5) - stats.binom.pmf(smaller, n, 0.5))


def benjamini_hochberg(case):
    """By the definition: the smallest of m / j * p_(j) over all p_(j) >= p_i, at most 1; j = how many are as small."""
    p = np.array(case["p"])
    rank = np.argsort(np.argsort(p, kind="stable"), kind="stable") + 1
    scaled = p * len(p) / rank
    return [min(1.0, float(scaled[p >= p[i]].min())) for i in range(len(p))]


def items_for_half_width(case):
    """Brute force around a normal approximation."""
    p, half = case["p"], case["half_width"]
    z = stats.norm.ppf(0.975)

    def width(n):
        return z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))

    n = max(1, int(z * z * p * (1 - p) / half**2 * 0.5))
    while width(n) > half:
        n += 1
    while n > 1 and width(n - 1) <= half:
        n -= 1
    return n


def consistency(case):
    """Cohen's kappa of the two observers' right and wrong answers, trial by trial."""
    first = np.repeat([1, 1, 0, 0], case["counts"])
    second = np.repeat([1, 0, 1, 0], case["counts"])
    if len(first) == 0:
        return None
    observed = float((first == second).mean())
    expected = first.mean() * second.mean() + (1 - first.mean()) * (1 - second.mean())
    return [observed, float(expected), 1.0 if observed == 1 else float((observed - expected) / (1 - expected))]


def defined(value):
    return None if np.isnan(value) else float(value)


def bootstrap(case):
    """Ratio of two accuracies, items resampled one by one within each class."""
    random = np.random.default_rng(20240607)
    strata = [np.repeat(np.arange(4), counts) for counts in case["counts"]]
    ratios = np.empty(case["replicates"])
    for r in range(case["replicates"]):
        pooled = sum(np.bincount(random.choice(items, len(items)), minlength=4) for items in strata)
        ratios[r] = (pooled[1] + pooled[3]) / (pooled[2] + pooled[3])
    low, high = np.quantile(ratios, [0.025, 0.975])
    return {"low": low, "high": high, "deviation": ratios.std()}


KINDS = {
    "wilson": lambda case: interval(case, "wilson"),
    "clopper_pearson": lambda case: interval(case, "exact"),
    "mcnemar": mcnemar,
    "mcnemar_mid_p": mcnemar_mid_p,
    "holm": holm,
    "benjamini_hochberg": benjamini_hochberg,
    "items_for_half_width": items_for_half_width,
    "consistency": consistency,
    "pearson": lambda case: defined(stats.pearsonr(case["x"], case["y"])[0]),
    "spearman": lambda case: defined(stats.spearmanr(case["x"], case["y"])[0]),
    "ranks": lambda case: stats.rankdata(case["x"]).tolist(),
    "quantile": lambda case: float(np.quantile(case["x"], case["p"])),
    "bootstrap": bootstrap,
}

with open(sys.argv[1], encoding="utf-8") as file:
    cases = json.load(file)
print(json.dumps([KINDS[case["kind"]](case) for case in cases]))
