// The device, its one context, and the errors that CCUDA.h has no need to name.
#pragma once

#include "double.h"

enum {
    CUDA_ERROR_NO_BINARY_FOR_GPU = 209,
    CUDA_ERROR_MISALIGNED_ADDRESS = 716,
    CUDA_ERROR_STREAM_CAPTURE_UNMATCHED = 902,
    CUDA_ERROR_STREAM_CAPTURE_MERGE = 903,
    CUDA_ERROR_STREAM_CAPTURE_UNJOINED = 904,
    CUDA_ERROR_STREAM_CAPTURE_ISOLATION = 905,
    CUDA_ERROR_CAPTURED_EVENT = 907,
    CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD = 908,
};

namespace gpu {

/// The device's architecture, 10 * major + minor.
inline constexpr int architecture = 90;

/// Names the call that the current thread makes.
void nameCall(const char *name);

/// Invalidates the captures that this thread has begun.
///
/// - Returns: whether there were any.
bool invalidateCaptures();

}  // namespace gpu
