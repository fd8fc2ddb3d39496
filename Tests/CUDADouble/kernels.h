// All kernels as C++, for the ELEMENT of the file that includes this.
#include "cpu_device.h"

// The compiler of the GPU gives none of these warnings, and not every helper is used with every element type.
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-function"

#include "../../Sources/CGPUKernels/Kernels/structs.h"

// Each element type has kernels of the same names.
namespace {

using std::isfinite, std::isinf, std::isnan, std::max, std::min;

#include "../../Sources/CGPUKernels/Kernels/device.h"

#include "../../Sources/CGPUKernels/Kernels/Elementwise.cu"
#include "../../Sources/CGPUKernels/Kernels/Merging.cu"
#include "../../Sources/CGPUKernels/Kernels/Normalization.cu"
#include "../../Sources/CGPUKernels/Kernels/Pooling.cu"
#include "../../Sources/CGPUKernels/Kernels/Patches.cu"
#include "../../Sources/CGPUKernels/Kernels/Images.cu"
#include "../../Sources/CGPUKernels/Kernels/Augmentation.cu"
#include "../../Sources/CGPUKernels/Kernels/Parameters.cu"
#include "../../Sources/CGPUKernels/Kernels/Losses.cu"

}  // namespace
