// Losses, their gradients and the number of right predictions, with the formulas of `HostObjective.swift`. A block has
// one row. Numbers are doubles wherever they are there, and floats where they are there.

/// Axes between the batch and the units make several rows of a sample.
__device__ inline int rows_per_sample(const GPULossSettings &settings) {
    return max(settings.rows / max(settings.samples, 1), 1);
}

/// One row of outputs, with its targets and the place of its gradient.
struct Row {
    const Element *outputs;
    const float *targets;
    Element *gradients;
    const GPULossSettings &settings;
    int add;
    /// The gradient is that of a mean over so many rows.
    float divisor;
    /// The factor of the sample that the row belongs to.
    float sample_weight;

    __device__ Row(const Element *y, const float *target, const float *weights, Element *gradient,
                   const GPULossSettings &settings, int add)
        : settings(settings), add(add) {
        const int start = blockIdx.x * settings.units;
        outputs = y + start;
        targets = target ? target + start : nullptr;
        gradients = gradient ? gradient + start : nullptr;
        // A weighted sum is not a mean, and a penalty is a mean over samples.
        const int kind = settings.kind;
        divisor = kind == GPU_WEIGHTED_SUM ? 1 : kind == GPU_PENALTY ? settings.samples : settings.rows;
        sample_weight = weights ? weights[blockIdx.x / rows_per_sample(settings)] : 1;
    }

    __device__ int units() const { return settings.units; }
    __device__ float y(int i) const { return load(outputs, i); }
    __device__ float t(int i) const {
        return __fadd_rn(__fmul_rn(settings.kept, targets ? targets[i] : y(i)), settings.spread);
    }
    __device__ void set_gradient(int i, float g) const {
        if (gradients) put(gradients, i, g / divisor * sample_weight * settings.weight, add);
    }

    /// Sums `term(i)` over all units.
    template <typename Term>
    __device__ double sum(Term term) const {
        double sumOfThread = 0;
        for (int i = threadIdx.x; i < units(); i += blockDim.x) sumOfThread += term(i);
        return block_sum(sumOfThread);
    }

    /// The largest number of `value(i)` over all units; NaN loses.
    template <typename Value>
    __device__ double largest(Value value) const {
        double largestOfThread = value(0);
        for (int i = threadIdx.x; i < units(); i += blockDim.x) largestOfThread = fmax(largestOfThread, value(i));
        return block_largest(largestOfThread);
    }

    /// The first of the largest numbers, where nothing is larger than NaN and NaN is larger than nothing.
    template <typename Value>
    __device__ int argmax(Value value) const {
        if (isnan(value(0))) return 0;
        const double most = largest(value);
        return -largest([&](int i) { return value(i) == most ? double(-i) : double(-units()); });
    }
};

/// Keras clips probabilities to 1e-7 from 0 and 1, in single precision. NaN stays NaN.
__device__ inline double clip(double p) {
    const double low = 1e-7f, high = 1 - 1e-7f;
    return p < low ? low : p > high ? high : p;
}

/// `-sum of t log(softmax(z))`.
__device__ inline double softmax_crossentropy(const Row &row) {
    const double largest = row.largest([&](int i) -> double { return row.y(i); });
    const double exponentials = row.sum([&](int i) { return exp(row.y(i) - largest); });
    const double total = row.sum([&](int i) -> double { return row.t(i); });
    const double logarithm = log(exponentials);
    return row.sum([&](int i) {
        const double t = row.t(i), logProbability = row.y(i) - largest - logarithm;
        row.set_gradient(i, total * exp(logProbability) - t);
        return t != 0 ? -t * logProbability : 0;
    });
}

/// `-sum of t log(q)`, where `q = p / sum of p`, clipped.
__device__ inline double crossentropy(const Row &row) {
    const double total = row.sum([&](int i) -> double { return row.y(i); });
    // The derivative by q; it is 0 where the probability was clipped.
    auto slope = [&](int i) {
        const double q = row.y(i) / total;
        return q == clip(q) ? -double(row.t(i)) / q : 0;
    };
    const double weighted = row.sum([&](int i) { return slope(i) * (row.y(i) / total); });
    return row.sum([&](int i) {
        row.set_gradient(i, (float(slope(i)) - weighted) / total);
        return -row.t(i) * log(clip(row.y(i) / total));
    });
}

/// The mean of `-t log(p) - (1 - t) log(1 - p)`, where p is the sigmoid of z.
__device__ inline double sigmoid_crossentropy(const Row &row) {
    return row.sum([&](int i) {
        const double z = row.y(i), t = row.t(i);
        const double sigmoid = z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z));
        row.set_gradient(i, (sigmoid - t) / row.units());
        return (z < 0 ? 0 : z) - z * t + log1p(exp(-fabs(z)));
    }) / row.units();
}

/// The mean of `-t log(p) - (1 - t) log(1 - p)`, with p clipped.
__device__ inline double binary_crossentropy(const Row &row) {
    return row.sum([&](int i) {
        const double p = row.y(i), t = row.t(i), clipped = clip(p);
        row.set_gradient(i, (p == clipped ? (clipped - t) / (clipped * (1 - clipped)) : 0) / row.units());
        return -(t * log(clipped) + (1 - t) * log(1 - clipped));
    }) / row.units();
}

/// The mean of `(y - t)^2`.
__device__ inline double squared_error(const Row &row) {
    return row.sum([&](int i) {
        const double difference = double(row.y(i)) - row.t(i);
        row.set_gradient(i, 2 * difference / row.units());
        return difference * difference;
    }) / row.units();
}

/// `sum of y * t`.
__device__ inline double weighted_sum(const Row &row) {
    return row.sum([&](int i) {
        row.set_gradient(i, row.t(i));
        return double(row.y(i)) * row.t(i);
    });
}

/// `l1 * sum |y| + l2 * sum y^2`.
__device__ inline double penalty(const Row &row) {
    const float l1 = row.settings.l1, l2 = row.settings.l2;
    return row.sum([&](int i) {
        const double y = row.y(i);
        row.set_gradient(i, add_penalty_gradient(0, row.y(i), l1, l2));
        return (l1 == 0 ? 0 : l1 * fabs(y)) + (l2 == 0 ? 0 : l2 * y * y);
    });
}

/// `losses[row]` times the weight of its sample, and `gradient (+)=` both weights times the row's part of the gradient of
/// the mean loss. The gradient, the target and the weights of the samples may be null.
BLOCK_KERNEL(loss, 128, double *losses, Element *gradient, const Element *y, const float *target, const float *weights,
             GPULossSettings settings, int add) {
    const Row row(y, target, weights, gradient, settings, add);
    double loss = 0;
    switch (settings.kind) {
        case GPU_CATEGORICAL_FROM_LOGITS: loss = softmax_crossentropy(row); break;
        case GPU_CATEGORICAL: loss = crossentropy(row); break;
        case GPU_BINARY_FROM_LOGITS: loss = sigmoid_crossentropy(row); break;
        case GPU_BINARY: loss = binary_crossentropy(row); break;
        case GPU_SQUARED_ERROR: loss = squared_error(row); break;
        case GPU_WEIGHTED_SUM: loss = weighted_sum(row); break;
        case GPU_PENALTY: loss = penalty(row); break;
    }
    if (threadIdx.x == 0) losses[blockIdx.x] = loss * row.sample_weight;
}

/// How many outputs are larger than that of the target's class, the first of the largest targets: `larger[row][0]` for
/// rank 1, where it is 0 if that output is the first of the largest and else 1, and `larger[row][1]` for other ranks. A
/// row that is wrong for every rank has 2^30. For rank 1, a single unit is right if the target is 1 and the output above the
/// threshold, or the target is 0 and the output is not.
BLOCK_KERNEL(ranks, 128, int *larger, const Element *y, const float *target, GPULossSettings settings) {
    const int wrong = 1 << 30;
    const Row row(y, target, nullptr, nullptr, settings, false);
    const int place = row.argmax([&](int i) -> double { return row.targets[i]; });
    const float value = row.y(place);
    int first = row.argmax([&](int i) -> double { return row.y(i); }) == place ? 0 : 1;
    if (row.units() == 1) first = row.targets[0] == (row.y(0) > settings.threshold ? 1 : 0) ? 0 : wrong;
    const double others = row.sum([&](int i) { return row.y(i) > value ? 1.0 : 0; });
    const double infinite = row.sum([&](int i) { return isfinite(row.y(i)) ? 0 : 1.0; });
    const int count = infinite > 0 ? wrong : int(others);
    if (threadIdx.x == 0) {
        larger[2 * blockIdx.x] = first;
        larger[2 * blockIdx.x + 1] = count;
    }
}

/// One block: `scores[0]` = the sum of the samples' losses, `scores[1 + k]` = the number of samples that are right for
/// the k-th rank, where that is not 0. The rows of a sample share its vote. Without `larger` no row is right.
BLOCK_KERNEL(score, 256, double *scores, const double *losses, const int *larger, GPULossSettings settings, int ranks0,
             int ranks1, int ranks2, int ranks3) {
    double loss = 0;
    for (int row = threadIdx.x; row < settings.rows; row += blockDim.x) loss += losses[row];
    loss = block_sum(loss);
    const int rowsPerSample = rows_per_sample(settings);
    const bool isMean = settings.kind != GPU_WEIGHTED_SUM && settings.kind != GPU_PENALTY;
    if (threadIdx.x == 0) scores[0] = isMean ? loss / rowsPerSample : loss;

    const int ranks[] = {ranks0, ranks1, ranks2, ranks3};
    for (int k = 0; k < 4; k++) {
        if (ranks[k] == 0) continue;
        double right = 0;
        for (int row = threadIdx.x; larger && row < settings.rows; row += blockDim.x) {
            if (larger[2 * row + (ranks[k] == 1 ? 0 : 1)] < ranks[k]) right++;
        }
        right = block_sum(right);
        if (threadIdx.x == 0) scores[1 + k] = right / rowsPerSample;
    }
}
