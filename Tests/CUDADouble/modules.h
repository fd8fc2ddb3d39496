// Modules, and what stands for compiled code.
#pragma once

#include <CGPUKernels.h>

#include <optional>
#include <string>

#include "streams.h"


namespace gpu {

/// What the compiler makes and the driver loads.
struct Image {
    char magic[8] = {'\x7F', 'D', 'O', 'U', 'B', 'L', 'E', '1'};
    int32_t architecture, isBFloat16;
    uint64_t checksum;

    Image() = default;
    Image(int architecture, bool isBFloat16);
    uint64_t sum() const;
};

}  // namespace gpu
