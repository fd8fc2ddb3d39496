#!/usr/bin/env bash
# Installs the system libraries that the package links against, and looks whether oneDNN and Swift are new enough.
# Running it again changes nothing. Tried on Debian 12 and 13 and on Ubuntu 24.04, whose packages have these names.
set -euo pipefail

packages=(
    libhdf5-dev libopenblas-dev libcairo2-dev libdnnl-dev libturbojpeg0-dev libpng-dev libssl-dev pkg-config
    libgraphviz-dev libcurl4-openssl-dev libopenmpi-dev openmpi-bin liblinear-dev liblbfgs-dev fonts-dejavu-core
)

if ! command -v apt-get >/dev/null; then
    cat >&2 <<'TEXT'
There is no apt-get here. Install these libraries with their headers, and pkg-config, by your system's own means:
HDF5, OpenBLAS, Cairo, oneDNN 2.6 or later, libjpeg-turbo, libpng, OpenSSL, libcurl, Graphviz, MPI, LIBLINEAR, libLBFGS,
and the DejaVu fonts.
Homebrew has them, too; the package has not been tried with it, nor on macOS:

    brew install hdf5 openblas cairo onednn jpeg-turbo libpng openssl@3 curl graphviz open-mpi liblinear liblbfgs \
        pkg-config
    brew install --cask font-dejavu
    swift run -Xcc "-I$(brew --prefix)/include" -Xlinker "-L$(brew --prefix)/lib" Chapter11MiniGoogLeNet
TEXT
    exit 1
fi

missing=()
for package in "${packages[@]}"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' \
        || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "All system packages are installed."
else
    run=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "Not root, and there is no sudo. As root: apt-get install ${missing[*]}" >&2
            exit 1
        }
        run=(sudo)
    fi
    echo "Installing: ${missing[*]}"
    "${run[@]}" apt-get update -qq
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" || {
        echo "apt-get could not install them. On Ubuntu, some are in the part of the archive called universe." >&2
        exit 1
    }
fi

onednn=$(dpkg-query --show --showformat='${Version}' libdnnl-dev)
if dpkg --compare-versions "$onednn" lt 2.6; then
    cat >&2 <<TEXT
libdnnl-dev is of oneDNN $onednn, and 2.6 or later is needed. Debian 12 and Ubuntu 24.04, or later ones, have it;
Tests/oneDNN3.sh shows how the package is built with a oneDNN that lies in a folder of its own.
TEXT
    exit 1
fi

swift=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' || true)
if ! printf '6.3\n%s\n' "$swift" | sort --version-sort --check=quiet; then
    echo "The libraries are there. Swift 6.3 or later is needed, and ${swift:-none} is found." >&2
    cat >&2 <<'TEXT'
https://www.swift.org/install/linux has swiftly, which installs Swift and names the system packages that it needs:

    swiftly install 6.3
TEXT
    exit 1
fi
