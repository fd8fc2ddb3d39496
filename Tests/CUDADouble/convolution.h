// Convolutions as cuDNN's descriptors describe them. The double knows NHWC, and float or bfloat16 with sums in float.
#pragma once

#include "streams.h"

namespace gpu {

struct Tensor {
    bool isSet = false;
    cudnnDataType_t type = CUDNN_DATA_FLOAT;
    int n = 0, c = 0, h = 0, w = 0;

    bool isBFloat16() const { return type == CUDNN_DATA_BFLOAT16; }
    size_t count() const { return static_cast<size_t>(n) * c * h * w; }
    size_t bytes() const { return count() * (isBFloat16() ? 2 : 4); }
};

/// A filter is a tensor too: n are the output channels, c those of the input in one group.
struct Filter : Tensor {};

struct Settings {
    bool isSet = false;
    int padH = 0, padW = 0, strideH = 1, strideW = 1, dilationH = 1, dilationW = 1;
    int groups = 1;
    cudnnMathType_t math = CUDNN_DEFAULT_MATH;
};

enum class Direction { forward, backwardData, backwardFilter };

/// What the three directions have in common: for the backward ones, `x` has the shape of `dx`, and so on.
struct Convolution {
    Tensor x;
    Filter w;
    Settings settings;
    Tensor y;

    /// 0, or the error of shapes and types that do not fit together.
    int check() const;

    bool isTF32() const { return !x.isBFloat16() && settings.math != CUDNN_FMA_MATH; }

    /// Computes one direction, of which the third pointer is the result. The pointers are the device's.
    void compute(Direction direction, float alpha, const void *first, const void *second, float beta, void *result,
                 bool isDeterministic) const;
};

struct Algorithm {
    int number;
    bool isSupported, isDeterministic, hasWorkspace;

    size_t workspace(const Convolution &convolution) const;
};

/// The algorithms of a direction, the fastest first.
const std::vector<Algorithm> &algorithms(Direction direction);

/// The algorithm with a number, if it can be used.
const Algorithm *supported(Direction direction, int number);

struct Convolutions {
    std::shared_ptr<Stream> stream;
    CUstream handle = nullptr;
};

/// The handle's state, if its stream is set and still there.
std::shared_ptr<Convolutions> usable(cudnnHandle_t handle);

int usable(const Call &call);

extern Table<Tensor, cudnnTensorDescriptor_t> tensors;
extern Table<Filter, cudnnFilterDescriptor_t> filters;
extern Table<Settings, cudnnConvolutionDescriptor_t> settings;

/// The convolution that descriptors describe.
///
/// - Returns: 0 or an error.
int convolution(cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w, cudnnConvolutionDescriptor_t settings,
                cudnnTensorDescriptor_t y, Convolution &result);

}  // namespace gpu
