#!/usr/bin/env python3
"""Opens a model file of this project in real Keras 3 and in tf_keras (Keras 2), and compares.

    check_keras.py MODEL.hdf5 PROBE.hdf5

PROBE.hdf5 is written by `swift run Interop MODEL.hdf5 PROBE.hdf5`: inputs `x`, our `prediction` for them, one training
batch (`batch`, `targets`), and the `loss` and first and last kernels that our own next step gives from MODEL.hdf5.

Checked: both generations predict what we predicted, within 1e-4; Keras 2 resumes with the optimizer's state and takes
the same next step, within 1e-4. (Keras 3 cannot resume from HDF5 files, its own included.)
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import numpy as np

TOLERANCE = 1e-4


def compare(what, ours, theirs):
    difference = float(np.max(np.abs(np.asarray(ours) - np.asarray(theirs))))
    ok = difference <= TOLERANCE
    print(f"{'ok  ' if ok else 'FAIL'} {what}: off by {difference:.2e} at most")
    return ok


def main(model_path, probe_path):
    with h5py.File(probe_path) as f:
        probe = {name: f[name][()] for name in f}
    ok = True

    import keras
    model = keras.models.load_model(model_path)
    ok &= compare(f"prediction, Keras {keras.__version__}", probe["prediction"], model.predict(probe["x"], verbose=0))

    import tf_keras
    model = tf_keras.models.load_model(model_path)
    ok &= compare(
        f"prediction, tf_keras {tf_keras.__version__}", probe["prediction"], model.predict(probe["x"], verbose=0))

    # The same step as ours: dropout is random, so it is off on both sides.
    config = model.get_config()
    for layer in config["layers"]:
        if layer["class_name"] == "Dropout":
            layer["config"]["rate"] = 0.0
    still = tf_keras.Model.from_config(config)
    still.set_weights(model.get_weights())
    optimizer = model.optimizer
    state = optimizer.get_weights()
    still.compile(loss=model.loss, optimizer=optimizer.__class__.from_config(optimizer.get_config()))
    still.optimizer._create_all_weights(still.trainable_variables)
    still.optimizer.set_weights(state)
    print(f"     optimizer {optimizer.__class__.__name__}: {len(state)} arrays, {int(state[0])} steps taken")
    ok &= int(state[0]) == int(probe["iterations"][0])
    loss = still.train_on_batch(probe["batch"], probe["targets"])
    ok &= compare("loss of the next step", probe["loss"][0], loss)
    kernels = [w.numpy() for w in still.trainable_variables if "kernel" in w.name]
    ok &= compare("first kernel after it", probe["after_first_kernel"], kernels[0])
    ok &= compare("last kernel after it", probe["after_last_kernel"], kernels[-1])
    return 0 if ok else 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
