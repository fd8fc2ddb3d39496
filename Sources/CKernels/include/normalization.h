#ifndef NORMALIZATION_H
#define NORMALIZATION_H

#include <stddef.h>

/// Batch normalization over planes. A plane holds the pixels of one sample with `block` channels side by side for each
/// pixel, as in oneDNN's layouts nChw16c and nChw8c. `block` is 16 or 8. Arrays "per channel" have `block` elements.

/// The place of a ReLU in the same pass: before the normalization, on `x`, or after it, on the output.
enum rectification { RECTIFY_NOTHING, RECTIFY_INPUT, RECTIFY_OUTPUT };

/// The mean of a plane, and its sum of squared differences from that mean, per channel.
void plane_moments(const float *x, size_t pixels, int block, enum rectification rectify, float *mean, float *squares);

/// `y = (x - mean) * scale + shift`
void plane_normalize(const float *x, float *y, size_t pixels, int block, enum rectification rectify,
                     const float *mean, const float *scale, const float *shift);

/// Per channel, the sums over the plane of g and of g * (x - mean). The gradient g is the sum of `parts` gradients, or
/// 0 at the pixels whose output the ReLU has set to 0.
void plane_gradient_sums(const float *x, const float *const *gradients, int parts, size_t pixels, int block,
                         enum rectification rectify, const float *mean, const float *scale, const float *shift,
                         float *sum, float *product);

/// `dx = scale * (g - gMean - (x - mean) * slope)`, with the same g, plus the sum of the `others` planes in `passing`: the
/// parts of x's gradient that do not come through the normalization.
void plane_input_gradient(const float *x, const float *const *gradients, int parts, const float *const *passing,
                          int others, float *dx, size_t pixels, int block, enum rectification rectify,
                          const float *mean, const float *scale, const float *shift, const float *gMean,
                          const float *slope);

#endif
