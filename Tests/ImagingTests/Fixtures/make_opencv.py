"""Writes opencv.hdf5: image files of every kind with what OpenCV reads from them, and resized images.

OpenCV 5.0, Pillow 13.0, h5py 3.14, libturbojpeg 2.1.5. `files/NAME`: `file`, and `rgb` as cv2.imread has it, channels
reversed. `resize/NAME`: `source`, and what it becomes by `area`, `linear` and `nearest`.
"""
import ctypes
import io
import pathlib
import struct
import zlib

import cv2
import h5py
import numpy as np
from PIL import Image

random = np.random.default_rng(7)


def picture(height, width, channels=3):
    """Waves, so that JPEG has something to lose, and some noise."""
    rows, columns, channel = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    waves = 128 + 90 * np.sin(rows / 5 + channel) * np.cos(columns / 7 - channel)
    return np.clip(waves + random.normal(0, 12, waves.shape), 0, 255).astype(np.uint8)


def jpeg(image, mode="RGB", **options):
    data = io.BytesIO()
    Image.fromarray(image).convert(mode).save(data, "JPEG", **options)
    return data.getvalue()


def ycck(image):
    """Four channels, which TurboJPEG writes as YCCK."""
    turbo = ctypes.CDLL("libturbojpeg.so.0")
    turbo.tjInitCompress.restype = ctypes.c_void_p
    target, size = ctypes.c_void_p(), ctypes.c_ulong()
    cmyk_format, sampling_444, quality = 11, 0, 90
    height, width, _ = image.shape
    assert turbo.tjCompress2(
        ctypes.c_void_p(turbo.tjInitCompress()), image.tobytes(), width, 0, height, cmyk_format,
        ctypes.byref(target), ctypes.byref(size), sampling_444, quality, 0) == 0
    return ctypes.string_at(target, size.value)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(samples, depth, kind, extra=b"", interlaced=False):
    """samples: [height, width, channels]; kind: 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA."""
    def lines(part):
        for row in part:
            if depth == 16:
                packed = row.astype(">u2").tobytes()
            elif depth == 8:
                packed = row.astype(np.uint8).tobytes()
            else:
                bits = "".join(format(value, f"0{depth}b") for value in row.ravel())
                bits += "0" * (-len(bits) % 8)
                packed = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
            yield b"\0" + packed
    adam7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    parts = [samples[i::m, j::n] for i, j, m, n in adam7] if interlaced else [samples]
    data = b"".join(line for part in parts if part.size for line in lines(part))
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(data))
            + chunk(b"IEND", b""))


def values(height, width, channels, depth):
    return random.integers(0, 1 << depth, (height, width, channels))


files = {
    "cmyk.jpg": jpeg(picture(21, 30), "CMYK", quality=90),
    "ycck.jpg": ycck(picture(18, 25, 4)),
    "gray.jpg": jpeg(picture(20, 19), "L"),
    "one_pixel.jpg": jpeg(picture(1, 1)),
    "progressive.jpg": jpeg(picture(33, 47), progressive=True),
    "restarts.jpg": jpeg(picture(40, 40), restart_marker_blocks=1),
}
for sampling in ["4:4:4", "4:2:2", "4:2:0", "4:1:1"]:
    files[f"sampled_{sampling.replace(':', '')}.jpg"] = jpeg(picture(37, 51), subsampling=sampling, quality=85)
for orientation in range(1, 9):
    for order in [">", "<"]:
        entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
        tiff = (b"MM" if order == ">" else b"II") + struct.pack(order + "HIH", 42, 8, 1) + entry + bytes(4)
        name = f"orientation_{orientation}_{'big' if order == '>' else 'little'}.jpg"
        files[name] = jpeg(picture(11, 17), exif=b"Exif\0\0" + tiff)
whole = jpeg(picture(24, 24))
files["bytes_before_the_end.jpg"] = whole[:-2] + b"\x12\x34\x56" + whole[-2:]
files["bytes_after_the_end.jpg"] = whole + bytes(100)

palette = chunk(b"PLTE", values(16, 3, 1, 8).astype(np.uint8).tobytes())
transparency = chunk(b"tRNS", bytes(range(0, 160, 10)))
for depth in [1, 2, 4, 8, 16]:
    files[f"gray_{depth}.png"] = png(values(13, 11, 1, depth), depth, 0)
for depth in [2, 4]:
    files[f"palette_{depth}.png"] = png(values(9, 13, 1, depth), depth, 3, palette)
files["palette_8.png"] = png(values(9, 13, 1, 4), 8, 3, palette + transparency)
for depth in [8, 16]:
    files[f"rgb_{depth}.png"] = png(values(7, 12, 3, depth), depth, 2)
    files[f"gray_alpha_{depth}.png"] = png(values(7, 12, 2, depth), depth, 4)
    files[f"rgba_{depth}.png"] = png(values(7, 12, 4, depth), depth, 6)
files["interlaced.png"] = png(values(19, 21, 3, 8), 8, 2, interlaced=True)
files["interlaced_gray_2.png"] = png(values(3, 5, 1, 2), 2, 0, interlaced=True)
files["linear_gamma.png"] = png(values(6, 6, 3, 8), 8, 2, chunk(b"gAMA", struct.pack(">I", 100_000)))

# height, width -> height, width
sizes = [
    (24, 30, 8, 10), (24, 30, 12, 10), (24, 32, 6, 8), (24, 30, 24, 15), (24, 30, 12, 15), (31, 17, 11, 9),
    (31, 17, 31, 9), (31, 17, 9, 40), (31, 17, 45, 33), (1, 9, 4, 5), (9, 1, 3, 7), (5, 5, 1, 1), (1, 1, 3, 3),
    (40, 52, 39, 51), (20, 20, 57, 57), (33, 50, 16, 25),
    # Places that are whole numbers, but for rounding.
    (36, 24, 40, 27), (76, 9, 50, 5), (98, 10, 2, 5),
]
interpolations = {"area": cv2.INTER_AREA, "linear": cv2.INTER_LINEAR, "nearest": cv2.INTER_NEAREST}

with h5py.File(pathlib.Path(__file__).with_name("opencv.hdf5"), "w", libver="latest") as out:
    for name, data in files.items():
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert bgr is not None, name
        out[f"files/{name}/file"] = np.frombuffer(data, np.uint8)
        out[f"files/{name}/rgb"] = bgr[:, :, ::-1]
    for number, (height, width, new_height, new_width) in enumerate(sizes):
        for kind in ["uint8", "float32"]:
            source = random.integers(0, 256, (height, width, 3)).astype(np.uint8)
            if kind == "float32":
                source = (source + random.normal(0, 50, source.shape)).astype(np.float32)
            group = out.create_group(f"resize/{number:02}_{kind}")
            group["source"] = source
            for interpolation, code in interpolations.items():
                group[interpolation] = cv2.resize(source, (new_width, new_height), interpolation=code)
