// What the test double of NVIDIA's libraries exports besides their functions, which CCUDA.h declares.
#ifndef CUDA_DOUBLE_H
#define CUDA_DOUBLE_H

#ifdef __cplusplus
extern "C" {
#endif

/// The allocations and objects that are alive. After the last release of the context: those that were alive then.
__attribute__((visibility("default"))) int cuda_double_live_objects(void);

/// The kernels that have run.
__attribute__((visibility("default"))) unsigned long long cuda_double_launches(void);

/// The bytes that the calling thread has asked to be copied to the device. The copies of a graph count once.
__attribute__((visibility("default"))) unsigned long long cuda_double_uploaded_bytes(void);

/// What the double refuses, one line a kind.
__attribute__((visibility("default"))) const char *cuda_double_refusals(void);

#ifdef __cplusplus
}
#endif

#endif
