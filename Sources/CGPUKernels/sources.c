#include "CGPUKernels.h"

// C23 has #embed; clang also accepts it in older C.
#pragma clang diagnostic ignored "-Wc23-extensions"

// `Tests/cuda/kernels.sh` reads the order of the files here.
static const char source[] = {
#embed "Kernels/structs.h"
    ,
#embed "Kernels/device.h"
    ,
#embed "Kernels/Elementwise.cu"
    ,
#embed "Kernels/Merging.cu"
    ,
#embed "Kernels/Normalization.cu"
    ,
#embed "Kernels/Pooling.cu"
    ,
#embed "Kernels/Patches.cu"
    ,
#embed "Kernels/Images.cu"
    ,
#embed "Kernels/Augmentation.cu"
    ,
#embed "Kernels/Parameters.cu"
    ,
#embed "Kernels/Losses.cu"
    , 0};

const char *gpu_kernels_source(void) { return source; }
