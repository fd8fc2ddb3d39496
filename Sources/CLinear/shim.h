#ifndef LINEAR_SHIM_H
#define LINEAR_SHIM_H

#include <linear.h>

/// The settings of L2-regularized logistic regression, with an intercept that is regularized like every weight.
///
/// From version 2.40 on there is a setting for the intercept. Zero, its value in a structure of zeros, means the opposite
/// of what version 2.30 does.
static inline struct parameter liblinear_logistic_regression(double C, double tolerance) {
    struct parameter settings = {.solver_type = L2R_LR, .C = C, .eps = tolerance};
#if LIBLINEAR_VERSION >= 240
    settings.regularize_bias = 1;
#endif
    return settings;
}

#endif
