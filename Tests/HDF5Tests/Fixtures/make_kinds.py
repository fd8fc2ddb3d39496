"""Writes kinds.hdf5, one of every sort of value that other programs put into HDF5 files (h5py 3.14)."""
import pathlib

import h5py
import numpy as np

path = pathlib.Path(__file__).with_name("kinds.hdf5")
with h5py.File(path, "w") as file:
    numbers = file.create_group("numbers")
    for name in ["int8", "uint16", "int32", ">i4", "uint64", "float16", ">f8", "float32"]:
        numbers[name.replace(">", "big_")] = np.array([1, 2, 100], name)
    numbers["negative"] = np.array([-1.75, 300.5, 2.5], "float64")
    numbers["scalar"] = np.int64(42)
    numbers["empty"] = np.zeros((0, 3), "float32")
    numbers.create_dataset("deflated", data=np.arange(60, dtype="int16").reshape(10, 6), chunks=(4, 3), compression=9)
    numbers.create_dataset("unwritten", (4,), "float32")

    strings = file.create_group("strings")
    strings["variable"] = ["cat", "", "Käse"]
    strings["fixed"] = np.array([b"ab", b"abcd", b""], "S4")
    padded = h5py.h5t.C_S1.copy()
    padded.set_size(5)
    padded.set_strpad(h5py.h5t.STR_SPACEPAD)
    space = h5py.h5s.create_simple((2,))
    dataset = h5py.h5d.create(strings.id, b"spaces", padded, space)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"a b  ", b"     "], "S5"), padded)
    strings["damaged"] = np.array([b"ok", b"\xff\xfea"], "S3")
    for name, value in {
        "variable": "tensorflow",
        "ascii_bytes": np.bytes_(b"2.2.4"),
        "list": ["a", "bb"],
        "fixed_list": np.array([b"conv2d", b"dense"]),
        "damaged": np.bytes_(b"a\xffb"),
        "empty": np.array([]),
        "int": np.int16(-3),
        "floats": np.array([0.5, 1.5], "float32"),
        "matrix": np.zeros((2, 2)),
        "null": h5py.Empty("float32"),
    }.items():
        strings.attrs[name] = value

    other = file.create_group("other")
    other["compound"] = np.zeros(2, [("a", "int32"), ("b", "float32")])
    other["external_link"] = h5py.ExternalLink("keras2_small_miniception_sgd.hdf5", "/model_weights")
    other["soft_link"] = h5py.SoftLink("/numbers/scalar")
    other["soft_to_external"] = h5py.SoftLink("/other/external_link")
    other["dangling"] = h5py.SoftLink("/nowhere")
    other["loop"] = h5py.SoftLink("/other/loop")
    other["type"] = np.dtype("int32")
    other.create_dataset("external", (4,), "uint8", external=[("kinds.hdf5", 0, 4)])
    layout = h5py.VirtualLayout((4,), "float32")
    layout[:] = h5py.VirtualSource("elsewhere.hdf5", "x", (4,))
    other.create_virtual_dataset("virtual", layout)
