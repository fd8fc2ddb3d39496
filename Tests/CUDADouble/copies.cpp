#include <algorithm>
#include <cstring>

#include "CUDADouble.h"
#include "streams.h"

using namespace gpu;

namespace {

thread_local unsigned long long uploaded;

/// Whether an extent can not be what a copy needs on its side of the bus.
int checkDevice(const Extent &extent) {
    return isOnDevice(extent) ? 0 : fail(Refusal::notDeviceMemory, CUDA_ERROR_ILLEGAL_ADDRESS);
}

// With other memory NVIDIA's driver would copy at once, or wait. That is slow, and hides who changes the memory later.
int checkHost(const Extent &extent) {
    return isPinned(extent) ? 0 : refuse(Refusal::notPinned, CUDA_ERROR_INVALID_VALUE);
}

}  // namespace

unsigned long long cuda_double_uploaded_bytes(void) { return uploaded; }

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    if (!bytes) return CUDA_SUCCESS;
    REQUIRE(checkHost(reads(from, bytes)));
    REQUIRE(checkDevice({to, bytes, true}));
    uploaded += bytes;
    return enqueue(stream, {{reads(from, bytes), {to, bytes, true}}, [=] {
        std::memcpy(accessible(to), from, bytes);
        return 0;
    }});
}

CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    if (!bytes) return CUDA_SUCCESS;
    REQUIRE(checkHost(writes(to, bytes)));
    REQUIRE(checkDevice({from, bytes, false}));
    return enqueue(stream, {{writes(to, bytes), {from, bytes, false}}, [=] {
        std::memcpy(to, accessible(from), bytes);
        return 0;
    }});
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    if (!bytes) return CUDA_SUCCESS;
    const Extent source{from, bytes, false}, target{to, bytes, true};
    REQUIRE(checkDevice(source));
    REQUIRE(checkDevice(target));
    if (source.overlaps(target)) return refuse(Refusal::overlap, CUDA_ERROR_INVALID_VALUE);
    return enqueue(stream, {{source, target}, [=] {
        std::memcpy(accessible(to), accessible(from), bytes);
        return 0;
    }});
}

CUresult cuMemsetD32Async(CUdeviceptr to, unsigned int value, size_t count, CUstream stream) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    if (!count) return CUDA_SUCCESS;
    if (to % sizeof value) return refuse(Refusal::misaligned, CUDA_ERROR_INVALID_VALUE);
    const Extent target{to, count > SIZE_MAX / sizeof value ? SIZE_MAX : count * sizeof value, true};
    REQUIRE(checkDevice(target));
    return enqueue(stream, {{target}, [=] {
        std::fill_n(static_cast<unsigned *>(accessible(to)), count, value);
        return 0;
    }});
}
