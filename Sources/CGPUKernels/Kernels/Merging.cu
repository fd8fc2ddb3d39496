// Operations on several inputs. Inputs may be repeated along axes of the larger shape.

/// `y = y * x`, or `y = x` for the first input.
KERNEL(multiply, Element *y, const Element *x, GPUBroadcast operand, int count, int first) {
    map(y, count, false, [&](int i) {
        const float value = load(x, operand_element(operand, i));
        return first ? value : load(y, i) * value;
    });
}

/// `y = max(y, x)`, or the minimum if the sign is -1, or `y = x` for the first input. NaN beats all numbers.
KERNEL(extremum, Element *y, const Element *x, GPUBroadcast operand, int count, float sign, int first) {
    map(y, count, false, [&](int i) {
        const float value = load(x, operand_element(operand, i));
        return first || sign * value > sign * load(y, i) || isnan(value) ? value : load(y, i);
    });
}

/// The gradient of an extremum, input by input: where the input is the extremum it gets all that is left, else 0.
KERNEL(claim, Element *part, Element *rest, const Element *x, GPUBroadcast operand, const Element *y, int count) {
    for_each(count, [&](int i) {
        const bool wins = load(x, operand_element(operand, i)) == load(y, i);
        store(part, i, wins ? load(rest, i) : 0);
        if (wins) store(rest, i, 0);
    });
}

/// `dx (+)=` the sum of `part` over all elements to which an operand's element was repeated.
KERNEL(sum_repeated, Element *dx, const Element *part, GPUBroadcast operand, int count, int add) {
    const unsigned repeats = count / operand.operand;
    for_each(operand.operand, [&](int element) {
        double sum = 0;
        for (unsigned n = 0; n < repeats; n++) sum += load(part, repeated_element(operand, element, n));
        put(dx, element, sum, add);
    });
}

template <int WIDTH>
__device__ void copy_packs_of_channels(Element *y, unsigned yChannels, const Element *x, unsigned xChannels,
                                       unsigned width, unsigned rows, int add) {
    const unsigned packs = width / WIDTH;
    for_each(rows * packs, [&](unsigned pack) {
        const unsigned row = pack / packs, channel = pack % packs * WIDTH;
        write<WIDTH>(y, row * yChannels + channel, add, [](int, float x) { return x; },
                     read<WIDTH>(x, row * xChannels + channel));
    });
}

/// `y[row][yStart + c] (+)= x[row][xStart + c]` for all `c < width`: a part of a concatenation, and its gradient.
KERNEL(copy_channels, Element *y, int yChannels, int yStart, const Element *x, int xChannels, int xStart, int width,
       int rows, int add) {
    y += yStart;
    x += xStart;
    if ((yChannels | xChannels | width) % PACK == 0 && is_aligned(y) && is_aligned(x)) {
        copy_packs_of_channels<PACK>(y, yChannels, x, xChannels, width, rows, add);
    } else {
        copy_packs_of_channels<1>(y, yChannels, x, xChannels, width, rows, add);
    }
}

/// A channel's `y = x + bias`, rectified if asked for.
struct BiasAddition {
    float bias;
    int rectifies;

    __device__ float operator()(float x) const { return rectifies ? relu(x + bias) : x + bias; }
};

/// `y = y + bias` or `y = max(y + bias, 0)`, with a bias for each channel.
KERNEL(add_bias, Element *y, const float *bias, int channels, int count, int rectifies) {
    map_channels(y, count, channels, false, [=](int c) { return BiasAddition{bias[c], rectifies}; }, y);
}
