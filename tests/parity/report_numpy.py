"""ImageNet-C's summary by NumPy: values by definition, intervals by drawing images within their class.

Reads {"label": [...], "right": [model][variant][image]} (variant 0 is clean, then corruption-major, 5 severities;
model 0 is the baseline) and prints name -> [value, low, high] of model 1.
"""

import json
import sys

import numpy as np

data = json.load(open(sys.argv[1]))
label = np.array(data["label"])
right = np.array(data["right"], dtype=float)  # [model, variant, image]
by_corruption = right[:, 1:].reshape(2, 19, 5, -1)


def numbers(weight):
    total = weight.sum()
    clean = 1 - right[:, 0] @ weight / total
    error = 1 - by_corruption.mean(axis=2) @ weight / total
    ce = error[1] / error[0]
    relative = (error[1] - clean[1]) / (error[0] - clean[0])
    return {"error": error[1, :15].mean(), "mce": ce[:15].mean(), "relative_mce": relative[:15].mean(),
            "error_19": error[1].mean(), "mce_19": ce.mean()}


random = np.random.default_rng(5)
drawn = []
for _ in range(4000):
    weight = np.zeros(len(label))
    for c in np.unique(label):
        members = np.flatnonzero(label == c)
        weight[members] = random.multinomial(len(members), np.full(len(members), 1 / len(members)))
    drawn.append(numbers(weight))
value = numbers(np.ones(len(label)))
print(json.dumps({name: [value[name], *np.percentile([d[name] for d in drawn], [2.5, 97.5])] for name in value}))
