#!/usr/bin/env python3
"""Compares SqueezeNet's answers to ImageNet's pictures with those of the same network in Keras.

    check_pictures.py FOLDER WEIGHTS.h5 [--square]

FOLDER has one picture of each of ImageNet's 1,000 classes, sorted by name as the classes are. Needs
`swift build --product InteropWeights`. Pictures are read with Keras's load_img and squeezed to 227x227 pixels as it does;
--square cuts out their central squares first. Printed: both networks' rank-1 and rank-5 accuracies, on how many pictures
they agree, and how far the probabilities are apart, which has to be within 1e-4. A picture that its EXIF orientation
turns is upright here and lies on its side in Keras, so its probabilities are not compared.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
from PIL import Image

from check_weights import PROGRAM, TOLERANCE, keras, squeezenet

SIDE = 227
ORIENTATION = 0x112


def loaded(path, square):
    if not square:
        return keras.utils.load_img(path, target_size=(SIDE, SIDE))
    # keep_aspect_ratio computes the places in the whole picture, which rounds differently.
    image = keras.utils.load_img(path)
    side = min(image.size)
    left, top = [(length - side) // 2 for length in image.size]
    return image.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.Resampling.NEAREST)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("weights")
    parser.add_argument("--square", action="store_true")
    arguments = parser.parse_args()

    flags = ["--square"] if arguments.square else []
    with tempfile.TemporaryDirectory() as folder:
        probe = os.path.join(folder, "probe.hdf5")
        subprocess.run(
            [PROGRAM, "SqueezeNet", arguments.weights, probe, "--side", str(SIDE), "--pictures", arguments.folder, *flags],
            check=True)
        with h5py.File(probe) as file:
            ours, names = file["prediction"][()], list(file["names"].asstr())

    model = squeezenet()
    model.load_weights(arguments.weights, by_name=True)
    theirs, turned = [], []
    for first in range(0, len(names), 50):
        images = []
        for name in names[first:first + 50]:
            path = os.path.join(arguments.folder, name)
            with Image.open(path) as image:
                turned.append(image.getexif().get(ORIENTATION, 1) > 1)
            images.append(keras.utils.img_to_array(loaded(path, arguments.square)))
        batch = keras.applications.imagenet_utils.preprocess_input(np.stack(images))
        theirs.append(model.predict(batch, verbose=0))
    theirs, upright = np.concatenate(theirs), ~np.array(turned)
    truth = np.arange(len(names))

    for who, predictions in [("here", ours), ("Keras", theirs)]:
        best = np.argsort(predictions, axis=1)[:, ::-1]
        rank1, rank5 = np.sum(best[:, 0] == truth), np.sum(np.any(best[:, :5] == truth[:, None], axis=1))
        print(f"     {who}: rank 1 {rank1} and rank 5 {rank5} of {len(names)}")
    agree = np.argmax(ours, axis=1) == np.argmax(theirs, axis=1)
    difference = np.max(np.abs(ours - theirs)[upright])
    ok = difference <= TOLERANCE
    print(f"     the same answer to {np.sum(agree)} of {len(names)}; {np.sum(~upright)} lie on their side")
    for place in np.flatnonzero(~agree):
        print(f"     another answer to {names[place]}{'' if upright[place] else ', which lies on its side'}")
    print(f"{'ok  ' if ok else 'FAIL'} probabilities of the upright ones: off by {difference:.1e} at most")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
