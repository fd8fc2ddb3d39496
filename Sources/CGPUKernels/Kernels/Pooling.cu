// Windows that slide over images. A thread has one element of the result and reads whatever contributes to it, so that
// no two threads add to the same element. The few terms of a window are summed in float.

/// Numbers from the first up to the end.
struct Range {
    int first, end;
};

/// The rows or columns under window `i` without padding.
__device__ inline Range under_window(int i, int kernel, int stride, int padding, int length) {
    const int first = i * stride - padding;
    return {max(first, 0), min(first + kernel, length)};
}

/// The windows above a row or column.
__device__ inline Range windows_above(int position, int extent, int stride, int padding, int windows) {
    const int last = position + padding, first = last - extent + 1;
    return {first <= 0 ? 0 : (first + stride - 1) / stride, min(last / stride + 1, windows)};
}

__device__ inline Range rows_under(const GPUWindow &window, int row) {
    return under_window(row, window.kernelHeight, window.strideHeight, window.paddingTop, window.inputHeight);
}

__device__ inline Range columns_under(const GPUWindow &window, int column) {
    return under_window(column, window.kernelWidth, window.strideWidth, window.paddingLeft, window.inputWidth);
}

__device__ inline Range rows_above(const GPUWindow &window, int row) {
    const int extent = (window.kernelHeight - 1) * window.dilationHeight + 1;
    return windows_above(row, extent, window.strideHeight, window.paddingTop, window.outputHeight);
}

__device__ inline Range columns_above(const GPUWindow &window, int column) {
    const int extent = (window.kernelWidth - 1) * window.dilationWidth + 1;
    return windows_above(column, extent, window.strideWidth, window.paddingLeft, window.outputWidth);
}

/// Calls `body(i, place)` for every element of the output, or of the input.
template <typename Body>
__device__ void for_each_output(const GPUWindow &window, int channels, Body body) {
    for_each(window.images * window.outputHeight * window.outputWidth * channels, [&](int i) {
        body(i, Place(i, window.outputHeight, window.outputWidth, channels));
    });
}

template <typename Body>
__device__ void for_each_input(const GPUWindow &window, Body body) {
    for_each(window.images * window.inputHeight * window.inputWidth * window.channels, [&](int i) {
        body(i, Place(i, window.inputHeight, window.inputWidth, window.channels));
    });
}

/// The element of the input, or of an output, at a place.
__device__ inline int input_element(const GPUWindow &window, int image, int row, int column, int channel) {
    return ((image * window.inputHeight + row) * window.inputWidth + column) * window.channels + channel;
}

__device__ inline int output_element(const GPUWindow &window, int image, int row, int column, int channel,
                                     int channels) {
    return ((image * window.outputHeight + row) * window.outputWidth + column) * channels + channel;
}

/// `y` = the largest element of the window, the first of equals. `winners`, which may be null, says which it was: its
/// position in the image, `row * inputWidth + column`.
KERNEL(max_pool, Element *y, int *winners, const Element *x, GPUWindow window) {
    for_each_output(window, window.channels, [&](int i, Place place) {
        const Range rows = rows_under(window, place.row), columns = columns_under(window, place.column);
        int winner = rows.first * window.inputWidth + columns.first;
        float largest = load(x, input_element(window, place.image, rows.first, columns.first, place.channel));
        for (int row = rows.first; row < rows.end; row++) {
            for (int column = columns.first; column < columns.end; column++) {
                const float value = load(x, input_element(window, place.image, row, column, place.channel));
                if (value > largest) {
                    largest = value;
                    winner = row * window.inputWidth + column;
                }
            }
        }
        store(y, i, largest);
        if (winners) winners[i] = winner;
    });
}

/// `dx (+)=` the sum of dy over the windows that the element won.
KERNEL(max_pool_gradient, Element *dx, const Element *dy, const int *winners, GPUWindow window, int add) {
    for_each_input(window, [&](int i, Place place) {
        const Range rows = rows_above(window, place.row), columns = columns_above(window, place.column);
        const int position = place.row * window.inputWidth + place.column;
        float sum = 0;
        for (int row = rows.first; row < rows.end; row++) {
            for (int column = columns.first; column < columns.end; column++) {
                const int o = output_element(window, place.image, row, column, place.channel, window.channels);
                if (winners[o] == position) sum += load(dy, o);
            }
        }
        put(dx, i, sum, add);
    });
}

/// `y` = the mean of the window without padding.
KERNEL(average_pool, Element *y, const Element *x, GPUWindow window) {
    for_each_output(window, window.channels, [&](int i, Place place) {
        const Range rows = rows_under(window, place.row), columns = columns_under(window, place.column);
        float sum = 0;
        for (int row = rows.first; row < rows.end; row++) {
            for (int column = columns.first; column < columns.end; column++) {
                sum += load(x, input_element(window, place.image, row, column, place.channel));
            }
        }
        store(y, i, sum * (1 / float((rows.end - rows.first) * (columns.end - columns.first))));
    });
}

/// `dx (+)=` the sum of `dy / count` over the windows above the element, which have `count` elements.
KERNEL(average_pool_gradient, Element *dx, const Element *dy, GPUWindow window, int add) {
    for_each_input(window, [&](int i, Place place) {
        const Range rows = rows_above(window, place.row), columns = columns_above(window, place.column);
        float sum = 0;
        for (int row = rows.first; row < rows.end; row++) {
            const Range height = rows_under(window, row);
            for (int column = columns.first; column < columns.end; column++) {
                const Range width = columns_under(window, column);
                const float share = 1 / float((height.end - height.first) * (width.end - width.first));
                const int o = output_element(window, place.image, row, column, place.channel, window.channels);
                sum += share * load(dy, o);
            }
        }
        put(dx, i, sum, add);
    });
}

// MARK: - Whole images

/// `y` = the mean of each channel of image `blockIdx.y`.
BLOCK_KERNEL(global_average, 256, Element *y, const Element *x, int positions, int channels) {
    const int image = blockIdx.x;
    sum_columns<1>(blockIdx.y, image * positions, (image + 1) * positions, channels,
                   [=](int row, int c, double *sums) { sums[0] += load(x, row * channels + c); },
                   [=](int c, const double *sums) { store(y, image * channels + c, sums[0] / positions); });
}

/// `dx (+)= dy / positions`.
KERNEL(global_average_gradient, Element *dx, const Element *dy, int positions, int channels, int count, int add) {
    const unsigned sample = positions * channels;
    map(dx, count, add, [=](unsigned i) {
        return load(dy, i / sample * channels + i % channels) / float(positions);
    });
}

/// `y` = the largest element of each channel of an image. NaN beats all numbers.
KERNEL(global_max, Element *y, const Element *x, int positions, int channels, int images) {
    for_each(images * channels, [&](unsigned i) {
        const Element *first = x + i / channels * positions * channels + i % channels;
        float largest = load(first, 0);
        for (int position = 1; position < positions; position++) {
            const float value = load(first, position * channels);
            if (value > largest || isnan(value)) largest = value;
        }
        store(y, i, largest);
    });
}

/// `dx (+)= dy / winners` for the elements that are the largest, as many as there are, and 0 for others.
KERNEL(global_max_gradient, Element *dx, const Element *dy, const Element *x, const Element *y, int positions,
       int channels, int images, int add) {
    for_each(images * channels, [&](unsigned i) {
        const unsigned first = i / channels * positions * channels + i % channels;
        float winners = 0;
        for (int position = 0; position < positions; position++) {
            if (load(x, first + position * channels) == load(y, i)) winners++;
        }
        for (int position = 0; position < positions; position++) {
            const bool wins = load(x, first + position * channels) == load(y, i);
            put(dx, first + position * channels, wins ? load(dy, i) / winners : 0, add);
        }
    });
}

// MARK: - Depthwise convolution

/// The kernel's factor for an output channel. In memory, an element of the window has the factors of all output
/// channels side by side.
__device__ inline int factor(const GPUWindow &window, int row, int column, int channel, int channels) {
    return (row * window.kernelWidth + column) * channels + channel;
}

/// `y[c * multiplier + m]` = the sum of `kernel * x[c]` over the window.
KERNEL(depthwise, Element *y, const Element *x, const Element *kernel, GPUWindow window, int multiplier) {
    const int channels = window.channels * multiplier;
    for_each_output(window, channels, [&](int i, Place place) {
        const int top = place.row * window.strideHeight - window.paddingTop;
        const int left = place.column * window.strideWidth - window.paddingLeft;
        const int channel = unsigned(place.channel) / multiplier;
        float sum = 0;
        for (int kernelRow = 0; kernelRow < window.kernelHeight; kernelRow++) {
            const int row = top + kernelRow * window.dilationHeight;
            if (row < 0 || row >= window.inputHeight) continue;
            for (int kernelColumn = 0; kernelColumn < window.kernelWidth; kernelColumn++) {
                const int column = left + kernelColumn * window.dilationWidth;
                if (column < 0 || column >= window.inputWidth) continue;
                sum += load(kernel, factor(window, kernelRow, kernelColumn, place.channel, channels)) *
                       load(x, input_element(window, place.image, row, column, channel));
            }
        }
        store(y, i, sum);
    });
}

/// `dx[c] (+)=` the sum of `kernel * dy` over the windows above the element and over the outputs of its channel.
KERNEL(depthwise_gradient, Element *dx, const Element *dy, const Element *kernel, GPUWindow window, int multiplier,
       int add) {
    const int channels = window.channels * multiplier;
    for_each_input(window, [&](int i, Place place) {
        const Range rows = rows_above(window, place.row), columns = columns_above(window, place.column);
        float sum = 0;
        for (int row = rows.first; row < rows.end; row++) {
            const int below = place.row + window.paddingTop - row * window.strideHeight;
            // A window with holes may lie above an element without reading it.
            if (below % window.dilationHeight != 0) continue;
            const int kernelRow = below / window.dilationHeight;
            for (int column = columns.first; column < columns.end; column++) {
                const int right = place.column + window.paddingLeft - column * window.strideWidth;
                if (right % window.dilationWidth != 0) continue;
                const int kernelColumn = right / window.dilationWidth;
                for (int channel = place.channel * multiplier; channel < (place.channel + 1) * multiplier; channel++) {
                    sum += load(kernel, factor(window, kernelRow, kernelColumn, channel, channels)) *
                           load(dy, output_element(window, place.image, row, column, channel, channels));
                }
            }
        }
        put(dx, i, sum, add);
    });
}

/// `dkernel +=` the sum of `dy * x` over all positions of the window. A block has one element of the kernel.
BLOCK_KERNEL(depthwise_kernel_gradient, 256, float *dkernel, const Element *dy, const Element *x, GPUWindow window,
             int multiplier) {
    const int channels = window.channels * multiplier;
    // The kernel is an image of its own.
    const Place place(blockIdx.x, window.kernelHeight, window.kernelWidth, channels);
    const int top = place.row * window.dilationHeight - window.paddingTop;
    const int left = place.column * window.dilationWidth - window.paddingLeft;
    const unsigned positions = window.images * window.outputHeight * window.outputWidth;
    double sumOfThread = 0;
    for (unsigned position = threadIdx.x; position < positions; position += blockDim.x) {
        const Place output(position, window.outputHeight, window.outputWidth, 1);
        const int row = output.row * window.strideHeight + top, column = output.column * window.strideWidth + left;
        if (row < 0 || row >= window.inputHeight || column < 0 || column >= window.inputWidth) continue;
        sumOfThread += double(load(dy, position * channels + place.channel)) *
                       load(x, input_element(window, output.image, row, column, place.channel / multiplier));
    }
    const double sum = block_sum(sumOfThread);
    if (threadIdx.x == 0) dkernel[blockIdx.x] += float(sum);
}
