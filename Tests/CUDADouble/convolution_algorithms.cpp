// cuDNN: which algorithms there are, how fast they would be, and how much workspace they need.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "convolution.h"

namespace gpu {

// The numbers are cuDNN's. In every direction the first one is not supported. The second is the fastest that is, but
// its sums differ from run to run.
const std::vector<Algorithm> &algorithms(Direction direction) {
    static const std::vector<Algorithm> forward{
        {6, false, true, false}, {5, true, false, true}, {1, true, true, true}, {0, true, true, false},
        {4, false, true, false}};
    static const std::vector<Algorithm> backwardData{
        {4, false, true, false}, {0, true, false, false}, {1, true, true, true}, {5, true, true, false},
        {2, false, true, false}};
    static const std::vector<Algorithm> backwardFilter{
        {5, false, true, false}, {3, true, false, true}, {0, true, false, false}, {1, true, true, true},
        {6, true, true, false}, {2, false, true, false}};
    switch (direction) {
        case Direction::forward: return forward;
        case Direction::backwardData: return backwardData;
        case Direction::backwardFilter: return backwardFilter;
    }
    return forward;
}

const Algorithm *supported(Direction direction, int number) {
    const auto &all = algorithms(direction);
    const auto found = std::ranges::find(all, number, &Algorithm::number);
    return found != all.end() && found->isSupported ? &*found : nullptr;
}

// As if it held the patches of one image. The size is no round number, as cuDNN's often are not. It depends on the type
// of the products, as an algorithm's kernels do.
size_t Algorithm::workspace(const Convolution &convolution) const {
    if (!hasWorkspace) return 0;
    const Tensor &w = convolution.w, &y = convolution.y;
    const size_t patches = static_cast<size_t>(y.h) * y.w * w.h * w.w * w.c;
    return (patches + (convolution.settings.math == CUDNN_FMA_MATH ? 1 : 9)) * sizeof(float);
}

namespace {

// A backend has to do without some: without a deterministic algorithm for groups with holes, and without all of them where
// CUDA_DOUBLE_CONVOLUTIONS is `none`.
bool isOfferedFor(const Convolution &convolution, const Algorithm &algorithm) {
    const char *offered = std::getenv("CUDA_DOUBLE_CONVOLUTIONS");
    if (offered && std::string_view(offered) == "none") return false;
    const Settings &settings = convolution.settings;
    const bool hasHoles = settings.dilationH > 1 || settings.dilationW > 1;
    return !(hasHoles && settings.groups > 1 && algorithm.isDeterministic);
}

template <class Result>
int list(Direction direction, cudnnHandle_t handle, cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w,
         cudnnConvolutionDescriptor_t descriptor, cudnnTensorDescriptor_t y, int requested, int *returned,
         Result *results) {
    if (!usable(handle)) return refuse(Refusal::noStream, CUDNN_STATUS_BAD_PARAM);
    if (!returned || !results || requested < 1) return refuse(Refusal::nullArgument, CUDNN_STATUS_BAD_PARAM);
    Convolution described;
    REQUIRE(convolution(x, w, descriptor, y, described));
    const auto &all = algorithms(direction);
    *returned = std::min(requested, static_cast<int>(all.size()));
    for (int i = 0; i < *returned; i++) {
        const Algorithm &algorithm = all[i];
        results[i] = {};
        // Tensor cores are a permission. Whoever takes this choice sets its math type, for which the memory is told.
        Convolution asChosen = described;
        const bool isSmall = described.w.h == 1 && described.w.w == 1;
        if (isSmall && algorithm.hasWorkspace && described.isTF32()) asChosen.settings.math = CUDNN_FMA_MATH;
        const bool isOffered = algorithm.isSupported && isOfferedFor(described, algorithm);
        results[i].algo = algorithm.number;
        results[i].status = isOffered ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_NOT_SUPPORTED;
        results[i].time = isOffered ? static_cast<float>(i) : -1;
        results[i].memory = algorithm.workspace(asChosen);
        results[i].determinism = algorithm.isDeterministic ? CUDNN_DETERMINISTIC : CUDNN_NON_DETERMINISTIC;
        // What is without tensor cores because that was asked for is said to have the default type.
        const bool isPlain = described.settings.math == CUDNN_FMA_MATH;
        results[i].mathType = isPlain ? CUDNN_DEFAULT_MATH : asChosen.settings.math;
    }
    return CUDNN_STATUS_SUCCESS;
}

int workspace(Direction direction, cudnnHandle_t handle, cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w,
              cudnnConvolutionDescriptor_t descriptor, cudnnTensorDescriptor_t y, int number, size_t *bytes) {
    if (!usable(handle)) return refuse(Refusal::noStream, CUDNN_STATUS_BAD_PARAM);
    if (!bytes) return refuse(Refusal::nullArgument, CUDNN_STATUS_BAD_PARAM);
    Convolution described;
    REQUIRE(convolution(x, w, descriptor, y, described));
    const Algorithm *algorithm = supported(direction, number);
    if (!algorithm) return refuse(Refusal::badAlgorithm, CUDNN_STATUS_NOT_SUPPORTED);
    *bytes = algorithm->workspace(described);
    return CUDNN_STATUS_SUCCESS;
}

}  // namespace

}  // namespace gpu

using namespace gpu;

cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(
    cudnnHandle_t handle, cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w,
    cudnnConvolutionDescriptor_t convolution, cudnnTensorDescriptor_t y, int requested, int *returned,
    cudnnConvolutionFwdAlgoPerf_t *results) {
    const Call call(__func__);
    REQUIRE(usable(call));
    return list(Direction::forward, handle, x, w, convolution, y, requested, returned, results);
}

cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(
    cudnnHandle_t handle, cudnnFilterDescriptor_t w, cudnnTensorDescriptor_t dy,
    cudnnConvolutionDescriptor_t convolution, cudnnTensorDescriptor_t dx, int requested, int *returned,
    cudnnConvolutionBwdDataAlgoPerf_t *results) {
    const Call call(__func__);
    REQUIRE(usable(call));
    return list(Direction::backwardData, handle, dx, w, convolution, dy, requested, returned, results);
}

cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithm_v7(
    cudnnHandle_t handle, cudnnTensorDescriptor_t x, cudnnTensorDescriptor_t dy,
    cudnnConvolutionDescriptor_t convolution, cudnnFilterDescriptor_t dw, int requested, int *returned,
    cudnnConvolutionBwdFilterAlgoPerf_t *results) {
    const Call call(__func__);
    REQUIRE(usable(call));
    return list(Direction::backwardFilter, handle, x, dw, convolution, dy, requested, returned, results);
}

cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(
    cudnnHandle_t handle, cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w,
    cudnnConvolutionDescriptor_t convolution, cudnnTensorDescriptor_t y, cudnnConvolutionFwdAlgo_t algorithm,
    size_t *bytes) {
    const Call call(__func__);
    REQUIRE(usable(call));
    return workspace(Direction::forward, handle, x, w, convolution, y, algorithm, bytes);
}

cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(
    cudnnHandle_t handle, cudnnFilterDescriptor_t w, cudnnTensorDescriptor_t dy,
    cudnnConvolutionDescriptor_t convolution, cudnnTensorDescriptor_t dx, cudnnConvolutionBwdDataAlgo_t algorithm,
    size_t *bytes) {
    const Call call(__func__);
    REQUIRE(usable(call));
    return workspace(Direction::backwardData, handle, dx, w, convolution, dy, algorithm, bytes);
}

cudnnStatus_t cudnnGetConvolutionBackwardFilterWorkspaceSize(
    cudnnHandle_t handle, cudnnTensorDescriptor_t x, cudnnTensorDescriptor_t dy,
    cudnnConvolutionDescriptor_t convolution, cudnnFilterDescriptor_t dw,
    cudnnConvolutionBwdFilterAlgo_t algorithm, size_t *bytes) {
    const Call call(__func__);
    REQUIRE(usable(call));
    return workspace(Direction::backwardFilter, handle, x, dw, convolution, dy, algorithm, bytes);
}
