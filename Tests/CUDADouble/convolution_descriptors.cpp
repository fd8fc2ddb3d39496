// cuDNN: handles and descriptors.
#include <algorithm>

#include "convolution.h"

namespace gpu {

Table<Tensor, cudnnTensorDescriptor_t> tensors{"tensor descriptors"};
Table<Filter, cudnnFilterDescriptor_t> filters{"filter descriptors"};
Table<Settings, cudnnConvolutionDescriptor_t> settings{"convolution descriptors"};

namespace {

Table<Convolutions, cudnnHandle_t> handles{"cuDNN handles"};

int set(Tensor *tensor, cudnnTensorFormat_t format, cudnnDataType_t type, int n, int c, int h, int w) {
    if (!tensor) return refuse(Refusal::unknownHandle, CUDNN_STATUS_BAD_PARAM);
    if (std::min({n, c, h, w}) < 1) return refuse(Refusal::descriptorSizes, CUDNN_STATUS_BAD_PARAM);
    if (format != CUDNN_TENSOR_NHWC || (type != CUDNN_DATA_FLOAT && type != CUDNN_DATA_BFLOAT16)) {
        return refuse(Refusal::unusedFormat, CUDNN_STATUS_NOT_SUPPORTED);
    }
    tensor->isSet = true;
    tensor->type = type;
    tensor->n = n;
    tensor->c = c;
    tensor->h = h;
    tensor->w = w;
    return CUDNN_STATUS_SUCCESS;
}

template <class Object, class Handle>
int create(const Call &call, Table<Object, Handle> &table, Handle *handle) {
    REQUIRE(usable(call));
    if (!handle) return refuse(Refusal::nullArgument, CUDNN_STATUS_BAD_PARAM);
    *handle = table.add(std::make_shared<Object>());
    return CUDNN_STATUS_SUCCESS;
}

template <class Object, class Handle>
int destroy(const Call &call, Table<Object, Handle> &table, Handle handle) {
    REQUIRE(usable(call));
    return table.remove(handle) ? CUDNN_STATUS_SUCCESS : refuse(Refusal::unknownHandle, CUDNN_STATUS_BAD_PARAM);
}

}  // namespace

int usable(const Call &call) { return call.inLibrary(CUDNN_STATUS_NOT_INITIALIZED, CUDNN_STATUS_EXECUTION_FAILED); }

std::shared_ptr<Convolutions> usable(cudnnHandle_t handle) {
    const auto found = handles.find(handle);
    return found && streams.find(found->handle) ? found : nullptr;
}

int convolution(cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w, cudnnConvolutionDescriptor_t descriptor,
                cudnnTensorDescriptor_t y, Convolution &result) {
    const auto input = tensors.find(x), output = tensors.find(y);
    const auto filter = filters.find(w);
    const auto chosen = settings.find(descriptor);
    if (!input || !output || !filter || !chosen) return refuse(Refusal::unknownHandle, CUDNN_STATUS_BAD_PARAM);
    if (!input->isSet || !output->isSet || !filter->isSet || !chosen->isSet) {
        return refuse(Refusal::notSet, CUDNN_STATUS_BAD_PARAM);
    }
    result = {*input, *filter, *chosen, *output};
    return result.check();
}

int Convolution::check() const {
    if (w.type != x.type || y.type != x.type) return refuse(Refusal::unusedFormat, CUDNN_STATUS_BAD_PARAM);
    // The output that cudnnGetConvolution2dForwardOutputDim tells.
    const auto length = [](int input, int pad, int kernel, int dilation, int stride) {
        const int free = input + 2 * pad - ((kernel - 1) * dilation + 1);
        return free < 0 ? 0 : free / stride + 1;
    };
    const auto &s = settings;
    const bool fits = x.c % s.groups == 0 && w.n % s.groups == 0 && w.c == x.c / s.groups && y.n == x.n &&
        y.c == w.n && y.h == length(x.h, s.padH, w.h, s.dilationH, s.strideH) &&
        y.w == length(x.w, s.padW, w.w, s.dilationW, s.strideW);
    if (!fits) return refuse(Refusal::convolutionShapes, CUDNN_STATUS_BAD_PARAM);
    if (x.isBFloat16() && s.math == CUDNN_FMA_MATH) {
        return refuse(Refusal::bfloat16Math, CUDNN_STATUS_NOT_SUPPORTED);
    }
    return 0;
}

}  // namespace gpu

using namespace gpu;

size_t cudnnGetVersion(void) { return 90000; }

const char *cudnnGetErrorString(cudnnStatus_t status) {
    switch (status) {
#define STATUS(name) \
    case name: return #name;
        STATUS(CUDNN_STATUS_SUCCESS)
        STATUS(CUDNN_STATUS_NOT_INITIALIZED)
        STATUS(CUDNN_STATUS_BAD_PARAM)
        STATUS(CUDNN_STATUS_NOT_SUPPORTED)
        STATUS(CUDNN_STATUS_EXECUTION_FAILED)
#undef STATUS
    }
    return "CUDNN_UNKNOWN_STATUS";
}

cudnnStatus_t cudnnCreate(cudnnHandle_t *handle) {
    const Call call(__func__);
    REQUIRE(usable(call));
    // It allocates memory.
    if (invalidateCaptures()) return refuse(Refusal::inCapture, CUDNN_STATUS_EXECUTION_FAILED);
    return create(call, handles, handle);
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
    const Call call(__func__);
    REQUIRE(usable(call));
    if (invalidateCaptures()) return refuse(Refusal::inCapture, CUDNN_STATUS_EXECUTION_FAILED);
    return destroy(call, handles, handle);
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
    const Call call(__func__);
    REQUIRE(usable(call));
    const auto convolutions = handles.find(handle);
    if (!convolutions) return refuse(Refusal::unknownHandle, CUDNN_STATUS_BAD_PARAM);
    if (!streams.find(stream)) return refuse(Refusal::noStream, CUDNN_STATUS_BAD_PARAM);
    *convolutions = {streams.find(stream), stream};
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnCreateTensorDescriptor(cudnnTensorDescriptor_t *descriptor) {
    return create(Call(__func__), tensors, descriptor);
}

cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnTensorDescriptor_t descriptor) {
    return destroy(Call(__func__), tensors, descriptor);
}

cudnnStatus_t cudnnSetTensor4dDescriptor(
    cudnnTensorDescriptor_t descriptor, cudnnTensorFormat_t format, cudnnDataType_t type, int n, int c, int h, int w) {
    const Call call(__func__);
    return set(tensors.find(descriptor).get(), format, type, n, c, h, w);
}

cudnnStatus_t cudnnCreateFilterDescriptor(cudnnFilterDescriptor_t *descriptor) {
    return create(Call(__func__), filters, descriptor);
}

cudnnStatus_t cudnnDestroyFilterDescriptor(cudnnFilterDescriptor_t descriptor) {
    return destroy(Call(__func__), filters, descriptor);
}

cudnnStatus_t cudnnSetFilter4dDescriptor(
    cudnnFilterDescriptor_t descriptor, cudnnDataType_t type, cudnnTensorFormat_t format, int k, int c, int h, int w) {
    const Call call(__func__);
    return set(filters.find(descriptor).get(), format, type, k, c, h, w);
}

cudnnStatus_t cudnnCreateConvolutionDescriptor(cudnnConvolutionDescriptor_t *descriptor) {
    return create(Call(__func__), settings, descriptor);
}

cudnnStatus_t cudnnDestroyConvolutionDescriptor(cudnnConvolutionDescriptor_t descriptor) {
    return destroy(Call(__func__), settings, descriptor);
}

// The math type and the groups are as in a new descriptor again, so that whoever sets them too early notices.
cudnnStatus_t cudnnSetConvolution2dDescriptor(
    cudnnConvolutionDescriptor_t descriptor, int padH, int padW, int strideH, int strideW, int dilationH,
    int dilationW, cudnnConvolutionMode_t mode, cudnnDataType_t computeType) {
    const Call call(__func__);
    const auto chosen = settings.find(descriptor);
    if (!chosen) return refuse(Refusal::unknownHandle, CUDNN_STATUS_BAD_PARAM);
    if (std::min(padH, padW) < 0 || std::min({strideH, strideW, dilationH, dilationW}) < 1) {
        return refuse(Refusal::descriptorSizes, CUDNN_STATUS_BAD_PARAM);
    }
    if (mode != CUDNN_CROSS_CORRELATION || computeType != CUDNN_DATA_FLOAT) {
        return refuse(Refusal::unusedFormat, CUDNN_STATUS_NOT_SUPPORTED);
    }
    *chosen = {true, padH, padW, strideH, strideW, dilationH, dilationW};
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t descriptor, cudnnMathType_t type) {
    const Call call(__func__);
    const auto chosen = settings.find(descriptor);
    if (!chosen) return refuse(Refusal::unknownHandle, CUDNN_STATUS_BAD_PARAM);
    if (type != CUDNN_DEFAULT_MATH && type != CUDNN_TENSOR_OP_MATH && type != CUDNN_FMA_MATH) {
        return refuse(Refusal::unknownFlags, CUDNN_STATUS_BAD_PARAM);
    }
    chosen->math = type;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolutionGroupCount(cudnnConvolutionDescriptor_t descriptor, int count) {
    const Call call(__func__);
    const auto chosen = settings.find(descriptor);
    if (!chosen) return refuse(Refusal::unknownHandle, CUDNN_STATUS_BAD_PARAM);
    if (count < 1) return refuse(Refusal::descriptorSizes, CUDNN_STATUS_BAD_PARAM);
    chosen->groups = count;
    return CUDNN_STATUS_SUCCESS;
}
