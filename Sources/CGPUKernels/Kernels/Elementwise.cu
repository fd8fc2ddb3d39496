// Operations on single elements and on rows, and conversions.

/// `y = x`, rounded to elements.
KERNEL(from_floats, Element *y, const float *x, int count) {
    map(y, count, false, [](int, float x) { return x; }, x);
}

/// `y = x`, as floats.
KERNEL(to_floats, float *y, const Element *x, int count) {
    map(y, count, false, [](int, float x) { return x; }, x);
}

/// `y = value`.
KERNEL(fill, Element *y, float value, int count) {
    map(y, count, false, [=](int) { return value; });
}

// MARK: - Activation functions

// Each function has its value and the gradient of its input, from that of the output, the input and the output. NaN
// stays NaN in all of them, so comparisons are written accordingly.

struct Linear {
    __device__ float value(float x) const { return x; }
    __device__ float gradient(float dy, float, float) const { return dy; }
};

struct ReLU {
    __device__ float value(float x) const { return relu(x); }
    __device__ float gradient(float dy, float x, float) const { return relu_gradient(dy, x); }
};

__device__ inline float sigmoid(float x) { return 1 / (1 + expf(-x)); }

struct Sigmoid {
    __device__ float value(float x) const { return sigmoid(x); }
    __device__ float gradient(float dy, float, float y) const { return dy * y * (1 - y); }
};

struct Tanh {
    __device__ float value(float x) const { return tanhf(x); }
    __device__ float gradient(float dy, float, float y) const { return dy * (1 - y * y); }
};

/// `largest` is infinity where there is no largest value.
struct Rectifier {
    float largest, slope, threshold;

    __device__ float value(float x) const {
        if (x > threshold) return x > largest ? largest : x;
        // Without a slope, minus infinity becomes 0.
        if (x <= threshold) return slope == 0 ? 0 : slope * (x - threshold);
        return x;
    }
    __device__ float gradient(float dy, float x, float) const {
        if (x > threshold) return x < largest ? dy : 0;
        const float slopeAtThreshold = isinf(largest) && threshold == 0 ? slope : 0;
        return dy * (x == threshold ? slopeAtThreshold : slope);
    }
};

struct ELU {
    float alpha;

    __device__ float value(float x) const { return x > 0 ? x : alpha * expm1f(x); }
    __device__ float gradient(float dy, float x, float y) const { return x > 0 ? dy : dy * (y + alpha); }
};

struct SELU {
    static constexpr float scale = 1.0507009873554805f;
    /// The scale times the ELU's alpha, 1.6732632423543773.
    static constexpr float scaledAlpha = 1.7580993408473768f;

    __device__ float value(float x) const { return x < 0 ? scaledAlpha * expm1f(x) : scale * x; }
    __device__ float gradient(float dy, float x, float y) const {
        return x < 0 ? dy * (y + scaledAlpha) : dy * scale;
    }
};

struct CELU {
    float alpha;

    __device__ float value(float x) const { return x > 0 ? x : alpha * expm1f(x / alpha); }
    __device__ float gradient(float dy, float x, float y) const { return x > 0 ? dy : dy * (y / alpha + 1); }
};

struct SiLU {
    __device__ float value(float x) const { return x / (1 + expf(-x)); }
    __device__ float gradient(float dy, float x, float) const {
        const float s = sigmoid(x);
        return dy * s * (1 + x * (1 - s));
    }
};

struct GELU {
    /// That a normal number is less than `x`.
    __device__ static float probability(float x) { return erfcf(-x * 0.7071067811865476f) / 2; }

    __device__ float value(float x) const { return x * probability(x); }
    __device__ float gradient(float dy, float x, float) const {
        const float density = expf(-x * x / 2) * 0.3989422804014327f;  // 1 / sqrt(2 pi)
        return dy * (probability(x) + x * density);
    }
};

struct ApproximateGELU {
    static constexpr float cubic = 0.044715f;
    static constexpr float factor = 0.7978845608028654f;  // sqrt(2 / pi)

    __device__ static float tangent(float x) { return tanhf(factor * (x + cubic * x * x * x)); }

    __device__ float value(float x) const { return x / 2 * (1 + tangent(x)); }
    __device__ float gradient(float dy, float x, float) const {
        const float t = tangent(x);
        return dy * ((1 + t) / 2 + x / 2 * (1 - t * t) * factor * (1 + 3 * cubic * x * x));
    }
};

/// Written so that `exp` does not overflow.
__device__ inline float softplus(float x) { return relu(x) + log1pf(expf(-fabsf(x))); }

struct Mish {
    __device__ float value(float x) const { return x * tanhf(softplus(x)); }
    __device__ float gradient(float dy, float x, float) const {
        const float t = tanhf(softplus(x));
        return dy * (t + x * (1 - t * t) * sigmoid(x));
    }
};

struct Softplus {
    __device__ float value(float x) const { return softplus(x); }
    __device__ float gradient(float dy, float x, float) const { return dy * sigmoid(x); }
};

struct Softsign {
    __device__ float value(float x) const { return x / (1 + fabsf(x)); }
    __device__ float gradient(float dy, float x, float) const {
        const float denominator = 1 + fabsf(x);
        return dy / (denominator * denominator);
    }
};

struct Exponential {
    __device__ float value(float x) const { return expf(x); }
    __device__ float gradient(float dy, float, float y) const { return dy * y; }
};

struct HardSigmoid {
    float slope;

    __device__ float value(float x) const {
        const float z = slope * x + 0.5f;
        return z < 0 ? 0 : z > 1 ? 1 : z;
    }
    __device__ float gradient(float dy, float, float y) const { return y > 0 && y < 1 ? dy * slope : 0; }
};

struct HardSiLU {
    __device__ static HardSigmoid gate() { return {1 / 6.0f}; }

    __device__ float value(float x) const { return x * gate().value(x); }
    __device__ float gradient(float dy, float x, float) const {
        const float h = gate().value(x);
        return dy * h + x * gate().gradient(dy, x, h);
    }
};

/// Calls `body` with the function, so that loops inside are made for each function.
template <typename Body>
__device__ void with_function(int function, float a, float b, float c, Body body) {
    switch (function) {
        case GPU_LINEAR: return body(Linear{});
        case GPU_RELU: return body(ReLU{});
        case GPU_SIGMOID: return body(Sigmoid{});
        case GPU_TANH: return body(Tanh{});
        case GPU_RECTIFIER: return body(Rectifier{a, b, c});
        case GPU_ELU: return body(ELU{a});
        case GPU_SELU: return body(SELU{});
        case GPU_CELU: return body(CELU{a});
        case GPU_SILU: return body(SiLU{});
        case GPU_GELU: return body(GELU{});
        case GPU_APPROXIMATE_GELU: return body(ApproximateGELU{});
        case GPU_MISH: return body(Mish{});
        case GPU_SOFTPLUS: return body(Softplus{});
        case GPU_SOFTSIGN: return body(Softsign{});
        case GPU_EXPONENTIAL: return body(Exponential{});
        case GPU_HARD_SIGMOID: return body(HardSigmoid{a});
        case GPU_HARD_SILU: return body(HardSiLU{});
    }
}

/// `y = f(x)`. The settings of f are its struct's fields, in that order.
KERNEL(activate, Element *y, const Element *x, int count, int function, float a, float b, float c) {
    with_function(function, a, b, c, [=](auto f) {
        map(y, count, false, [=](int, float x) { return f.value(x); }, x);
    });
}

/// `dx (+)= dy * f'(x)`.
KERNEL(activate_gradient, Element *dx, const Element *dy, const Element *x, const Element *y, int count, int function,
       float a, float b, float c, int add) {
    with_function(function, a, b, c, [=](auto f) {
        map(dx, count, add, [=](int, float dy, float x, float y) { return f.gradient(dy, x, y); }, dy, x, y);
    });
}

/// `dx = dy * (y > 0)`. `dx` may be `dy`.
KERNEL(mask_relu, Element *dx, const Element *dy, const Element *y, int count) {
    map(dx, count, false, [](int, float dy, float y) { return relu_gradient(dy, y); }, dy, y);
}

// MARK: - Softmax

/// One row: `y = exp(x) / sum(exp(x))`, or its logarithm `x - log(sum(exp(x)))`.
BLOCK_KERNEL(softmax, 128, Element *y, const Element *x, int units, int logarithm) {
    const int row = blockIdx.x * units;
    // Subtracting a constant does not change the quotient. Subtracting the largest avoids overflow.
    float largestOfThread = load(x, row);
    for (int i = threadIdx.x; i < units; i += blockDim.x) largestOfThread = fmaxf(largestOfThread, load(x, row + i));
    const float largest = block_largest(largestOfThread);
    double sumOfThread = 0;
    for (int i = threadIdx.x; i < units; i += blockDim.x) sumOfThread += expf(load(x, row + i) - largest);
    const float sum = block_sum(sumOfThread);
    for (int i = threadIdx.x; i < units; i += blockDim.x) {
        const float z = load(x, row + i) - largest;
        store(y, row + i, logarithm ? z - logf(sum) : expf(z) / sum);
    }
}

/// One row: `dx (+)= y * (dy - sum(dy * y))`, or for the logarithm `dx (+)= dy - exp(y) * sum(dy)`.
BLOCK_KERNEL(softmax_gradient, 128, Element *dx, const Element *dy, const Element *y, int units, int logarithm,
             int add) {
    const int row = blockIdx.x * units;
    double sumOfThread = 0;
    for (int i = threadIdx.x; i < units; i += blockDim.x) {
        sumOfThread += double(load(dy, row + i)) * (logarithm ? 1 : load(y, row + i));
    }
    const float sum = block_sum(sumOfThread);
    for (int i = threadIdx.x; i < units; i += blockDim.x) {
        const float g = load(dy, row + i), value = load(y, row + i);
        put(dx, row + i, logarithm ? g - expf(value) * sum : value * (g - sum), add);
    }
}

// MARK: - Factors and offsets

/// `y (+)= fa * a + fb * b + fc * c + fd * d`. All but the first may be null.
KERNEL(combine, Element *y, const Element *a, const Element *b, const Element *c, const Element *d, float fa, float fb,
       float fc, float fd, int count, int add) {
    map(y, count, add,
        [=](int, float x, float second, float third, float fourth) {
            float sum = fa * x;
            if (b) sum += fb * second;
            if (c) sum += fc * third;
            if (d) sum += fd * fourth;
            return sum;
        },
        a, b, c, d);
}

/// A channel's `y = scale * x + offset`.
struct Rescaling {
    float scale, offset;

    __device__ float operator()(float x) const { return scale * x + offset; }
};

/// `y (+)= scale * x + offset` with numbers for each channel. The offset may be null.
KERNEL(rescale, Element *y, const Element *x, const float *scale, const float *offset, int channels, int count,
       int add) {
    map_channels(y, count, channels, add, [=](int c) { return Rescaling{scale[c], offset ? offset[c] : 0}; }, x);
}

/// A channel's `y = (x - mean) / deviation`, or the inverse.
struct Standardization {
    float mean, deviation;
    int multiplies;

    __device__ float operator()(float x) const { return multiplies ? x * deviation + mean : (x - mean) / deviation; }
};

/// `y (+)= (x - mean) / max(sqrt(variance), 1e-7)` for each channel, or the inverse. The mean may be null.
KERNEL(standardize, Element *y, const Element *x, const float *mean, const float *variance, int channels, int count,
       int multiplies, int add) {
    map_channels(y, count, channels, add, [=](int c) {
        const float deviation = sqrtf(variance[c]);
        return Standardization{mean ? mean[c] : 0, deviation < 1e-7f ? 1e-7f : deviation, multiplies};
    }, x);
}

// MARK: - PReLU

/// `y = x` from zero on, `alpha * x` below.
KERNEL(prelu, Element *y, const Element *x, const float *alpha, GPUBroadcast alphas, int count) {
    map(y, count, false,
        [&](int i, float x) { return x < 0 ? alpha[operand_element(alphas, i)] * x : x; }, x);
}

/// `dx (+)= dy` above zero, `alpha * dy` below, 0 at zero.
KERNEL(prelu_gradient, Element *dx, const Element *dy, const Element *x, const float *alpha, GPUBroadcast alphas,
       int count, int add) {
    map(dx, count, add,
        [&](int i, float dy, float x) {
            return x > 0 ? dy : x < 0 ? alpha[operand_element(alphas, i)] * dy : 0;
        },
        dy, x);
}

/// `dalpha +=` the sum of `dy * x` over all elements below zero that share it. One block takes an alpha at a time.
BLOCK_KERNEL(prelu_alpha_gradient, 256, float *dalpha, const Element *dy, const Element *x, GPUBroadcast alphas,
             int count) {
    const unsigned repeats = count / alphas.operand;
    for (unsigned alpha = blockIdx.x; alpha < alphas.operand; alpha += gridDim.x) {
        double sumOfThread = 0;
        for (unsigned n = threadIdx.x; n < repeats; n += blockDim.x) {
            const int i = repeated_element(alphas, alpha, n);
            if (load(x, i) < 0) sumOfThread += double(load(dy, i)) * load(x, i);
        }
        const double sum = block_sum(sumOfThread);
        if (threadIdx.x == 0) dalpha[alpha] += float(sum);
    }
}

// MARK: - Dropout

/// One round of Philox4x32, which is described in `Philox.swift`.
__device__ inline void philox_round(unsigned x[4], const unsigned key[2]) {
    const unsigned long long first = 0xD2511F53ull * x[0], second = 0xCD9E8D57ull * x[2];
    x[0] = unsigned(second >> 32) ^ x[1] ^ key[0];
    x[1] = unsigned(second);
    x[2] = unsigned(first >> 32) ^ x[3] ^ key[1];
    x[3] = unsigned(first);
}

/// The four words of a block of random numbers, as `RandomStream.words`.
__device__ inline void random_words(unsigned x[4], const GPUStepNumbers *step, unsigned long long block) {
    x[0] = unsigned(block);
    x[1] = step->index;
    x[2] = step->epoch;
    x[3] = step->purpose << 24 | (unsigned(block >> 32) & 0xFFFFFF);
    unsigned key[2] = {step->key[0], step->key[1]};
    for (int round = 0; round < 10; round++) {
        philox_round(x, key);
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
}

/// `y (+)= x / (1 - rate)` where an element's random number is at least the rate, else 0, as in `DropoutMask.swift`.
/// The gradient is the same function. A thread has the four elements of a block of random numbers.
KERNEL(dropout, Element *y, const Element *x, const GPUStepNumbers *step, float rate, int node, int count, int add) {
    const float scale = 1 / (1 - rate);
    for_each((unsigned(count) + 3) / 4, [&](int block) {
        unsigned words[4];
        random_words(words, step, (unsigned long long)node << 34 | block);
        for (int i = 4 * block; i < min(4 * block + 4, count); i++) {
            put(y, i, load(x, i) * ((words[i & 3] >> 8) * 0x1p-24f >= rate ? scale : 0), add);
        }
    });
}
