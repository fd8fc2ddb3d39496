#!/usr/bin/env python3
"""Repeats the grid search of Chapter03TrainModel in scikit-learn, and compares with the record of ours.

    check_classifier.py FEATURES.hdf5 CLASSIFIER.hdf5 [--jobs 2] [--tolerance 1e-4]

CLASSIFIER.hdf5 is ours, of the same features; its record lies beside it, and says the solver. The search is the book's:
C from 0.1 to 10,000 on three folds of the first three quarters, features as float64. Printed: scores of every C, the best
C, and the accuracy, rank 1 and rank 5 on the last quarter, there and here, and on how many test samples both classifiers
give the same answer. The answers must agree on 99 % of them, and each accuracy within 1 %.
"""
import argparse
import json
import sys
import time
import warnings

import h5py
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier

GRID = [0.1, 1, 10, 100, 1000, 10000]
WITHIN = 0.01


def ranks(probabilities, labels):
    """Rank 1 and rank 5; of equal probabilities the higher class counts first, as in our program."""
    best = np.argsort(probabilities, axis=1, kind="stable")[:, ::-1]
    return np.mean(best[:, 0] == labels), np.mean(np.any(best[:, :5] == labels[:, None], axis=1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("features")
    parser.add_argument("classifier")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()

    with open(arguments.classifier.removesuffix(".hdf5") + ".record.json") as file:
        record = json.load(file)
    with h5py.File(arguments.features) as file:
        x, y = file["features"][()].astype(np.float64), file["labels"][()]
    with h5py.File(arguments.classifier) as file:
        coefficients, intercepts = file["coef"][()], file["intercept"][()]
    i = int(len(y) * 0.75)

    estimator, name = LogisticRegression(max_iter=1000, tol=arguments.tolerance), "C"
    if record["solver"] == "liblinear":
        # One class against all others, which LogisticRegression itself no longer does.
        estimator = OneVsRestClassifier(LogisticRegression(solver="liblinear", max_iter=1000, tol=arguments.tolerance))
        name = "estimator__C"
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        search = GridSearchCV(estimator, {name: GRID}, cv=3, n_jobs=arguments.jobs)
        search.fit(x[:i], y[:i])
    seconds = time.perf_counter() - start
    print(f"{record['solver']}: scikit-learn's search took {seconds:.1f} s, ours {record['seconds']:.1f} s")
    print("| C | scikit-learn | here |\n|---|---|---|")
    for c, mean, deviation, ours in zip(
            GRID, search.cv_results_["mean_test_score"], search.cv_results_["std_test_score"], record["grid"]):
        print(f"| {c} | {mean:.6f} ± {deviation:.6f} | {ours['meanTestScore']:.6f} ± {ours['stdTestScore']:.6f} |")
    print(f"best C: {search.best_params_[name]} there, {record['bestC']} here")
    if caught:
        print(f"scikit-learn warned: {str(caught[0].message).splitlines()[0]}")

    theirs, truth = search.predict(x[i:]), y[i:]
    decisions = x[i:] @ coefficients.T + intercepts
    ours = np.argmax(decisions, axis=1) if decisions.shape[1] > 1 else (decisions[:, 0] > 0).astype(int)
    rank1, rank5 = ranks(search.predict_proba(x[i:]), truth)
    metrics = record["test"]["metrics"]
    ok = True
    for what, there in [("accuracy", np.mean(theirs == truth)), ("rank1", rank1), ("rank5", rank5)]:
        here = metrics.get(what)
        if here is None:
            print(f"     {what}: {there:.6f} there; Chapter04RankAccuracy adds ours")
            continue
        close = abs(there - here) <= WITHIN
        ok &= bool(close)
        print(
            f"{'ok  ' if close else 'FAIL'} {what}: {there:.6f} there, {here:.6f} here: "
            f"{round((here - there) * len(truth)):+} of {len(truth)}")
    same = np.sum(ours == theirs)
    close = same >= 0.99 * len(truth)
    print(f"{'ok  ' if close else 'FAIL'} the same answer for {same} of {len(truth)}; ours right alone "
          f"{np.sum((ours == truth) & (theirs != truth))}, theirs right alone {np.sum((ours != truth) & (theirs == truth))}")
    return 0 if ok and close else 1


if __name__ == "__main__":
    sys.exit(main())
