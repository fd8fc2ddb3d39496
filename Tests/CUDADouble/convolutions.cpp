// cuDNN: convolutions.
#include <cblas.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "convolution.h"
#include "numbers.h"

namespace gpu {

namespace {

/// The rows of patches that are computed at a time; a row is the patch of one output pixel.
constexpr size_t patchFloats = size_t{1} << 22;

/// Visits the pixels of a row's patch, with one group's channels: `visit(place in the patch, first element of x)`. What
/// lies beside the image is not visited.
template <class Visit>
void visitPatch(const Convolution &convolution, size_t row, int group, Visit visit) {
    const auto &[x, w, s, y] = convolution;
    const size_t image = row / (static_cast<size_t>(y.h) * y.w);
    const int top = static_cast<int>(row / y.w % y.h) * s.strideH - s.padH;
    const int left = static_cast<int>(row % y.w) * s.strideW - s.padW;
    for (int i = 0; i < w.h; i++) {
        for (int j = 0; j < w.w; j++) {
            const int h = top + i * s.dilationH, column = left + j * s.dilationW;
            if (h < 0 || h >= x.h || column < 0 || column >= x.w) continue;
            visit((static_cast<size_t>(i) * w.w + j) * w.c,
                  ((image * x.h + h) * x.w + column) * x.c + static_cast<size_t>(group) * w.c);
        }
    }
}

/// Sums that are a little different each time, as those of threads that add in any order.
float disturbed(float sum) {
    static std::minstd_rand random;
    return sum * (1 + (static_cast<float>(random() % 5) - 2) * 0x1p-22f);
}

int run(Direction direction, cudnnHandle_t handle, const Convolution &convolution, const void *alpha,
        const void *first, const void *second, int number, void *workspace, size_t bytes, const void *beta,
        void *result) {
    const auto convolutions = usable(handle);
    if (!convolutions) return refuse(Refusal::noStream, CUDNN_STATUS_BAD_PARAM);
    if (!alpha || !beta || !first || !second || !result) {
        return refuse(Refusal::nullArgument, CUDNN_STATUS_BAD_PARAM);
    }
    const Algorithm *algorithm = supported(direction, number);
    if (!algorithm) return refuse(Refusal::badAlgorithm, CUDNN_STATUS_NOT_SUPPORTED);
    const size_t needed = algorithm->workspace(convolution);
    if (needed && (!workspace || bytes < needed)) return refuse(Refusal::smallWorkspace, CUDNN_STATUS_BAD_PARAM);

    const auto &[x, w, settings, y] = convolution;
    std::vector<Extent> extents;
    switch (direction) {
        case Direction::forward:
            extents = {reads(first, x.bytes()), reads(second, w.bytes()), writes(result, y.bytes())};
            break;
        case Direction::backwardData:
            extents = {reads(first, w.bytes()), reads(second, y.bytes()), writes(result, x.bytes())};
            break;
        case Direction::backwardFilter:
            extents = {reads(first, x.bytes()), reads(second, y.bytes()), writes(result, w.bytes())};
            break;
    }
    // What is there may be written over, needed or not.
    if (workspace && bytes) extents.push_back(writes(workspace, bytes));
    for (const Extent &extent : extents) {
        if (extent.start % 16) return refuse(Refusal::misalignedTensor, CUDNN_STATUS_NOT_SUPPORTED);
    }
    for (size_t i = 0; i < extents.size(); i++) {
        if (!isOnDevice(extents[i])) {
            fail(Refusal::notDeviceMemory, CUDA_ERROR_ILLEGAL_ADDRESS);
            return CUDNN_STATUS_BAD_PARAM;
        }
        for (size_t j = 0; j < i; j++) {
            if ((extents[i].isWritten || extents[j].isWritten) && extents[i].overlaps(extents[j])) {
                return refuse(Refusal::overlap, CUDNN_STATUS_BAD_PARAM);
            }
        }
    }
    const int error = enqueue(convolutions->stream, {
        extents,
        [=, a = *static_cast<const float *>(alpha), b = *static_cast<const float *>(beta),
         isDeterministic = algorithm->isDeterministic] {
            if (workspace) std::memset(accessible(workspace), 0xFF, bytes);
            convolution.compute(direction, a, first, second, b, result, isDeterministic);
            return 0;
        }});
    return error ? CUDNN_STATUS_EXECUTION_FAILED : CUDNN_STATUS_SUCCESS;
}

}  // namespace

void Convolution::compute(Direction direction, float alpha, const void *first, const void *second, float beta,
                          void *result, bool isDeterministic) const {
    useOneThread();
    const bool isForward = direction == Direction::forward, isData = direction == Direction::backwardData;
    const Tensor &firstShape = isData ? w : x, &secondShape = isForward ? w : y;
    const Tensor &resultShape = isForward ? y : isData ? x : w;
    const auto values = [&](const void *pointer, const Tensor &shape) {
        return Elements(accessible(const_cast<void *>(pointer)), shape.isBFloat16()).values(shape.count(), isTF32());
    };
    const std::vector<float> left = values(first, firstShape), right = values(second, secondShape);
    std::vector<float> sums(resultShape.count());

    const int depth = w.h * w.w * w.c, outputs = w.n / settings.groups;
    const size_t rows = static_cast<size_t>(y.n) * y.h * y.w, step = std::max<size_t>(patchFloats / depth, 1);
    std::vector<float> patches;
    for (int group = 0; group < settings.groups; group++) {
        const size_t filter = static_cast<size_t>(group) * outputs * depth;
        for (size_t start = 0; start < rows; start += step) {
            const int count = static_cast<int>(std::min(step, rows - start));
            const size_t pixel = start * y.c + static_cast<size_t>(group) * outputs;
            patches.assign(static_cast<size_t>(count) * depth, 0);
            if (isData) {
                cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, count, depth, outputs, 1, &right[pixel], y.c,
                            &left[filter], depth, 0, patches.data(), depth);
            }
            for (int row = 0; row < count; row++) {
                float *patch = patches.data() + static_cast<size_t>(row) * depth;
                visitPatch(*this, start + row, group, [&](size_t place, size_t element) {
                    for (int c = 0; c < w.c; c++) {
                        if (isData) {
                            sums[element + c] += patch[place + c];
                        } else {
                            patch[place + c] = left[element + c];
                        }
                    }
                });
            }
            if (isForward) {
                cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, count, outputs, depth, 1, patches.data(), depth,
                            &right[filter], depth, 0, &sums[pixel], y.c);
            } else if (!isData) {
                cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, outputs, depth, count, 1, &right[pixel], y.c,
                            patches.data(), depth, 1, &sums[filter], depth);
            }
        }
    }

    const Elements elements(accessible(result), resultShape.isBFloat16());
    for (size_t i = 0; i < sums.size(); i++) {
        const float sum = isDeterministic ? sums[i] : disturbed(sums[i]);
        // What was there is not read where beta is 0.
        elements.set(i, beta == 0 ? alpha * sum : alpha * sum + beta * elements[i]);
    }
}

}  // namespace gpu

using namespace gpu;

cudnnStatus_t cudnnConvolutionForward(
    cudnnHandle_t handle, const void *alpha, cudnnTensorDescriptor_t xDescriptor, const void *x,
    cudnnFilterDescriptor_t wDescriptor, const void *w, cudnnConvolutionDescriptor_t descriptor,
    cudnnConvolutionFwdAlgo_t algorithm, void *workspace, size_t workspaceBytes, const void *beta,
    cudnnTensorDescriptor_t yDescriptor, void *y) {
    const Call call(__func__);
    REQUIRE(usable(call));
    Convolution described;
    REQUIRE(convolution(xDescriptor, wDescriptor, descriptor, yDescriptor, described));
    return run(Direction::forward, handle, described, alpha, x, w, algorithm, workspace, workspaceBytes, beta, y);
}

cudnnStatus_t cudnnConvolutionBackwardData(
    cudnnHandle_t handle, const void *alpha, cudnnFilterDescriptor_t wDescriptor, const void *w,
    cudnnTensorDescriptor_t dyDescriptor, const void *dy, cudnnConvolutionDescriptor_t descriptor,
    cudnnConvolutionBwdDataAlgo_t algorithm, void *workspace, size_t workspaceBytes, const void *beta,
    cudnnTensorDescriptor_t dxDescriptor, void *dx) {
    const Call call(__func__);
    REQUIRE(usable(call));
    Convolution described;
    REQUIRE(convolution(dxDescriptor, wDescriptor, descriptor, dyDescriptor, described));
    return run(Direction::backwardData, handle, described, alpha, w, dy, algorithm, workspace, workspaceBytes, beta,
               dx);
}

cudnnStatus_t cudnnConvolutionBackwardFilter(
    cudnnHandle_t handle, const void *alpha, cudnnTensorDescriptor_t xDescriptor, const void *x,
    cudnnTensorDescriptor_t dyDescriptor, const void *dy, cudnnConvolutionDescriptor_t descriptor,
    cudnnConvolutionBwdFilterAlgo_t algorithm, void *workspace, size_t workspaceBytes, const void *beta,
    cudnnFilterDescriptor_t dwDescriptor, void *dw) {
    const Call call(__func__);
    REQUIRE(usable(call));
    Convolution described;
    REQUIRE(convolution(xDescriptor, dwDescriptor, descriptor, dyDescriptor, described));
    return run(Direction::backwardFilter, handle, described, alpha, x, dy, algorithm, workspace, workspaceBytes,
               beta, dw);
}
