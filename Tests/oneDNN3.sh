#!/usr/bin/env bash
# Builds the package with oneDNN 3 instead of the system's oneDNN, and runs the tests of the fast backend.
#
#   Tests/oneDNN3.sh                          oneDNN 3.2 from the Python Package Index
#   ONEDNN=FOLDER Tests/oneDNN3.sh            another one, of any version: FOLDER/include and FOLDER/lib
#
# Arguments go to swift test, in place of the tests that are named below.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch="$PWD/.build/onednn-3"
onednn="${ONEDNN:-$scratch/onednn}"
if [ ! -d "$onednn" ]; then
    wheels="$scratch/wheels"
    rm -rf "$wheels"
    mkdir -p "$wheels/all"
    # The last of these packages that computes with GNU's OpenMP, as the distributions' oneDNN does.
    python3 -m pip download --quiet --no-deps --dest "$wheels" \
        onednn-cpu-gomp==2023.2.0 onednn-devel-cpu-gomp==2023.2.0
    for wheel in "$wheels"/*.whl; do
        python3 -m zipfile -e "$wheel" "$wheel.d"
        cp -r "$wheel.d"/*.data/data/. "$wheels/all"
    done
    mv "$wheels/all" "$onednn"
    rm -r "$wheels"
fi

build=(--scratch-path "$scratch" -Xcc "-I$onednn/include" -Xlinker -rpath -Xlinker "$onednn/lib")
# Other libraries bring the system's folder along, ahead of whatever -Xlinker says; clang puts this one before it.
export CCC_OVERRIDE_OPTIONS="#^-L$onednn/lib"
if [ $# -eq 0 ]; then
    set -- --filter NeuralNetworkTests --filter InceptionV1Tests --filter Chapter11MiniGoogLeNetTests --filter ResumeTests
fi

swift build "${build[@]}" --build-tests
# Says which oneDNN it is that answers.
"$scratch/debug/Benchmark" predict --warm-up 0 --steps 1
swift test "${build[@]}" --skip-build "$@"
