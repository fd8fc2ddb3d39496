#!/usr/bin/env python3
"""Sequential reading of images with h5py, to hold `Benchmark read` against.

    python3 Benchmarks/h5py_read.py FILE.hdf5 [--cold] [--float32]

Batches of 64 in the file's order, as they are stored; with --float32 they become 32-bit floats, which a network needs.
Prints a JSON line with the images per second.
"""
import json
import os
import sys
import time

import h5py

path, cold = sys.argv[1], "--cold" in sys.argv
if cold:
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
with h5py.File(path, "r") as file:
    images = file["images"]
    start = time.perf_counter()
    for first in range(0, len(images), 64):
        batch = images[first:first + 64]
        if "--float32" in sys.argv:
            batch.astype("float32")
    seconds = time.perf_counter() - start
print(json.dumps({"images_per_second": round(len(images) / seconds, 1)}))
