#!/usr/bin/env python3
"""Lets Keras write files of weights of its own networks, and compares what our networks predict with them.

    check_weights.py FOLDER [--squeezenet FILE.h5] [--vgg16-notop FILE.h5] [--networks VGG16 ...] [--backend openblas]

Needs `swift build --product InteropWeights`. FOLDER gets files of up to 200 MB, which are deleted again.

Written by Keras 3: whole models (.h5) and .weights.h5; by tf_keras: files of weights of Keras 2 (.h5), the format of
the published files, and .weights.h5. Weights are random, images small; with top, without, with a pooling. Also files
of another network, cut files and another number of classes, which have to be refused in one line. What our program
saves is opened in Keras. With FILE.h5, published weights are compared too, in real size.
"""
import argparse
import os
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import numpy as np
import keras
import tf_keras

TOLERANCE = 1e-4
PROGRAM = os.path.join(os.path.dirname(__file__), "..", "..", ".build", "debug", "InteropWeights")
BACKEND = "onednn"
failures = []


def report(ok, what):
    print(f"{'ok  ' if ok else 'FAIL'} {what}", flush=True)
    if not ok:
        failures.append(what)


def randomize(model, seed):
    """Kernels that keep the size of what passes through, so that no layer's weights are lost in the result."""
    random = np.random.default_rng(seed)
    weights = []
    for layer in model.layers:
        residual = layer.name.endswith(("_3_conv", "_0_conv"))
        for weight, value in zip(layer.weights, layer.get_weights()):
            name = weight.name.split("/")[-1]
            if value.ndim > 1:
                scale = np.sqrt((0.5 if residual else 2.0) / np.prod(value.shape[:-1]))
                if layer.name == "predictions":
                    scale *= 0.5
                value = random.normal(0, scale, value.shape)
            elif name.startswith(("gamma", "moving_variance")):
                value = random.uniform(0.5, 1.5, value.shape)
            else:
                value = random.uniform(-0.2, 0.2, value.shape)
            weights.append(value.astype(np.float32))
    model.set_weights(weights)
    # The inputs are large: the first kernel makes them small.
    first = next(layer for layer in model.layers if layer.weights)
    first.set_weights([w / 50 if w.ndim > 1 else w for w in first.get_weights()])


def ours(folder, network, weights, *flags):
    """Our prediction, or the line that our program ends with."""
    probe = os.path.join(folder, "probe.hdf5")
    run = subprocess.run([PROGRAM, network, weights, probe, "--backend", BACKEND, *flags], capture_output=True, text=True)
    if run.returncode:
        return None, None, (run.stdout + run.stderr).strip()
    with h5py.File(probe) as f:
        return f["x"][()], f["prediction"][()], ""


def compare(what, ours, theirs):
    scale = max(1.0, float(np.max(np.abs(theirs))))
    difference = float(np.max(np.abs(ours - theirs))) / scale
    spread = float(np.max(np.std(theirs.reshape(len(theirs), -1), axis=0)))
    report(ours.shape == theirs.shape and difference <= TOLERANCE and spread > 1e-3 * min(1, scale),
           f"{what}: off by {difference:.1e} of {scale:.3g}, predictions spread by {spread:.1e}")


def refused(what, message, *words):
    ok = message and "\n" not in message and all(word in message for word in words)
    report(bool(ok), f"{what}: {message or 'was loaded'}")


def custom(model):
    """InceptionResNetV2's own layer, which neither generation finds by itself in its own HDF5 files."""
    return {type(layer).__name__: type(layer) for layer in model.layers if type(layer).__name__ == "CustomScaleLayer"}


def check(folder, network, seed):
    saved = os.path.join(folder, "ours.h5")
    # The Inception networks take no smaller images.
    side = 75 if network.startswith("Inception") else 64
    for variant, flags, arguments in [
        ("whole", ["--classes", "10"], {"classes": 10}), ("without top", ["--no-top"], {"include_top": False}),
        ("avg", ["--no-top", "--pooling", "avg"], {"include_top": False, "pooling": "avg"}),
        ("max", ["--no-top", "--pooling", "max"], {"include_top": False, "pooling": "max"}),
    ]:
        keras.utils.clear_session()
        model = getattr(keras.applications, network)(weights=None, input_shape=(side, side, 3), **arguments)
        randomize(model, seed)
        old = getattr(tf_keras.applications, network)(weights=None, input_shape=(side, side, 3), **arguments)
        old.set_weights(model.get_weights())
        files = [
            ("Keras 3 .h5", "whole.h5", model.save), ("Keras 3 .weights.h5", "new.weights.h5", model.save_weights),
            ("tf_keras weights .h5", "legacy.h5", old.save_weights),
            ("tf_keras .weights.h5", "old.weights.h5", old.save_weights),
        ]
        for kind, name, write in files:
            path = os.path.join(folder, name)
            write(path)
            x, prediction, message = ours(folder, network, path, *flags, "--side", str(side), "--save", saved)
            if message:
                report(False, f"{network} {variant}, {kind}: {message}")
                continue
            compare(f"{network} {variant}, {kind}", prediction, model.predict(x, verbose=0))
        x, prediction, message = ours(folder, "file", os.path.join(folder, "whole.h5"), "--side", str(side))
        if message:
            report(False, f"{network} {variant}, whole file as a model: {message}")
        else:
            compare(f"{network} {variant}, whole file as a model", prediction, model.predict(x, verbose=0))
        # And back.
        compare(f"{network} {variant}, opened in Keras 3", prediction,
                keras.models.load_model(saved, compile=False, custom_objects=custom(model)).predict(x, verbose=0))
        compare(f"{network} {variant}, opened in tf_keras", prediction,
                tf_keras.models.load_model(saved, compile=False, custom_objects=custom(old)).predict(x, verbose=0))
        model.set_weights([np.zeros_like(w) for w in model.get_weights()])
        model.load_weights(saved)
        compare(f"{network} {variant}, load_weights in Keras 3", prediction, model.predict(x, verbose=0))
        if variant == "whole":
            bad(folder, network, side, [os.path.join(folder, name) for _, name, _ in files])
        for _, name, _ in files:
            os.remove(os.path.join(folder, name))
    os.remove(saved)


def bad(folder, network, side, paths):
    cut = os.path.join(folder, "cut.h5")
    size = ["--side", str(side)]
    for path in paths:
        name = os.path.basename(path)
        other = {"VGG16": "VGG19", "ResNet50": "VGG16", "InceptionV3": "ResNet50"}.get(network, "ResNet50")
        refused(f"{name} of {network} in {other}", ours(folder, other, path, "--classes", "10")[2], path)
        refused(f"{name} of {network}, 7 classes", ours(folder, network, path, "--classes", "7", *size)[2], path,
                ", 10)", ", 7)")
        refused(f"{name} of {network}, no top", ours(folder, network, path, "--no-top", *size)[2], path, "no place for")
        with open(path, "rb") as whole, open(cut, "wb") as half:
            half.write(whole.read(os.path.getsize(path) // 2))
        refused(f"half of {name} of {network}", ours(folder, network, cut, "--classes", "10", *size)[2], cut, "not whole")
        # Keras 2 writes no names into the newer format.
        _, prediction, message = ours(folder, network, path, "--no-top", "--by-name", *size)
        report(prediction is not None or name == "old.weights.h5", f"{name} of {network}, no top, by name {message}")
        os.remove(cut)


def squeezenet():
    """Iandola et al.'s version 1.1, in Keras 2, which allows a slash in a name."""
    layers = tf_keras.layers
    x = inputs = layers.Input((227, 227, 3))
    x = layers.Conv2D(64, 3, strides=2, activation="relu", name="conv1")(x)
    x = layers.MaxPooling2D(3, 2)(x)
    for number, (squeeze, expand) in enumerate(
            [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)], 2):
        x = layers.Conv2D(squeeze, 1, activation="relu", name=f"fire{number}/squeeze1x1")(x)
        x = layers.Concatenate()([
            layers.Conv2D(expand, 1, activation="relu", name=f"fire{number}/expand1x1")(x),
            layers.Conv2D(expand, 3, padding="same", activation="relu", name=f"fire{number}/expand3x3")(x)])
        if number in (3, 5):
            x = layers.MaxPooling2D(3, 2)(x)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(1000, 1, activation="relu", name="conv10")(x))
    return tf_keras.Model(inputs, layers.Softmax()(x))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--squeezenet")
    parser.add_argument("--vgg16-notop")
    parser.add_argument("--networks", nargs="*", default=["VGG16", "VGG19", "ResNet50", "InceptionV3", "InceptionResNetV2"])
    parser.add_argument("--backend", default=BACKEND)
    arguments = parser.parse_args()
    globals()["BACKEND"] = arguments.backend
    os.makedirs(arguments.folder, exist_ok=True)
    if arguments.squeezenet:
        x, prediction, message = ours(arguments.folder, "SqueezeNet", arguments.squeezenet, "--side", "227")
        model = squeezenet()
        model.load_weights(arguments.squeezenet, by_name=True)
        report(not message, f"SqueezeNet's published file is loaded {message}")
        compare("SqueezeNet, published", prediction, model.predict(x, verbose=0))
    if arguments.vgg16_notop:
        x, prediction, message = ours(
            arguments.folder, "VGG16", arguments.vgg16_notop, "--side", "224", "--no-top")
        report(not message, f"VGG16's published file is loaded {message}")
        model = keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))
        model.load_weights(arguments.vgg16_notop)
        compare("VGG16 without top, published", prediction, model.predict(x, verbose=0))
    for seed, network in enumerate(arguments.networks):
        check(arguments.folder, network, seed)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
