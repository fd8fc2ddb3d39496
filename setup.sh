#!/usr/bin/env bash
# Installs the system libraries that the package links against. Running it again changes nothing.
set -euo pipefail

packages=(
    libhdf5-dev libopenblas-dev libcairo2-dev libdnnl-dev libturbojpeg0-dev libpng-dev libssl-dev pkg-config
    libgraphviz-dev libcurl4-openssl-dev fonts-dejavu-core
)

if ! command -v apt-get >/dev/null; then
    cat >&2 <<'TEXT'
There is no apt-get here. Install these libraries with their headers, and pkg-config, by your system's own means:
HDF5, OpenBLAS, Cairo, oneDNN, libjpeg-turbo, libpng, OpenSSL, libcurl, Graphviz, and the DejaVu fonts. With Homebrew:

    brew install hdf5 openblas cairo onednn jpeg-turbo libpng openssl@3 curl graphviz pkg-config
    brew install --cask font-dejavu
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
    exit 0
fi

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
"${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
