// Sums over the rows of channels, and batch normalization. Statistics and sums are doubles, because a sum over a batch
// has millions of terms and the mean may be large.

/// A block's sums of x for each channel: `partial[blockIdx.y][channel]`.
BLOCK_KERNEL(column_sums, 256, double *partial, const Element *x, int rows, int channels, int rowsPerBlock) {
    partial_sums<1>(partial, rows, channels, rowsPerBlock,
                    [=](int row, int c, double *sums) { sums[0] += load(x, row * channels + c); });
}

/// `sums +=` the sums of all blocks: the gradient of a bias.
BLOCK_KERNEL(add_column_sums, 256, float *sums, const double *partial, int blocks, int channels) {
    finish_sums<1>(partial, blocks, channels, [=](int c, const double *total) { sums[c] += float(total[0]); });
}

/// A block's sums of `x - x0` and of `(x - x0)^2`, where `x0` is the channel's first element:
/// `partial[blockIdx.y][0...1][channel]`. The variance of the distances is that of x, and does not cancel if the mean
/// is large.
BLOCK_KERNEL(batch_statistics, 256, double *partial, const Element *x, int rows, int channels, int rowsPerBlock) {
    partial_sums<2>(partial, rows, channels, rowsPerBlock, [=](int row, int c, double *sums) {
        const double distance = double(load(x, row * channels + c)) - load(x, c);
        sums[0] += distance;
        sums[1] += distance * distance;
    });
}

/// The mean and `1 / sqrt(variance + epsilon)` from the sums of all blocks. The variance is biased. The moving
/// statistics become `momentum * old + (1 - momentum) * new`.
BLOCK_KERNEL(finish_statistics, 256, double *mean, double *reciprocal, float *movingMean, float *movingVariance,
             const double *partial, const Element *x, int blocks, int rows, int channels, double epsilon,
             double momentum) {
    finish_sums<2>(partial, blocks, channels, [=](int c, const double *total) {
        const double distance = total[0] / rows;
        double variance = total[1] / rows - distance * distance;
        // Rounding may leave less than nothing.
        if (variance < 0) variance = 0;
        mean[c] = load(x, c) + distance;
        reciprocal[c] = 1 / sqrt(variance + epsilon);
        movingMean[c] = movingMean[c] * momentum + mean[c] * (1 - momentum);
        movingVariance[c] = movingVariance[c] * momentum + variance * (1 - momentum);
    });
}

/// The same numbers from the moving statistics.
KERNEL(moving_statistics, double *mean, double *reciprocal, const float *movingMean, const float *movingVariance,
       int channels, double epsilon) {
    for_each(channels, [&](int c) {
        mean[c] = movingMean[c];
        reciprocal[c] = 1 / sqrt(movingVariance[c] + epsilon);
    });
}

/// A channel's `y = gamma * (x - mean) * reciprocal + beta`, rectified if asked for.
struct Normalization {
    double mean, reciprocal;
    float gamma, beta;
    int rectifies;

    __device__ float operator()(float x) const {
        const float y = gamma * float((x - mean) * reciprocal) + beta;
        return rectifies ? relu(y) : y;
    }
};

/// `y = gamma * (x - mean) * reciprocal + beta`, or the ReLU of it. Gamma and beta may be null.
KERNEL(normalize, Element *y, const Element *x, const double *mean, const double *reciprocal, const float *gamma,
       const float *beta, int channels, int count, int rectifies) {
    map_channels(y, count, channels, false, [=](int c) {
        return Normalization{mean[c], reciprocal[c], gamma ? gamma[c] : 1, beta ? beta[c] : 0, rectifies};
    }, x);
}

/// A block's sums of dy and of `dy * xhat`, where `xhat = (x - mean) * reciprocal`:
/// `partial[blockIdx.y][0...1][channel]`. With y, dy is first sent back through the ReLU that y came from.
BLOCK_KERNEL(normalize_sums, 256, double *partial, const Element *dy, const Element *x, const Element *y,
             const double *mean, const double *reciprocal, int rows, int channels, int rowsPerBlock) {
    partial_sums<2>(partial, rows, channels, rowsPerBlock, [=](int row, int c, double *sums) {
        const int i = row * channels + c;
        const double g = y ? relu_gradient(load(dy, i), load(y, i)) : load(dy, i);
        sums[0] += g;
        sums[1] += g * (load(x, i) - mean[c]) * reciprocal[c];
    });
}

/// `dbeta += sum(dy)` and `dgamma += sum(dy * xhat)`, each of which may be null, and the means of both terms:
/// `means[0...1][channel]`.
BLOCK_KERNEL(finish_normalize_sums, 256, double *means, float *dgamma, float *dbeta, const double *partial, int blocks,
             int rows, int channels) {
    finish_sums<2>(partial, blocks, channels, [=](int c, const double *total) {
        if (dbeta) dbeta[c] += float(total[0]);
        if (dgamma) dgamma[c] += float(total[1]);
        means[c] = total[0] / rows;
        means[channels + c] = total[1] / rows;
    });
}

/// A channel's `dx = (dy - mean(dy) - xhat * mean(dy * xhat)) * reciprocal * gamma`.
struct NormalizationGradient {
    double mean, reciprocal, meanGradient, meanProduct;
    float gamma;
    bool isRectified;

    __device__ float operator()(float dy, float x, float y) const {
        const double g = isRectified ? relu_gradient(dy, y) : dy;
        const double normalized = (x - mean) * reciprocal;
        return float((g - meanGradient - normalized * meanProduct) * reciprocal) * gamma;
    }
};

/// `dx (+)= (dy - means[0] - xhat * means[1]) * reciprocal * gamma`. Without means the statistics were constants. With
/// y, dy is first sent back through the ReLU that y came from. Gamma may be null.
KERNEL(normalize_gradient, Element *dx, const Element *dy, const Element *x, const Element *y, const double *mean,
       const double *reciprocal, const float *gamma, const double *means, int channels, int count, int add) {
    map_channels(dx, count, channels, add, [=](int c) {
        return NormalizationGradient{
            mean[c], reciprocal[c], means ? means[c] : 0, means ? means[channels + c] : 0, gamma ? gamma[c] : 1,
            y != nullptr};
    }, dy, x, y);
}
