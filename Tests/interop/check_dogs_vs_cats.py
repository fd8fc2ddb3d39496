#!/usr/bin/env python3
"""Compares the files of Chapter09BuildDogsVsCats with what OpenCV and scikit-learn make of the same pictures.

    check_dogs_vs_cats.py PICTURES FOLDER     PICTURES holds cat.0.jpg, ...; FOLDER train.hdf5, val.hdf5, test.hdf5 and the means

The sets have to be those of the book's two calls of train_test_split, in their order, and the pixels those of its
AspectAwarePreprocessor. Needs cv2, h5py, numpy and scikit-learn.
"""
import json
import os
import sys

import cv2
import h5py
import numpy as np
from sklearn.model_selection import train_test_split

pictures, folder = sys.argv[1:3]
SIDE = 256


def aspect_aware(image):
    height, width = image.shape[:2]
    down = across = 0
    if width < height:
        image = cv2.resize(image, (SIDE, int(height * (SIDE / float(width)))), interpolation=cv2.INTER_AREA)
        down = int((image.shape[0] - SIDE) / 2.0)
    else:
        image = cv2.resize(image, (int(width * (SIDE / float(height))), SIDE), interpolation=cv2.INTER_AREA)
        across = int((image.shape[1] - SIDE) / 2.0)
    height, width = image.shape[:2]
    image = image[down:height - down, across:width - across]
    return cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


paths = sorted((name for name in os.listdir(pictures) if name.endswith(".jpg")), key=lambda name: (name[:3], name))
labels = [("cat", "dog").index(name.split(".")[0]) for name in paths]
held_out = round(len(paths) / 10)
train, test, train_labels, test_labels = train_test_split(
    paths, labels, test_size=held_out, stratify=labels, random_state=42)
train, val, train_labels, val_labels = train_test_split(
    train, train_labels, test_size=held_out, stratify=train_labels, random_state=42)

means, different, largest = [], 0, 0
for name, files, expected in (("train", train, train_labels), ("val", val, val_labels), ("test", test, test_labels)):
    with h5py.File(os.path.join(folder, name + ".hdf5"), "r") as file:
        assert list(file["labels"]) == expected, f"{name}: other labels"
        images = file["images"]
        assert images.shape == (len(files), SIDE, SIDE, 3), images.shape
        for row, path in enumerate(files):
            image = aspect_aware(cv2.imread(os.path.join(pictures, path)))
            if name == "train":
                means.append(cv2.mean(image)[:3])
            difference = np.abs(images[row][..., ::-1].astype(int) - image)
            different += int((difference > 0).sum())
            largest = max(largest, int(difference.max()))
blue, green, red = np.mean(means, axis=0)
with open(os.path.join(folder, "dogs_vs_cats_mean.json")) as file:
    stored = json.load(file)
distance = max(abs(stored[key] - mean) for key, mean in (("R", red), ("G", green), ("B", blue)))
print(f"{len(paths)} pictures, labels and order equal; {different} numbers differ, by {largest} at most; means by {distance:.1e}")
sys.exit(1 if different or distance > 1e-6 else 0)
