#include "normalization.h"
#include "processors.h"

// The channels of a pixel are one vector. A processor with narrower vectors uses two or four of them.
#define BLOCK 16
#include "normalization_of_blocks.h"
#undef BLOCK
#define BLOCK 8
#include "normalization_of_blocks.h"
#undef BLOCK

// The rectification is a constant inside the loops.
#define SPECIALIZED(name, ...)                                                                                \
    do {                                                                                                      \
        if (block == 16) SPECIALIZED_BY_RECTIFICATION(name##16, __VA_ARGS__);                                 \
        else SPECIALIZED_BY_RECTIFICATION(name##8, __VA_ARGS__);                                              \
    } while (0)
#define SPECIALIZED_BY_RECTIFICATION(function, ...)                                                           \
    do {                                                                                                      \
        if (rectify == RECTIFY_OUTPUT) function(__VA_ARGS__, RECTIFY_OUTPUT);                                 \
        else if (rectify == RECTIFY_INPUT) function(__VA_ARGS__, RECTIFY_INPUT);                              \
        else function(__VA_ARGS__, RECTIFY_NOTHING);                                                          \
    } while (0)

FOR_ALL_PROCESSORS
void plane_moments(const float *x, size_t pixels, int block, enum rectification rectify, float *mean, float *squares) {
    SPECIALIZED(moments, x, pixels, mean, squares);
}

FOR_ALL_PROCESSORS
void plane_normalize(const float *x, float *y, size_t pixels, int block, enum rectification rectify,
                     const float *mean, const float *scale, const float *shift) {
    SPECIALIZED(normalize, x, y, pixels, mean, scale, shift);
}

FOR_ALL_PROCESSORS
void plane_gradient_sums(const float *x, const float *const *gradients, int parts, size_t pixels, int block,
                         enum rectification rectify, const float *mean, const float *scale, const float *shift,
                         float *sum, float *product) {
    SPECIALIZED(gradient_sums, x, gradients, parts, pixels, mean, scale, shift, sum, product);
}

FOR_ALL_PROCESSORS
void plane_input_gradient(const float *x, const float *const *gradients, int parts, const float *const *passing,
                          int others, float *dx, size_t pixels, int block, enum rectification rectify,
                          const float *mean, const float *scale, const float *shift, const float *gMean,
                          const float *slope) {
    SPECIALIZED(input_gradient, x, gradients, parts, passing, others, dx, pixels, mean, scale, shift, gMean, slope);
}
