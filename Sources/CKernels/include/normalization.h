#ifndef NORMALIZATION_H
#define NORMALIZATION_H

#include <stddef.h>

/// Batch normalization over planes: the pixels of one sample, `block` channels side by side for every pixel, as oneDNN
/// lays out activations (nChw16c, nChw8c). `block` is 16 or 8. Arrays "per channel" have `block` elements.

/// Where a ReLU is computed on the way: `max(x, 0)` is what gets normalised, or what comes out is cut at 0.
enum rectification { RECTIFY_NOTHING, RECTIFY_INPUT, RECTIFY_OUTPUT };

/// Mean of a plane, and its sum of squared differences from that mean, per channel.
void plane_moments(const float *x, size_t pixels, int block, enum rectification rectify, float *mean, float *squares);

/// `y = (x - mean) * scale + shift`
void plane_normalize(const float *x, float *y, size_t pixels, int block, enum rectification rectify,
                     const float *mean, const float *scale, const float *shift);

/// Per channel, sums over the plane of the gradient g and of g * (x - mean), where g is the sum of `parts` gradients,
/// cut where the ReLU was.
void plane_gradient_sums(const float *x, const float *const *gradients, int parts, size_t pixels, int block,
                         enum rectification rectify, const float *mean, const float *scale, const float *shift,
                         float *sum, float *product);

/// `dx = scale * (g - gMean - (x - mean) * slope)`, the same g.
void plane_input_gradient(const float *x, const float *const *gradients, int parts, float *dx, size_t pixels,
                          int block, enum rectification rectify, const float *mean, const float *scale,
                          const float *shift, const float *gMean, const float *slope);

#endif
