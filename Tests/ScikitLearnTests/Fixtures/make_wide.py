#!/usr/bin/env python3
"""Writes wide.hdf5: what scikit-learn's LogisticRegression (lbfgs) makes of samples with many more features than samples.

x is float32 and used as float64. Two groups, three_classes and two_classes, each have labels, and for each C a group with
coef and intercept at a tolerance of 1e-12, and as config_json C and steps, the iterations at the default tolerance.
One sample stands twice, one feature is 0 throughout, and one sample is 0: the samples do not span as many dimensions as
there are samples.
"""
import json

import h5py
import numpy as np
from sklearn.linear_model import LogisticRegression

SAMPLES, FEATURES = 24, 600
random = np.random.default_rng(7)
x = np.maximum(random.normal(size=(SAMPLES, FEATURES)), 0).astype(np.float32)
x[5] = x[3]
x[7] = 0
x[:, 17] = 0
labels = random.integers(0, 3, SAMPLES)

with h5py.File("wide.hdf5", "w") as file:
    file["x"] = x
    for name, y in [("three_classes", labels), ("two_classes", (labels > 0).astype(int))]:
        group = file.create_group(name)
        group["labels"] = y.astype(np.int32)
        for c in [1e-4, 0.1, 1, 100]:
            exact = LogisticRegression(C=c, tol=1e-12, max_iter=10_000).fit(x.astype(np.float64), y)
            usual = LogisticRegression(C=c).fit(x.astype(np.float64), y)
            case = group.create_group(f"C{c:g}")
            case["coef"], case["intercept"] = exact.coef_, exact.intercept_
            case.attrs["config_json"] = json.dumps({"C": c, "steps": int(usual.n_iter_[0])})
