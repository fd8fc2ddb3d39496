#!/usr/bin/env python3
"""Computes VGG16's features of pictures in Keras, and compares them with the file that Chapter03ExtractFeatures has written.

    check_features.py FOLDER FEATURES.hdf5 WEIGHTS.h5 [--count 64] [--first 0] [--grey] [--seed 42]

FOLDER has the pictures: image_0001.jpg to image_1360.jpg of Flowers-17, or a folder for each class. WEIGHTS.h5 is the
published file without the top. Pictures are read with Keras's load_img, in the order of the file, which is
NumPy's RandomState(seed).permutation. Checked: labels, names of the classes, and the features of COUNT pictures from
FIRST on (--grey: of the grey pictures from there on), whose largest difference must be within 1e-4 of the largest feature.
"""
import argparse
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras
import numpy as np
from PIL import Image

TOLERANCE = 1e-4
SUFFIXES = (".jpeg", ".jpg", ".jpe", ".jfif", ".png")
# Flowers-17 numbers its pictures in this order, 80 each.
FLOWERS = (
    "daffodil snowdrop lilyvalley bluebell crocus iris tigerlily tulip fritillary sunflower daisy coltsfoot dandelion "
    "cowslip buttercup windflower pansy").split()
BACKGROUND = "BACKGROUND_Google"
ORIENTATION = 0x112


def listed(folder):
    """The pictures class by class, the label of each, and the names of the classes."""
    if os.path.exists(os.path.join(folder, "image_0001.jpg")):
        names = sorted(FLOWERS)
        pictures = [
            (os.path.join(folder, f"image_{80 * FLOWERS.index(name) + number:04}.jpg"), label)
            for label, name in enumerate(names) for number in range(1, 81)]
    else:
        names = sorted(
            entry.name for entry in os.scandir(folder)
            if entry.is_dir() and entry.name != BACKGROUND and not entry.name.startswith("."))
        pictures = [
            (os.path.join(folder, name, file), label) for label, name in enumerate(names)
            for file in sorted(os.listdir(os.path.join(folder, name)))
            if file.lower().endswith(SUFFIXES) and not file.startswith(".")]
    return [path for path, _ in pictures], np.array([label for _, label in pictures]), names


def loaded(paths):
    images = [keras.utils.img_to_array(keras.utils.load_img(path, target_size=(224, 224))) for path in paths]
    return keras.applications.imagenet_utils.preprocess_input(np.stack(images))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("features")
    parser.add_argument("weights")
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--grey", action="store_true")
    parser.add_argument("--seed", type=int, default=42)
    arguments = parser.parse_args()

    paths, labels, names = listed(arguments.folder)
    order = np.random.RandomState(arguments.seed).permutation(len(paths))
    failures = []

    def report(ok, what):
        print(f"{'ok  ' if ok else 'FAIL'} {what}", flush=True)
        if not ok:
            failures.append(what)

    with h5py.File(arguments.features) as file:
        samples = len(file["features"])
        order = order[:samples]
        report([str(name) for name in file["label_names"].asstr()] == names, f"{len(names)} names of classes")
        report(np.array_equal(file["labels"][()], labels[order]), f"{samples} labels")
        rows, turned = [], 0
        for row in range(arguments.first, samples):
            if len(rows) == arguments.count:
                break
            with Image.open(paths[order[row]]) as image:
                if image.mode == "L" or not arguments.grey:
                    rows.append(row)
                    turned += image.getexif().get(ORIENTATION, 1) != 1
        if not rows:
            sys.exit(f"{arguments.features} has no such pictures")
        ours = np.stack([file["features"][row] for row in rows])
    print(f"     {len(rows)} pictures, {turned} of them lie on their side")

    body = keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))
    body.load_weights(arguments.weights)
    theirs = np.concatenate([
        body.predict(loaded([paths[order[row]] for row in rows[i:i + 32]]), verbose=0).reshape(-1, ours.shape[1])
        for i in range(0, len(rows), 32)])
    scale = np.max(np.abs(theirs))
    differences = np.max(np.abs(ours - theirs), axis=1) / scale
    report(
        ours.shape == theirs.shape and np.max(differences) <= TOLERANCE,
        f"features, largest {scale:.4g}: off by {np.max(differences):.1e} of it, in the median picture by "
        f"{np.median(differences):.1e}")
    for place in np.flatnonzero(differences > TOLERANCE):
        print(f"     {paths[order[rows[place]]]}: off by {differences[place]:.1e}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
