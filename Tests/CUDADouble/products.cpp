// cuBLAS: products of matrices, which lie in memory column by column.
#include <cblas.h>

#include <algorithm>
#include <cstring>

#include "numbers.h"
#include "streams.h"

namespace gpu {

namespace {

struct Products {
    std::shared_ptr<Stream> stream;
    CUstream handle = nullptr;
    void *workspace = nullptr;
    size_t workspaceBytes = 0;

    /// The stream may have been destroyed since it was set.
    bool hasStream() const { return streams.find(handle) != nullptr; }
};

Table<Products, cublasHandle_t> handles{"cuBLAS handles"};

int usable(const Call &call) { return call.inLibrary(CUBLAS_STATUS_NOT_INITIALIZED, CUBLAS_STATUS_EXECUTION_FAILED); }

struct Matrix {
    const void *start;
    cudaDataType type;
    int rows, columns, stride;

    bool isBFloat16() const { return type == CUDA_R_16BF; }
    size_t elementBytes() const { return isBFloat16() ? 2 : 4; }
    bool isEmpty() const { return rows == 0 || columns == 0; }
    size_t count() const { return isEmpty() ? 0 : static_cast<size_t>(stride) * (columns - 1) + rows; }
    Extent extent(bool isWritten) const {
        return {reinterpret_cast<Address>(start), count() * elementBytes(), isWritten};
    }
    Elements elements() const { return {accessible(const_cast<void *>(start)), isBFloat16()}; }
};

struct Product {
    cublasOperation_t transA, transB;
    int m, n, k;
    float alpha, beta;
    Matrix a, b, c;
    bool isTF32;

    void compute() const {
        std::vector<float> result(c.count());
        const Elements elements = c.elements();
        // C is not read where beta is 0.
        if (beta != 0) result = elements.values(c.count(), false);
        const auto left = a.elements().values(a.count(), isTF32), right = b.elements().values(b.count(), isTF32);
        useOneThread();
        cblas_sgemm(CblasColMajor, transA ? CblasTrans : CblasNoTrans, transB ? CblasTrans : CblasNoTrans, m, n, k,
                    alpha, left.data(), a.stride, right.data(), b.stride, beta, result.data(), c.stride);
        for (int column = 0; column < n; column++) {
            for (int row = 0; row < m; row++) {
                const size_t i = static_cast<size_t>(column) * c.stride + row;
                elements.set(i, result[i]);
            }
        }
    }
};

/// Combinations that the backend uses. cuBLAS has more.
bool isKnown(cudaDataType a, cudaDataType b, cudaDataType c, cublasComputeType_t compute) {
    if (a != b) return false;
    if (a == CUDA_R_32F) {
        return c == CUDA_R_32F && (compute == CUBLAS_COMPUTE_32F || compute == CUBLAS_COMPUTE_32F_FAST_TF32);
    }
    return a == CUDA_R_16BF && (c == CUDA_R_32F || c == CUDA_R_16BF) && compute == CUBLAS_COMPUTE_32F;
}

}  // namespace

}  // namespace gpu

using namespace gpu;

cublasStatus_t cublasCreate_v2(cublasHandle_t *handle) {
    const Call call(__func__);
    REQUIRE(usable(call));
    if (!handle) return refuse(Refusal::nullArgument, CUBLAS_STATUS_INVALID_VALUE);
    // It allocates memory.
    if (invalidateCaptures()) return refuse(Refusal::inCapture, CUBLAS_STATUS_EXECUTION_FAILED);
    *handle = handles.add(std::make_shared<Products>());
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
    const Call call(__func__);
    REQUIRE(usable(call));
    if (invalidateCaptures()) return refuse(Refusal::inCapture, CUBLAS_STATUS_EXECUTION_FAILED);
    return handles.remove(handle) ? CUBLAS_STATUS_SUCCESS
                                  : refuse(Refusal::unknownHandle, CUBLAS_STATUS_NOT_INITIALIZED);
}

cublasStatus_t cublasGetVersion_v2(cublasHandle_t handle, int *version) {
    const Call call(__func__);
    if (!handles.find(handle)) return refuse(Refusal::unknownHandle, CUBLAS_STATUS_NOT_INITIALIZED);
    if (!version) return refuse(Refusal::nullArgument, CUBLAS_STATUS_INVALID_VALUE);
    *version = 130000;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
    const Call call(__func__);
    REQUIRE(usable(call));
    const auto products = handles.find(handle);
    if (!products) return refuse(Refusal::unknownHandle, CUBLAS_STATUS_NOT_INITIALIZED);
    if (!streams.find(stream)) return refuse(Refusal::noStream, CUBLAS_STATUS_INVALID_VALUE);
    // The handle returns to cuBLAS's own workspace, even if the stream is the same.
    *products = {streams.find(stream), stream};
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void *workspace, size_t bytes) {
    const Call call(__func__);
    REQUIRE(usable(call));
    const auto products = handles.find(handle);
    if (!products) return refuse(Refusal::unknownHandle, CUBLAS_STATUS_NOT_INITIALIZED);
    if (reinterpret_cast<uintptr_t>(workspace) % 256 || !isOnDevice(writes(workspace, bytes))) {
        return refuse(Refusal::badWorkspace, CUBLAS_STATUS_INVALID_VALUE);
    }
    products->workspace = workspace;
    products->workspaceBytes = bytes;
    return CUBLAS_STATUS_SUCCESS;
}

/// Products of the double sum in 32-bit floats, whatever the mode.
cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
    const Call call(__func__);
    REQUIRE(usable(call));
    if (!handles.find(handle)) return refuse(Refusal::unknownHandle, CUBLAS_STATUS_NOT_INITIALIZED);
    // The default, which may sum parts in the type of the result, or the mode that does not.
    if (mode != 0 && mode != CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION) {
        return refuse(Refusal::badMathMode, CUBLAS_STATUS_INVALID_VALUE);
    }
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGemmEx(
    cublasHandle_t handle, cublasOperation_t transA, cublasOperation_t transB, int m, int n, int k, const void *alpha,
    const void *a, cudaDataType typeA, int lda, const void *b, cudaDataType typeB, int ldb, const void *beta, void *c,
    cudaDataType typeC, int ldc, cublasComputeType_t compute, cublasGemmAlgo_t algo) {
    const Call call(__func__);
    REQUIRE(usable(call));
    const auto products = handles.find(handle);
    if (!products) return refuse(Refusal::unknownHandle, CUBLAS_STATUS_NOT_INITIALIZED);
    if (!products->hasStream()) return refuse(Refusal::noStream, CUBLAS_STATUS_NOT_INITIALIZED);
    for (const auto operation : {transA, transB}) {
        if (operation != CUBLAS_OP_N && operation != CUBLAS_OP_T) {
            return refuse(Refusal::unknownFlags, CUBLAS_STATUS_INVALID_VALUE);
        }
    }
    if (algo != CUBLAS_GEMM_DEFAULT) return refuse(Refusal::unknownFlags, CUBLAS_STATUS_INVALID_VALUE);
    if (!isKnown(typeA, typeB, typeC, compute)) return refuse(Refusal::productTypes, CUBLAS_STATUS_NOT_SUPPORTED);
    if (!alpha || !beta) return refuse(Refusal::nullArgument, CUBLAS_STATUS_INVALID_VALUE);
    const Product product{
        transA, transB, m, n, k, *static_cast<const float *>(alpha), *static_cast<const float *>(beta),
        {a, typeA, transA ? k : m, transA ? m : k, lda}, {b, typeB, transB ? n : k, transB ? k : n, ldb},
        {c, typeC, m, n, ldc}, compute == CUBLAS_COMPUTE_32F_FAST_TF32};
    const bool isNegative = std::min({m, n, k}) < 0;
    for (const auto &matrix : {product.a, product.b, product.c}) {
        if (isNegative || matrix.stride < std::max(1, matrix.rows)) {
            return refuse(Refusal::productSizes, CUBLAS_STATUS_INVALID_VALUE);
        }
    }
    if (product.c.isEmpty()) return CUBLAS_STATUS_SUCCESS;
    std::vector<Extent> extents{product.c.extent(true)};
    for (const auto &matrix : {product.a, product.b}) {
        if (!matrix.isEmpty()) extents.push_back(matrix.extent(false));
    }
    if (products->workspace) extents.push_back(writes(products->workspace, products->workspaceBytes));
    for (const auto &matrix : {product.a, product.b, product.c}) {
        if (reinterpret_cast<uintptr_t>(matrix.start) % matrix.elementBytes()) {
            return refuse(Refusal::misaligned, CUBLAS_STATUS_INVALID_VALUE);
        }
    }
    for (size_t i = 0; i < extents.size(); i++) {
        if (!isOnDevice(extents[i])) {
            fail(Refusal::notDeviceMemory, CUDA_ERROR_ILLEGAL_ADDRESS);
            return CUBLAS_STATUS_EXECUTION_FAILED;
        }
        for (size_t j = 0; j < i; j++) {
            if ((extents[i].isWritten || extents[j].isWritten) && extents[i].overlaps(extents[j])) {
                return refuse(Refusal::overlap, CUBLAS_STATUS_INVALID_VALUE);
            }
        }
    }
    if (products->stream->capture && !products->workspace) {
        return refuse(Refusal::noWorkspace, CUBLAS_STATUS_NOT_SUPPORTED);
    }
    const int error = enqueue(products->stream, {extents, [product, scratch = *products] {
        if (scratch.workspace) std::memset(accessible(scratch.workspace), 0xFF, scratch.workspaceBytes);
        product.compute();
        return 0;
    }});
    return error ? CUBLAS_STATUS_EXECUTION_FAILED : CUBLAS_STATUS_SUCCESS;
}
