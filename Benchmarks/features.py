#!/usr/bin/env python3
"""One run of extracting features or of the grid search on them, here or in Keras and scikit-learn, for compare.py.

    features.py here FOLDER WEIGHTS.h5 [PICTURES]       Chapter03ExtractFeatures, with what it stores as its speed
    features.py keras FOLDER WEIGHTS.h5 [PICTURES]      the loop of the book's extract_features.py, in batches of 32
    features.py search FEATURES.hdf5 [SOLVER]           Chapter03TrainModel, with what its record has as seconds
    features.py scikit-learn FEATURES.hdf5              GridSearchCV of LogisticRegression, lbfgs

All use two threads or processes. FOLDER has the pictures of Flowers-17; the first 256 of the shuffled list are taken.
Prints a JSON line: images per second of the loop without the start, or fits per second, of which a search has 19; and the
seconds that processors spent, which others on the machine disturb less: here of the whole program, there of the loop.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
PROGRAMS = os.environ.get("PROGRAMS", os.path.join(ROOT, ".build", "debug"))
FITS = 19


def run(program, *arguments):
    subprocess.run([os.path.join(PROGRAMS, program), *arguments], check=True, stdout=subprocess.DEVNULL)


def cpu_seconds(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def here(folder, weights, pictures=256):
    import h5py
    with tempfile.TemporaryDirectory() as output:
        file = os.path.join(output, "features.hdf5")
        run("Chapter03ExtractFeatures", "--dataset", folder, "--network", "vgg16", "--weights", weights,
            "--limit", str(pictures), "--threads", "2", "--output", file)
        with h5py.File(file) as features:
            return float(features.attrs["images_per_second"]), cpu_seconds(resource.RUSAGE_CHILDREN)


def keras(folder, weights, pictures=256):
    import tensorflow
    tensorflow.config.threading.set_intra_op_parallelism_threads(2)
    tensorflow.config.threading.set_inter_op_parallelism_threads(2)
    import h5py
    import numpy as np
    sys.path.insert(0, os.path.join(ROOT, "Tests", "interop"))
    from check_features import keras, listed, loaded
    body = keras.applications.VGG16(weights=None, include_top=False)
    body.load_weights(weights)
    body.predict(np.zeros((32, 224, 224, 3), np.float32), verbose=0)
    paths = listed(folder)[0]
    chosen = [paths[row] for row in np.random.RandomState(42).permutation(len(paths))[:int(pictures)]]
    with tempfile.TemporaryFile() as file, h5py.File(file, "w") as database:
        features = database.create_dataset("features", (len(chosen), 7 * 7 * 512), "float32")
        start, before = time.perf_counter(), time.process_time()
        for i in range(0, len(chosen), 32):
            maps = body.predict(loaded(chosen[i:i + 32]), batch_size=32, verbose=0)
            features[i:i + len(maps)] = maps.reshape(len(maps), -1)
        return len(chosen) / (time.perf_counter() - start), time.process_time() - before


def search(features, solver="lbfgs"):
    with tempfile.TemporaryDirectory() as output:
        run("Chapter03TrainModel", "--db", features, "--model", os.path.join(output, "classifier.hdf5"), "--jobs", "2",
            "--solver", solver)
        with open(os.path.join(output, "classifier.record.json")) as record:
            return FITS / json.load(record)["seconds"], cpu_seconds(resource.RUSAGE_CHILDREN)


def scikit_learn(features):
    import h5py
    from joblib.externals.loky import get_reusable_executor
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    with h5py.File(features) as file:
        x, y = file["features"][()].astype("float64"), file["labels"][()]
    i = int(len(y) * 0.75)
    start, before = time.perf_counter(), time.process_time()
    GridSearchCV(
        LogisticRegression(max_iter=1000), {"C": [0.1, 1, 10, 100, 1000, 10000]}, cv=3, n_jobs=2).fit(x[:i], y[:i])
    speed, own = FITS / (time.perf_counter() - start), time.process_time() - before
    # Its processes are counted once they have ended.
    get_reusable_executor().shutdown(wait=True)
    return speed, own + cpu_seconds(resource.RUSAGE_CHILDREN)


if __name__ == "__main__":
    works = {"here": here, "keras": keras, "search": search, "scikit-learn": scikit_learn}
    if len(sys.argv) < 3 or sys.argv[1] not in works:
        sys.exit(__doc__)
    speed, used = works[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({"images_per_second": speed, "cpu_seconds": used}))
