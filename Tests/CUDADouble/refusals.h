// Everything that the double refuses, with the text that the documentation shows.
#pragma once

#define REFUSALS(REFUSAL)                                                                                            \
    REFUSAL(beforeInit, "a call of the driver before cuInit")                                                        \
    REFUSAL(noContext, "a call from a thread without a current context, or with a released one")                     \
    REFUSAL(afterFailure, "any call after a failure on the device, until the context is released")                   \
    REFUSAL(nullArgument, "NULL where a value or a place for a result is needed")                                    \
    REFUSAL(unknownDevice, "a device other than the only one, or an attribute that the double does not know")        \
    REFUSAL(unknownFlags, "flags, modes and options that the backend does not use")                                  \
    REFUSAL(unknownHandle, "a handle that was never made, is destroyed or is of another kind")                       \
    REFUSAL(noMemory, "an allocation beyond the device's memory")                                                    \
    REFUSAL(emptyAllocation, "an allocation of no bytes")                                                            \
    REFUSAL(notAllocated, "freeing what was not allocated, or was freed before")                                     \
    REFUSAL(notDeviceMemory, "an address that is not in device memory, or an extent that leaves its allocation")     \
    REFUSAL(notPinned, "an asynchronous copy from or to memory that is not pinned")                                  \
    REFUSAL(freedTooEarly, "work whose memory was freed before it ran")                                              \
    REFUSAL(misaligned, "an address that is not a multiple of its elements' size")                                   \
    REFUSAL(wroteOutside, "a kernel that wrote beside its memory, or touched memory that it was not given")          \
    REFUSAL(race, "work that meets other streams' unfinished work in the same memory, without an event between")     \
    REFUSAL(nullStream, "the null stream, and a stream that waits for it")                                           \
    REFUSAL(inCapture, "a call that waits, allocates, frees or loads while its thread captures a stream")            \
    REFUSAL(captureInvalid, "the use of a capture that such a call has invalidated")                                 \
    REFUSAL(captureUnmatched, "the end of a capture on a stream that did not begin it, or in another thread")        \
    REFUSAL(captureUnjoined, "the end of a capture while a forked stream has not joined it again")                   \
    REFUSAL(captureIsolated, "waiting in a capture for work outside it or in another one, and the reverse")          \
    REFUSAL(captureTwice, "beginning a capture on a stream that captures already")                                   \
    REFUSAL(graphInCapture, "launching a graph into a capture")                                                      \
    REFUSAL(unknownKernel, "a kernel that the module does not have")                                                 \
    REFUSAL(badImage, "a module that is not the compiler's output for this device")                                  \
    REFUSAL(launchSize, "a launch with an empty or a too large grid or block, or too much shared memory")            \
    REFUSAL(blockSize, "a kernel for blocks of one size, launched with another one")                                 \
    REFUSAL(otherSource, "source text that differs from the text of the double's own kernels")                       \
    REFUSAL(noArchitecture, "compiling without --gpu-architecture or without -DELEMENT")                             \
    REFUSAL(unknownOption, "an option that the compiler does not know")                                              \
    REFUSAL(notCompiled, "asking a program for code before it is compiled, or for code of a virtual architecture")   \
    REFUSAL(noStream, "the use of a library's handle before its stream is set, or after it is destroyed")            \
    REFUSAL(productSizes, "a matrix product with a negative size or a leading dimension that is too small")          \
    REFUSAL(productTypes, "a matrix product of types, or in a precision, that the backend does not use")             \
    REFUSAL(overlap, "a result that overlaps an operand or the workspace")                                           \
    REFUSAL(badWorkspace, "a workspace for products that is not in device memory or not a multiple of 256")          \
    REFUSAL(badMathMode, "a way to sum products that the double does not know")                                      \
    REFUSAL(noWorkspace, "a matrix product in a capture before a workspace is set, or after the stream was")         \
    REFUSAL(notSet, "a descriptor that is used before it is set")                                                    \
    REFUSAL(descriptorSizes, "a descriptor with sizes, strides, dilations or groups below one, or negative pads")    \
    REFUSAL(unusedFormat, "formats other than NHWC, types other than float and bfloat16, and mixed types")           \
    REFUSAL(convolutionShapes, "a convolution whose shapes, channels or groups do not fit together")                 \
    REFUSAL(bfloat16Math, "a convolution of bfloat16 without tensor cores")                                          \
    REFUSAL(badAlgorithm, "an algorithm that does not exist or is not supported for the convolution")                \
    REFUSAL(smallWorkspace, "a convolution whose workspace is missing or too small")                                 \
    REFUSAL(misalignedTensor, "a convolution of a tensor at an address that is not a multiple of 16")
