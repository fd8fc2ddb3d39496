#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "CUDADouble.h"
#include "contexts.h"

namespace gpu {

namespace {

thread_local const char *function = "";

const char *text(Refusal why) {
    switch (why) {
#define REFUSAL(name, text) \
    case Refusal::name: return text;
        REFUSALS(REFUSAL)
#undef REFUSAL
    }
    return "";
}

}  // namespace

void nameCall(const char *name) { function = name; }

int refuse(Refusal why, int result) {
    const char *verbose = std::getenv("CUDA_DOUBLE_VERBOSE");
    if (verbose && !std::strcmp(verbose, "1")) {
        std::fprintf(stderr, "CUDA double: %s = %d: refused: %s\n", function, result, text(why));
    }
    return result;
}

}  // namespace gpu

using namespace gpu;

// The errors that the double returns. NVIDIA's texts are longer.
#define ERRORS(ERROR)                                                                          \
    ERROR(CUDA_SUCCESS, "no error")                                                            \
    ERROR(CUDA_ERROR_INVALID_VALUE, "invalid argument")                                        \
    ERROR(CUDA_ERROR_OUT_OF_MEMORY, "out of memory")                                           \
    ERROR(CUDA_ERROR_NOT_INITIALIZED, "initialization error")                                  \
    ERROR(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected")                          \
    ERROR(CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal")                                 \
    ERROR(CUDA_ERROR_INVALID_IMAGE, "device kernel image is invalid")                          \
    ERROR(CUDA_ERROR_INVALID_CONTEXT, "invalid device context")                                \
    ERROR(CUDA_ERROR_NO_BINARY_FOR_GPU, "no kernel image is available for the device")         \
    ERROR(CUDA_ERROR_INVALID_HANDLE, "invalid resource handle")                                \
    ERROR(CUDA_ERROR_NOT_FOUND, "named symbol not found")                                      \
    ERROR(CUDA_ERROR_NOT_READY, "device not ready")                                            \
    ERROR(CUDA_ERROR_ILLEGAL_ADDRESS, "an illegal memory access was encountered")              \
    ERROR(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned address")                                 \
    ERROR(CUDA_ERROR_LAUNCH_FAILED, "unspecified launch failure")                              \
    ERROR(CUDA_ERROR_NOT_PERMITTED, "operation not permitted")                                 \
    ERROR(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "operation not permitted in a capture")       \
    ERROR(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "the capture failed because of an earlier error") \
    ERROR(CUDA_ERROR_STREAM_CAPTURE_MERGE, "operation would merge two captures")               \
    ERROR(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "the capture did not begin on this stream")     \
    ERROR(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "the capture has unjoined work")                 \
    ERROR(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "dependency on work outside the capture")       \
    ERROR(CUDA_ERROR_CAPTURED_EVENT, "operation not permitted on a captured event")            \
    ERROR(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, "the capture began in another thread")

CUresult cuGetErrorName(CUresult error, const char **name) {
    const Call call(__func__);
    if (!name) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    switch (error) {
#define ERROR(code, text) \
    case code: *name = #code; return CUDA_SUCCESS;
        ERRORS(ERROR)
#undef ERROR
    }
    *name = nullptr;
    return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetErrorString(CUresult error, const char **text) {
    const Call call(__func__);
    if (!text) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    switch (error) {
#define ERROR(code, words) \
    case code: *text = words; return CUDA_SUCCESS;
        ERRORS(ERROR)
#undef ERROR
    }
    *text = nullptr;
    return CUDA_ERROR_INVALID_VALUE;
}

const char *cuda_double_refusals(void) {
#define REFUSAL(name, text) text "\n"
    return REFUSALS(REFUSAL);
#undef REFUSAL
}
