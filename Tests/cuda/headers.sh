#!/usr/bin/env bash
# Holds the declarations of Sources/CCUDA against NVIDIA's own headers: every constant's value, every function's type
# and the layout of every structure.
#
#   Tests/cuda/headers.sh                     the headers of CUDA 13 and cuDNN 9, from the Python Package Index (1 GB)
#   Tests/cuda/headers.sh 12                  those of CUDA 12
#   Tests/cuda/headers.sh FOLDER...           the headers in these folders, of any version
#
# Where the index does not answer, the script says so and ends with status 77.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

# The folders of the headers, from wheels that are unpacked into the scratch folder.
download() {
    case "$1" in
        12) local packages=(nvidia-cuda-runtime-cu12 nvidia-cuda-cccl-cu12 nvidia-cuda-nvcc-cu12 nvidia-cuda-nvrtc-cu12
                            nvidia-cublas-cu12 nvidia-cudnn-cu12) ;;
        13) local packages=(nvidia-cuda-runtime nvidia-cuda-cccl nvidia-cuda-crt nvidia-cuda-nvrtc nvidia-cublas
                            nvidia-cudnn-cu13) ;;
    esac
    local package
    for package in "${packages[@]}"; do
        # A package at a time, so that never two of them fill the disk.
        if ! python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$scratch/wheel" "$package"; then
            echo "SKIPPED: $package does not come from the Python Package Index. Name folders with headers instead." >&2
            exit 77
        fi
        unzip -qo "$scratch"/wheel/*.whl '*/include/*' -d "$scratch/$package"
        rm -r "$scratch/wheel"
        folders+=("$scratch/$package"/nvidia/*/include)
    done
}

folders=()
case "${1:-13}" in
    12 | 13) download "${1:-13}" ;;
    *) folders=("$@") ;;
esac
includes=(-I "$here/../../Sources/CCUDA/include")
for folder in "${folders[@]}"; do includes+=(-isystem "$folder"); done
compiler="${CXX:-c++}"

# The layout of our structures, written as assertions about theirs.
cat > "$scratch/ours.cpp" <<'END'
#include <CCUDA.h>
#include <cstdio>
#define SIZE(type) std::printf("static_assert(sizeof(" #type ") == %zu, \"size of " #type "\");\n", sizeof(type));
#define FIELD(type, field)                                                                                    \
    std::printf("static_assert(offsetof(" #type ", " #field ") == %zu && sizeof(" #type "::" #field ") == %zu, " \
                "\"" #type "::" #field "\");\n", offsetof(type, field), sizeof(type::field));
#define FIELDS(type)                                                                                          \
    SIZE(type) FIELD(type, algo) FIELD(type, status) FIELD(type, time) FIELD(type, memory)                    \
    FIELD(type, determinism) FIELD(type, mathType) FIELD(type, reserved)
int main() {
    FIELDS(cudnnConvolutionFwdAlgoPerf_t)
    FIELDS(cudnnConvolutionBwdDataAlgoPerf_t)
    FIELDS(cudnnConvolutionBwdFilterAlgoPerf_t)
    SIZE(CUresult) SIZE(CUdevice) SIZE(CUdevice_attribute) SIZE(CUstreamCaptureMode) SIZE(CUdeviceptr)
    SIZE(nvrtcResult) SIZE(cublasStatus_t) SIZE(cublasMath_t) SIZE(cublasOperation_t) SIZE(cublasComputeType_t)
    SIZE(cublasGemmAlgo_t) SIZE(cudaDataType) SIZE(cudnnStatus_t) SIZE(cudnnDataType_t) SIZE(cudnnTensorFormat_t)
    SIZE(cudnnConvolutionMode_t) SIZE(cudnnMathType_t) SIZE(cudnnDeterminism_t) SIZE(cudnnConvolutionFwdAlgo_t)
    SIZE(cudnnConvolutionBwdDataAlgo_t) SIZE(cudnnConvolutionBwdFilterAlgo_t)
}
END
"$compiler" -std=c++20 "${includes[@]}" "$scratch/ours.cpp" -o "$scratch/ours"
"$scratch/ours" > "$scratch/layout.inc"

# NVIDIA's declaration of each function, against the type that our table gives it.
cat > "$scratch/theirs.cpp" <<'END'
#define CCUDA_USES_NVIDIA_HEADERS
#include <cstdio>
#include <cuda.h>
#include <nvrtc.h>
#include <cublas_v2.h>
#include <cudnn.h>
#include <CCUDA.h>
#define CONSTANT(name, value) static_assert(static_cast<long long>(name) == (value), #name);
CCUDA_CONSTANTS(CONSTANT)
// No pointer to a function converts to another type. The cast also picks one of the declarations where C++ sees two.
#define FUNCTION(result, name, arguments) using the_##name = decltype(static_cast<result(*) arguments>(&name));
CCUDA_DRIVER_FUNCTIONS(FUNCTION)
CCUDA_COMPILER_FUNCTIONS(FUNCTION)
CCUDA_BLAS_FUNCTIONS(FUNCTION)
CCUDA_DNN_FUNCTIONS(FUNCTION)
#include "layout.inc"
#define COUNT(...) + 1
int main() {
    std::printf("CUDA %d, cuBLAS %d, cuDNN %d: %d constants, %d functions and the layout agree.\n", CUDA_VERSION,
                CUBLAS_VERSION, CUDNN_VERSION, 0 CCUDA_CONSTANTS(COUNT),
                0 CCUDA_DRIVER_FUNCTIONS(COUNT) CCUDA_COMPILER_FUNCTIONS(COUNT) CCUDA_BLAS_FUNCTIONS(COUNT)
                CCUDA_DNN_FUNCTIONS(COUNT));
}
END
"$compiler" -std=c++20 -I "$scratch" "${includes[@]}" "$scratch/theirs.cpp" -o "$scratch/theirs"
"$scratch/theirs"
