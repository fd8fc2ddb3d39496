#!/usr/bin/env python3
"""Keras's side of `Benchmark augment`: train.py's augmentation of 64x64 images, one JSON line.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python3 Benchmarks/keras_augment.py      (needs tensorflow-cpu and scipy)
"""
import json
import os
import statistics
import time

os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator

batch_size, steps = 64, 20
images = np.random.default_rng(0).uniform(-2, 2, (batch_size, 64, 64, 3)).astype("float32")
labels = np.zeros((batch_size, 200), "float32")
# The documents' shear, 0.15, was in radians. Keras now takes degrees.
generator = ImageDataGenerator(rotation_range=18, zoom_range=0.15, width_shift_range=0.2, height_shift_range=0.2,
                               shear_range=np.rad2deg(0.15), horizontal_flip=True, fill_mode="nearest")
batches = generator.flow(images, labels, batch_size=batch_size)
seconds = []
for step in range(steps + 3):
    start = time.perf_counter()
    next(batches)
    seconds.append(time.perf_counter() - start)
print(json.dumps({"images_per_second": batch_size / statistics.median(seconds[3:])}))
