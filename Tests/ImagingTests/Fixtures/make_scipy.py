"""Writes scipy.hdf5: images that scipy.ndimage.affine_transform warps with order 0, which takes the nearest pixel.

SciPy 1.17, h5py 3.14. `MODE/NAME`: `image`, `matrix` (the row of the image for a row, a column and 1 of the result, then
the column), and `result`. Outside of the image, mode constant has 7.
"""
import pathlib

import h5py
import numpy as np
from scipy import ndimage

random = np.random.default_rng(3)
sizes = [(9, 7, 3), (16, 16, 3), (5, 12, 1), (1, 6, 3), (8, 1, 2), (20, 31, 3)]
matrices = {
    "turned": [0.9417, 0.3121, -2.1319, -0.2807, 0.9713, 1.7123], "smaller": [1.7, 0, -3.17, 0, 2.3, -4.13],
    "larger": [0.3119, 0.0217, 1.1301, -0.0319, 0.4217, 0.9103], "moved": [1, 0, 2.3, 0, 1, -3.6],
    # A place in the middle between two pixels takes the second.
    "half": [1, 0, 0.5, 0, 1, -1.5], "far": [1, 0, 40.2, 0, 1, -70.3],
}

with h5py.File(pathlib.Path(__file__).with_name("scipy.hdf5"), "w", libver=("earliest", "v108")) as file:
    for mode in ["nearest", "constant", "reflect", "wrap"]:
        for number, (name, matrix) in enumerate(matrices.items()):
            for size in sizes[number % 3::3] if number < 3 else sizes[::2]:
                if mode == "wrap" and 1 in size[:2]:
                    continue  # SciPy divides by the period, which is 0.
                image = random.integers(0, 256, size, np.uint8)
                a, b, c, d, e, f = matrix
                i, j = np.mgrid[:size[0], :size[1]]
                for place in (a * i + b * j + c, d * i + e * j + f):
                    # Elsewhere rounding must not decide.
                    assert name == "half" or abs(place % 1 - 0.5).min() > 1e-6, name
                channels = [
                    ndimage.affine_transform(image[..., k], [[a, b], [d, e]], [c, f], order=0, mode=mode, cval=7)
                    for k in range(size[2])]
                group = file.create_group(f"{mode}/{name} {size[0]}x{size[1]}x{size[2]}")
                group["image"], group["matrix"], group["result"] = image, np.array(matrix, float), np.stack(channels, -1)
