#include "contexts.h"

#include <cstdio>
#include <cstring>
#include <vector>

#include "CUDADouble.h"

namespace gpu {

namespace {

std::recursive_mutex mutex;

struct {
    bool isInitialized;
    int retained;
    int failure;
    /// One for every time that the context was made anew, or nullptr.
    CUcontext context;
    int leaked;
} device;

thread_local CUcontext current;

/// All tables, in the order in which they are made. A function's variable is there before the first table is.
std::vector<Counted *> &counted() {
    static std::vector<Counted *> tables;
    return tables;
}

int liveObjects() {
    int total = 0;
    for (const Counted *table : counted()) total += static_cast<int>(table->count());
    return total;
}

}  // namespace

Counted::Counted(const char *kind) : kind(kind) { counted().push_back(this); }

uintptr_t newHandle() {
    static uintptr_t last = 0xD0B1'0000'0000'0000;
    return last += 16;
}

Call::Call(const char *function) : lock(mutex) { nameCall(function); }

int Call::initialized() const {
    return device.isInitialized ? 0 : refuse(Refusal::beforeInit, CUDA_ERROR_NOT_INITIALIZED);
}

int Call::inContext() const {
    REQUIRE(initialized());
    if (!device.context || current != device.context) return refuse(Refusal::noContext, CUDA_ERROR_INVALID_CONTEXT);
    return failure() ? refuse(Refusal::afterFailure, failure()) : 0;
}

int Call::outsideCapture() const {
    REQUIRE(inContext());
    return invalidateCaptures() ? refuse(Refusal::inCapture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED) : 0;
}

int Call::inLibrary(int notInitialized, int failed) const {
    const int error = inContext();
    return error ? (error == failure() ? failed : notInitialized) : 0;
}

int fail(Refusal why, int result) {
    device.failure = result;
    return refuse(why, result);
}

int failure() { return device.failure; }

}  // namespace gpu

using namespace gpu;

int cuda_double_live_objects(void) {
    const Call call(__func__);
    return device.context ? liveObjects() : device.leaked;
}

CUresult cuInit(unsigned int flags) {
    const Call call(__func__);
    if (flags) return refuse(Refusal::unknownFlags, CUDA_ERROR_INVALID_VALUE);
    device.isInitialized = true;
    return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int *version) {
    const Call call(__func__);
    if (!version) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    *version = 13000;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int *count) {
    const Call call(__func__);
    REQUIRE(call.initialized());
    if (!count) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    *count = 1;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice *result, int ordinal) {
    const Call call(__func__);
    REQUIRE(call.initialized());
    if (!result) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    if (ordinal) return refuse(Refusal::unknownDevice, CUDA_ERROR_INVALID_DEVICE);
    *result = 0;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char *name, int length, CUdevice number) {
    const Call call(__func__);
    REQUIRE(call.initialized());
    if (!name || length < 1) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    if (number) return refuse(Refusal::unknownDevice, CUDA_ERROR_INVALID_DEVICE);
    std::snprintf(name, static_cast<size_t>(length), "Test double (no GPU)");
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice number) {
    const Call call(__func__);
    REQUIRE(call.initialized());
    if (!value) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    if (number) return refuse(Refusal::unknownDevice, CUDA_ERROR_INVALID_DEVICE);
    switch (attribute) {
        case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: *value = 4; return CUDA_SUCCESS;
        case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: *value = architecture / 10; return CUDA_SUCCESS;
        case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: *value = architecture % 10; return CUDA_SUCCESS;
    }
    return refuse(Refusal::unknownDevice, CUDA_ERROR_INVALID_VALUE);
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice number) {
    const Call call(__func__);
    REQUIRE(call.initialized());
    if (!context) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    if (number) return refuse(Refusal::unknownDevice, CUDA_ERROR_INVALID_DEVICE);
    if (!device.retained++) device.context = reinterpret_cast<CUcontext>(newHandle());
    *context = device.context;
    return CUDA_SUCCESS;
}

// The last release destroys the context with all that is in it. A failure ends with it, so that the next test can begin
// anew. A real device often needs a new process.
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice number) {
    const Call call(__func__);
    REQUIRE(call.initialized());
    if (number) return refuse(Refusal::unknownDevice, CUDA_ERROR_INVALID_DEVICE);
    if (!device.retained) return refuse(Refusal::noContext, CUDA_ERROR_INVALID_CONTEXT);
    if (--device.retained) return CUDA_SUCCESS;
    device.leaked = liveObjects();
    for (Counted *table : counted()) {
        // After a failure nothing can be freed.
        if (const size_t count = table->count(); count && !failure()) {
            std::fprintf(stderr, "CUDA double: alive at the context's release: %zu %s\n", count, table->kind);
        }
        table->clear();
    }
    device.context = nullptr;
    device.failure = 0;
    return CUDA_SUCCESS;
}

CUresult cuCtxSetCurrent(CUcontext context) {
    const Call call(__func__);
    REQUIRE(call.initialized());
    if (context && context != device.context) return refuse(Refusal::noContext, CUDA_ERROR_INVALID_CONTEXT);
    current = context;
    return CUDA_SUCCESS;
}
