"""The parts that a data set travels in: made by `data`, unpacked by `run`.

A part is a tar file with one kind of content. `part.json` says which, and holds the checksum of what must come out:

* `cifar10`: one file of CIFAR-10. Its images stand in one column, 32 pixels wide, as JPEG XL; its labels lie beside
  them.
* `jpegs`: some thousand JPEGs of one shape, joined into a large one, which JPEG XL has compressed without a loss.
* `files`: other files, with xz.
"""
import hashlib, io, json, lzma, os, subprocess, tarfile, tempfile

SIDE, IMAGES = 32, 10_000
PLANE = SIDE * SIDE
HEADER = b"P6\n%d %d\n255\n" % (SIDE, SIDE * IMAGES)


def tool(name, *arguments, **options):
    """Runs a program of the bundle, or one of this machine."""
    done = subprocess.run([name, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    if done.returncode:
        raise RuntimeError(f"{name} {' '.join(arguments)}: {done.stderr.decode(errors='replace').strip()[-300:]}")


def checksum(contents):
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
    return digest.hexdigest()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def write_part(path, description, members):
    """The file appears whole or not at all."""
    with tarfile.open(path + ".new", "w") as tar:
        for name, content in [("part.json", json.dumps(description).encode()), *members]:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    os.replace(path + ".new", path)


# CIFAR-10's record is a label and three planes; a pixel of a picture is its three colors.

def column(records):
    pixels = bytearray(3 * PLANE * IMAGES)
    for color in range(3):
        pixels[color::3] = b"".join(
            records[start + 1 + color * PLANE:start + 1 + (color + 1) * PLANE]
            for start in range(0, len(records), 3 * PLANE + 1))
    return HEADER + bytes(pixels)


def records(picture, labels):
    assert picture.startswith(HEADER)
    planes = [picture[len(HEADER) + color::3] for color in range(3)]
    return b"".join(
        labels[image:image + 1] + b"".join(plane[image * PLANE:(image + 1) * PLANE] for plane in planes)
        for image in range(IMAGES))


def make_cifar10(path, folder, name, effort):
    content = read(f"{folder}/{name}")
    assert len(content) == IMAGES * (3 * PLANE + 1), f"{name} does not have {IMAGES} images"
    with tempfile.TemporaryDirectory() as scratch:
        write(f"{scratch}/column.ppm", column(content))
        tool("cjxl", f"{scratch}/column.ppm", f"{scratch}/column.jxl", "-d", "0", "-e", str(effort))
        image = read(f"{scratch}/column.jxl")
    write_part(
        path, {"kind": "cifar10", "name": name, "sha256": checksum([content])},
        [("image.jxl", image), ("labels", content[::3 * PLANE + 1])])
    return len(content)


def make_jpegs(path, folder, names, effort):
    with tempfile.TemporaryDirectory() as scratch:
        tool("jpegs", "join", f"{scratch}/large.jpg", cwd=folder, input="\n".join(names).encode())
        tool("cjxl", f"{scratch}/large.jpg", f"{scratch}/large.jxl", "--lossless_jpeg=1", "-e", str(effort))
        image = read(f"{scratch}/large.jxl")
    contents = [read(f"{folder}/{name}") for name in names]
    write_part(
        path, {"kind": "jpegs", "sha256": checksum(contents)},
        [("image.jxl", image), ("names.xz", lzma.compress("\n".join(names).encode()))])
    return sum(map(len, contents))


def make_files(path, folder, names):
    contents = [read(f"{folder}/{name}") for name in names]
    write_part(
        path, {"kind": "files", "names": names, "sha256": checksum(contents)},
        [(f"{number}.xz", lzma.compress(content, preset=9)) for number, content in enumerate(contents)])
    return sum(map(len, contents))


def unpack(path, folder):
    """Writes the files of a part into a folder, and compares them with what was packed.

    Returns their number of bytes.
    """
    with tarfile.open(path) as tar:
        members = {entry.name: tar.extractfile(entry).read() for entry in tar}
    part = json.loads(members["part.json"])
    with tempfile.TemporaryDirectory() as scratch:
        if part["kind"] == "cifar10":
            write(f"{scratch}/column.jxl", members["image.jxl"])
            tool("djxl", f"{scratch}/column.jxl", f"{scratch}/column.ppm")
            contents = {part["name"]: records(read(f"{scratch}/column.ppm"), members["labels"])}
        elif part["kind"] == "jpegs":
            names = lzma.decompress(members["names.xz"]).decode().split("\n")
            write(f"{scratch}/large.jxl", members["image.jxl"])
            tool("djxl", f"{scratch}/large.jxl", f"{scratch}/large.jpg")
            for place in {os.path.dirname(name) for name in names}:
                os.makedirs(f"{folder}/{place}", exist_ok=True)
            tool("jpegs", "split", f"{scratch}/large.jpg", cwd=folder, input="\n".join(names).encode())
            contents = {name: read(f"{folder}/{name}") for name in names}
        elif part["kind"] == "files":
            contents = {
                name: lzma.decompress(members[f"{number}.xz"]) for number, name in enumerate(part["names"])}
        else:
            raise RuntimeError(f"{path} holds {part['kind']}, which nobody here unpacks")
    if checksum(contents.values()) != part["sha256"]:
        raise RuntimeError(f"{path} does not unpack to the files that it was made of")
    if part["kind"] != "jpegs":
        for name, content in contents.items():
            write(f"{folder}/{name}", content)
    return sum(map(len, contents.values()))
