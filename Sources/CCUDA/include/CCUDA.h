// The functions of NVIDIA's libraries that the CUDA backend calls. They are found at run time, so building needs none of
// NVIDIA's files. `Tests/cuda/headers.sh` holds these declarations against NVIDIA's own headers.
#ifndef CCUDA_H
#define CCUDA_H

#include <stddef.h>
#include <stdint.h>

// Where NVIDIA's headers are included as well, they give the types and the constants.
#ifndef CCUDA_USES_NVIDIA_HEADERS

typedef int CUresult, CUdevice, CUdevice_attribute, CUstreamCaptureMode;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;
typedef struct CUgraph_st *CUgraph;
typedef struct CUgraphExec_st *CUgraphExec;
typedef unsigned long long cuuint64_t;

typedef int nvrtcResult;
typedef struct _nvrtcProgram *nvrtcProgram;

typedef int cublasStatus_t, cublasMath_t, cublasOperation_t, cublasComputeType_t, cublasGemmAlgo_t, cudaDataType;
typedef struct cublasContext *cublasHandle_t;

typedef int cudnnStatus_t, cudnnDataType_t, cudnnTensorFormat_t, cudnnConvolutionMode_t, cudnnMathType_t;
typedef int cudnnDeterminism_t, cudnnConvolutionFwdAlgo_t, cudnnConvolutionBwdDataAlgo_t, cudnnConvolutionBwdFilterAlgo_t;
typedef struct cudnnContext *cudnnHandle_t;
typedef struct cudnnTensorStruct *cudnnTensorDescriptor_t;
typedef struct cudnnFilterStruct *cudnnFilterDescriptor_t;
typedef struct cudnnConvolutionStruct *cudnnConvolutionDescriptor_t;
/// The stream's type in the runtime API, which cuBLAS and cuDNN use, is the driver's.
typedef CUstream cudaStream_t;

typedef struct {
    int algo;
    cudnnStatus_t status;
    float time;
    size_t memory;
    cudnnDeterminism_t determinism;
    cudnnMathType_t mathType;
    int reserved[3];
} cudnnConvolutionFwdAlgoPerf_t, cudnnConvolutionBwdDataAlgoPerf_t, cudnnConvolutionBwdFilterAlgoPerf_t;

#endif

/// Every constant with its value: CONSTANT(name, value).
#define CCUDA_CONSTANTS(CONSTANT)                                     \
    CONSTANT(CUDA_SUCCESS, 0)                                         \
    CONSTANT(CUDA_ERROR_INVALID_VALUE, 1)                             \
    CONSTANT(CUDA_ERROR_OUT_OF_MEMORY, 2)                             \
    CONSTANT(CUDA_ERROR_NOT_INITIALIZED, 3)                           \
    CONSTANT(CUDA_ERROR_NO_DEVICE, 100)                               \
    CONSTANT(CUDA_ERROR_INVALID_DEVICE, 101)                          \
    CONSTANT(CUDA_ERROR_INVALID_IMAGE, 200)                           \
    CONSTANT(CUDA_ERROR_INVALID_CONTEXT, 201)                         \
    CONSTANT(CUDA_ERROR_INVALID_HANDLE, 400)                          \
    CONSTANT(CUDA_ERROR_NOT_FOUND, 500)                               \
    CONSTANT(CUDA_ERROR_NOT_READY, 600)                               \
    CONSTANT(CUDA_ERROR_ILLEGAL_ADDRESS, 700)                         \
    CONSTANT(CUDA_ERROR_LAUNCH_FAILED, 719)                           \
    CONSTANT(CUDA_ERROR_NOT_PERMITTED, 800)                           \
    CONSTANT(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, 900)              \
    CONSTANT(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, 901)              \
    CONSTANT(CU_STREAM_NON_BLOCKING, 1)                               \
    CONSTANT(CU_EVENT_DISABLE_TIMING, 2)                              \
    CONSTANT(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL, 1)                  \
    CONSTANT(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 16)            \
    CONSTANT(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 75)        \
    CONSTANT(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 76)        \
    CONSTANT(NVRTC_SUCCESS, 0)                                        \
    CONSTANT(NVRTC_ERROR_INVALID_INPUT, 3)                            \
    CONSTANT(NVRTC_ERROR_INVALID_PROGRAM, 4)                          \
    CONSTANT(NVRTC_ERROR_INVALID_OPTION, 5)                           \
    CONSTANT(NVRTC_ERROR_COMPILATION, 6)                              \
    CONSTANT(CUBLAS_STATUS_SUCCESS, 0)                                \
    CONSTANT(CUBLAS_STATUS_NOT_INITIALIZED, 1)                        \
    CONSTANT(CUBLAS_STATUS_INVALID_VALUE, 7)                          \
    CONSTANT(CUBLAS_STATUS_EXECUTION_FAILED, 13)                      \
    CONSTANT(CUBLAS_STATUS_NOT_SUPPORTED, 15)                         \
    CONSTANT(CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION, 16)    \
    CONSTANT(CUBLAS_OP_N, 0)                                          \
    CONSTANT(CUBLAS_OP_T, 1)                                          \
    CONSTANT(CUBLAS_COMPUTE_32F, 68)                                  \
    CONSTANT(CUBLAS_COMPUTE_32F_FAST_TF32, 77)                        \
    CONSTANT(CUBLAS_GEMM_DEFAULT, -1)                                 \
    CONSTANT(CUDA_R_32F, 0)                                           \
    CONSTANT(CUDA_R_16BF, 14)                                         \
    CONSTANT(CUDNN_STATUS_SUCCESS, 0)                                 \
    CONSTANT(CUDNN_STATUS_NOT_INITIALIZED, 1001)                      \
    CONSTANT(CUDNN_STATUS_BAD_PARAM, 2000)                            \
    CONSTANT(CUDNN_STATUS_NOT_SUPPORTED, 3000)                        \
    CONSTANT(CUDNN_STATUS_EXECUTION_FAILED, 5000)                     \
    CONSTANT(CUDNN_DATA_FLOAT, 0)                                     \
    CONSTANT(CUDNN_DATA_BFLOAT16, 9)                                  \
    CONSTANT(CUDNN_TENSOR_NHWC, 1)                                    \
    CONSTANT(CUDNN_CROSS_CORRELATION, 1)                              \
    CONSTANT(CUDNN_DEFAULT_MATH, 0)                                   \
    CONSTANT(CUDNN_TENSOR_OP_MATH, 1)                                 \
    CONSTANT(CUDNN_FMA_MATH, 3)                                       \
    CONSTANT(CUDNN_NON_DETERMINISTIC, 0)                              \
    CONSTANT(CUDNN_DETERMINISTIC, 1)

#ifndef CCUDA_USES_NVIDIA_HEADERS
enum {
#define CONSTANT(name, value) name = value,
    CCUDA_CONSTANTS(CONSTANT)
#undef CONSTANT
};
#endif

/// The driver, libcuda.so.1: FUNCTION(result, name, arguments).
#define CCUDA_DRIVER_FUNCTIONS(FUNCTION)                                                                              \
    FUNCTION(CUresult, cuInit, (unsigned int flags))                                                                  \
    FUNCTION(CUresult, cuDriverGetVersion, (int *version))                                                            \
    FUNCTION(CUresult, cuGetErrorName, (CUresult error, const char **name))                                           \
    FUNCTION(CUresult, cuGetErrorString, (CUresult error, const char **text))                                         \
    FUNCTION(CUresult, cuDeviceGetCount, (int *count))                                                                \
    FUNCTION(CUresult, cuDeviceGet, (CUdevice *device, int ordinal))                                                  \
    FUNCTION(CUresult, cuDeviceGetName, (char *name, int length, CUdevice device))                                    \
    FUNCTION(CUresult, cuDeviceGetAttribute, (int *value, CUdevice_attribute attribute, CUdevice device))             \
    FUNCTION(CUresult, cuDevicePrimaryCtxRetain, (CUcontext *context, CUdevice device))                               \
    FUNCTION(CUresult, cuDevicePrimaryCtxRelease_v2, (CUdevice device))                                               \
    FUNCTION(CUresult, cuCtxSetCurrent, (CUcontext context))                                                          \
    FUNCTION(CUresult, cuMemGetInfo_v2, (size_t *free, size_t *total))                                                \
    FUNCTION(CUresult, cuMemAlloc_v2, (CUdeviceptr *address, size_t bytes))                                           \
    FUNCTION(CUresult, cuMemFree_v2, (CUdeviceptr address))                                                           \
    FUNCTION(CUresult, cuMemHostAlloc, (void **address, size_t bytes, unsigned int flags))                            \
    FUNCTION(CUresult, cuMemFreeHost, (void *address))                                                                \
    FUNCTION(CUresult, cuMemcpyHtoDAsync_v2, (CUdeviceptr to, const void *from, size_t bytes, CUstream stream))       \
    FUNCTION(CUresult, cuMemcpyDtoHAsync_v2, (void *to, CUdeviceptr from, size_t bytes, CUstream stream))             \
    FUNCTION(CUresult, cuMemcpyDtoDAsync_v2, (CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream))       \
    FUNCTION(CUresult, cuMemsetD32Async, (CUdeviceptr to, unsigned int value, size_t count, CUstream stream))         \
    FUNCTION(CUresult, cuStreamCreate, (CUstream * stream, unsigned int flags))                                       \
    FUNCTION(CUresult, cuStreamDestroy_v2, (CUstream stream))                                                         \
    FUNCTION(CUresult, cuStreamSynchronize, (CUstream stream))                                                        \
    FUNCTION(CUresult, cuStreamWaitEvent, (CUstream stream, CUevent event, unsigned int flags))                       \
    FUNCTION(CUresult, cuStreamBeginCapture_v2, (CUstream stream, CUstreamCaptureMode mode))                          \
    FUNCTION(CUresult, cuStreamEndCapture, (CUstream stream, CUgraph *graph))                                         \
    FUNCTION(CUresult, cuGraphInstantiateWithFlags, (CUgraphExec * exec, CUgraph graph, unsigned long long flags))    \
    FUNCTION(CUresult, cuGraphLaunch, (CUgraphExec exec, CUstream stream))                                            \
    FUNCTION(CUresult, cuGraphExecDestroy, (CUgraphExec exec))                                                        \
    FUNCTION(CUresult, cuGraphDestroy, (CUgraph graph))                                                               \
    FUNCTION(CUresult, cuEventCreate, (CUevent * event, unsigned int flags))                                          \
    FUNCTION(CUresult, cuEventDestroy_v2, (CUevent event))                                                            \
    FUNCTION(CUresult, cuEventRecord, (CUevent event, CUstream stream))                                               \
    FUNCTION(CUresult, cuEventSynchronize, (CUevent event))                                                           \
    FUNCTION(CUresult, cuModuleLoadData, (CUmodule * module, const void *image))                                      \
    FUNCTION(CUresult, cuModuleUnload, (CUmodule module))                                                             \
    FUNCTION(CUresult, cuModuleGetFunction, (CUfunction * function, CUmodule module, const char *name))               \
    FUNCTION(                                                                                                         \
        CUresult, cuLaunchKernel,                                                                                     \
        (CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ, unsigned int blockX,        \
         unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes, CUstream stream, void **arguments,       \
         void **extra))

/// The compiler of kernels, libnvrtc.so.
#define CCUDA_COMPILER_FUNCTIONS(FUNCTION)                                                                            \
    FUNCTION(nvrtcResult, nvrtcVersion, (int *major, int *minor))                                                     \
    FUNCTION(const char *, nvrtcGetErrorString, (nvrtcResult result))                                                 \
    FUNCTION(                                                                                                         \
        nvrtcResult, nvrtcCreateProgram,                                                                              \
        (nvrtcProgram * program, const char *source, const char *name, int count, const char *const *headers,        \
         const char *const *includeNames))                                                                            \
    FUNCTION(nvrtcResult, nvrtcDestroyProgram, (nvrtcProgram * program))                                              \
    FUNCTION(nvrtcResult, nvrtcCompileProgram, (nvrtcProgram program, int count, const char *const *options))         \
    FUNCTION(nvrtcResult, nvrtcGetCUBINSize, (nvrtcProgram program, size_t *size))                                    \
    FUNCTION(nvrtcResult, nvrtcGetCUBIN, (nvrtcProgram program, char *code))                                          \
    FUNCTION(nvrtcResult, nvrtcGetProgramLogSize, (nvrtcProgram program, size_t *size))                               \
    FUNCTION(nvrtcResult, nvrtcGetProgramLog, (nvrtcProgram program, char *log))

/// Matrix products, libcublas.so.
#define CCUDA_BLAS_FUNCTIONS(FUNCTION)                                                                                \
    FUNCTION(cublasStatus_t, cublasCreate_v2, (cublasHandle_t * handle))                                              \
    FUNCTION(cublasStatus_t, cublasDestroy_v2, (cublasHandle_t handle))                                               \
    FUNCTION(cublasStatus_t, cublasGetVersion_v2, (cublasHandle_t handle, int *version))                              \
    FUNCTION(cublasStatus_t, cublasSetStream_v2, (cublasHandle_t handle, cudaStream_t stream))                        \
    FUNCTION(cublasStatus_t, cublasSetWorkspace_v2, (cublasHandle_t handle, void *workspace, size_t bytes))           \
    FUNCTION(cublasStatus_t, cublasSetMathMode, (cublasHandle_t handle, cublasMath_t mode))                           \
    FUNCTION(                                                                                                         \
        cublasStatus_t, cublasGemmEx,                                                                                 \
        (cublasHandle_t handle, cublasOperation_t transA, cublasOperation_t transB, int m, int n, int k,              \
         const void *alpha, const void *a, cudaDataType typeA, int lda, const void *b, cudaDataType typeB, int ldb,   \
         const void *beta, void *c, cudaDataType typeC, int ldc, cublasComputeType_t compute, cublasGemmAlgo_t algo))

/// Convolutions, libcudnn.so.9.
#define CCUDA_DNN_FUNCTIONS(FUNCTION)                                                                                 \
    FUNCTION(size_t, cudnnGetVersion, (void))                                                                         \
    FUNCTION(const char *, cudnnGetErrorString, (cudnnStatus_t status))                                               \
    FUNCTION(cudnnStatus_t, cudnnCreate, (cudnnHandle_t * handle))                                                    \
    FUNCTION(cudnnStatus_t, cudnnDestroy, (cudnnHandle_t handle))                                                     \
    FUNCTION(cudnnStatus_t, cudnnSetStream, (cudnnHandle_t handle, cudaStream_t stream))                              \
    FUNCTION(cudnnStatus_t, cudnnCreateTensorDescriptor, (cudnnTensorDescriptor_t * descriptor))                      \
    FUNCTION(cudnnStatus_t, cudnnDestroyTensorDescriptor, (cudnnTensorDescriptor_t descriptor))                       \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnSetTensor4dDescriptor,                                                                    \
        (cudnnTensorDescriptor_t descriptor, cudnnTensorFormat_t format, cudnnDataType_t type, int n, int c, int h,   \
         int w))                                                                                                      \
    FUNCTION(cudnnStatus_t, cudnnCreateFilterDescriptor, (cudnnFilterDescriptor_t * descriptor))                      \
    FUNCTION(cudnnStatus_t, cudnnDestroyFilterDescriptor, (cudnnFilterDescriptor_t descriptor))                       \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnSetFilter4dDescriptor,                                                                    \
        (cudnnFilterDescriptor_t descriptor, cudnnDataType_t type, cudnnTensorFormat_t format, int k, int c, int h,   \
         int w))                                                                                                      \
    FUNCTION(cudnnStatus_t, cudnnCreateConvolutionDescriptor, (cudnnConvolutionDescriptor_t * descriptor))            \
    FUNCTION(cudnnStatus_t, cudnnDestroyConvolutionDescriptor, (cudnnConvolutionDescriptor_t descriptor))             \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnSetConvolution2dDescriptor,                                                               \
        (cudnnConvolutionDescriptor_t descriptor, int padH, int padW, int strideH, int strideW, int dilationH,        \
         int dilationW, cudnnConvolutionMode_t mode, cudnnDataType_t computeType))                                    \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnSetConvolutionMathType, (cudnnConvolutionDescriptor_t descriptor, cudnnMathType_t type))  \
    FUNCTION(cudnnStatus_t, cudnnSetConvolutionGroupCount, (cudnnConvolutionDescriptor_t descriptor, int count))      \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnGetConvolutionForwardAlgorithm_v7,                                                        \
        (cudnnHandle_t handle, cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w,                                  \
         cudnnConvolutionDescriptor_t convolution, cudnnTensorDescriptor_t y, int requested, int *returned,           \
         cudnnConvolutionFwdAlgoPerf_t *results))                                                                     \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnGetConvolutionBackwardDataAlgorithm_v7,                                                   \
        (cudnnHandle_t handle, cudnnFilterDescriptor_t w, cudnnTensorDescriptor_t dy,                                 \
         cudnnConvolutionDescriptor_t convolution, cudnnTensorDescriptor_t dx, int requested, int *returned,          \
         cudnnConvolutionBwdDataAlgoPerf_t *results))                                                                 \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnGetConvolutionBackwardFilterAlgorithm_v7,                                                 \
        (cudnnHandle_t handle, cudnnTensorDescriptor_t x, cudnnTensorDescriptor_t dy,                                 \
         cudnnConvolutionDescriptor_t convolution, cudnnFilterDescriptor_t dw, int requested, int *returned,          \
         cudnnConvolutionBwdFilterAlgoPerf_t *results))                                                               \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnGetConvolutionForwardWorkspaceSize,                                                       \
        (cudnnHandle_t handle, cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w,                                  \
         cudnnConvolutionDescriptor_t convolution, cudnnTensorDescriptor_t y, cudnnConvolutionFwdAlgo_t algorithm,    \
         size_t *bytes))                                                                                              \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnGetConvolutionBackwardDataWorkspaceSize,                                                  \
        (cudnnHandle_t handle, cudnnFilterDescriptor_t w, cudnnTensorDescriptor_t dy,                                 \
         cudnnConvolutionDescriptor_t convolution, cudnnTensorDescriptor_t dx,                                        \
         cudnnConvolutionBwdDataAlgo_t algorithm, size_t *bytes))                                                     \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnGetConvolutionBackwardFilterWorkspaceSize,                                                \
        (cudnnHandle_t handle, cudnnTensorDescriptor_t x, cudnnTensorDescriptor_t dy,                                 \
         cudnnConvolutionDescriptor_t convolution, cudnnFilterDescriptor_t dw,                                        \
         cudnnConvolutionBwdFilterAlgo_t algorithm, size_t *bytes))                                                   \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnConvolutionForward,                                                                       \
        (cudnnHandle_t handle, const void *alpha, cudnnTensorDescriptor_t xDescriptor, const void *x,                 \
         cudnnFilterDescriptor_t wDescriptor, const void *w, cudnnConvolutionDescriptor_t convolution,                \
         cudnnConvolutionFwdAlgo_t algorithm, void *workspace, size_t workspaceBytes, const void *beta,               \
         cudnnTensorDescriptor_t yDescriptor, void *y))                                                               \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnConvolutionBackwardData,                                                                  \
        (cudnnHandle_t handle, const void *alpha, cudnnFilterDescriptor_t wDescriptor, const void *w,                 \
         cudnnTensorDescriptor_t dyDescriptor, const void *dy, cudnnConvolutionDescriptor_t convolution,              \
         cudnnConvolutionBwdDataAlgo_t algorithm, void *workspace, size_t workspaceBytes, const void *beta,           \
         cudnnTensorDescriptor_t dxDescriptor, void *dx))                                                             \
    FUNCTION(                                                                                                         \
        cudnnStatus_t, cudnnConvolutionBackwardFilter,                                                                \
        (cudnnHandle_t handle, const void *alpha, cudnnTensorDescriptor_t xDescriptor, const void *x,                 \
         cudnnTensorDescriptor_t dyDescriptor, const void *dy, cudnnConvolutionDescriptor_t convolution,              \
         cudnnConvolutionBwdFilterAlgo_t algorithm, void *workspace, size_t workspaceBytes, const void *beta,         \
         cudnnFilterDescriptor_t dwDescriptor, void *dw))

#define CCUDA_POINTER(result, name, arguments) result(*name) arguments;

typedef struct CUDADriver {
    CCUDA_DRIVER_FUNCTIONS(CCUDA_POINTER)
} CUDADriver;

typedef struct CUDACompiler {
    CCUDA_COMPILER_FUNCTIONS(CCUDA_POINTER)
} CUDACompiler;

typedef struct CUDABLAS {
    CCUDA_BLAS_FUNCTIONS(CCUDA_POINTER)
} CUDABLAS;

typedef struct CUDADNN {
    CCUDA_DNN_FUNCTIONS(CCUDA_POINTER)
} CUDADNN;

#ifdef __cplusplus
extern "C" {
#endif

/// These find all functions in a library that `dlopen` has opened. The result is the name of the first that is not there,
/// or NULL.
const char *ccuda_find_driver(void *library, CUDADriver *functions);
const char *ccuda_find_compiler(void *library, CUDACompiler *functions);
const char *ccuda_find_blas(void *library, CUDABLAS *functions);
const char *ccuda_find_dnn(void *library, CUDADNN *functions);

#ifdef __cplusplus
}
#endif

#endif
