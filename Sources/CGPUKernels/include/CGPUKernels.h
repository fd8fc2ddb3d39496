// The kernels of the CUDA backend: their text, and what the host hands to them.
#ifndef CGPU_KERNELS_H
#define CGPU_KERNELS_H

#include "../Kernels/structs.h"

/// All kernels as one text for NVRTC, which includes no file and ends with 0. `ELEMENT` has to be defined as `float` or
/// as `bfloat16`.
const char *gpu_kernels_source(void);

#endif
