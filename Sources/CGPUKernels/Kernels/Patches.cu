// The patches of images under a window, side by side: so a convolution becomes a matrix product.

/// Row p of `patches` = what is under the window at position p: `kernelHeight * kernelWidth * channels` elements of the
/// channels from `firstChannel` on, and zeros for the padding.
KERNEL(unfold, Element *patches, const Element *x, GPUWindow window, int firstChannel, int channels) {
    const int kernel = window.kernelHeight * window.kernelWidth;
    const int positions = window.images * window.outputHeight * window.outputWidth;
    for_each(positions * kernel * channels, [&](int i) {
        // The kernel's positions are like the columns of an image that has one row for each position of the window.
        const Place part(i, 1, kernel, channels), output(part.image, window.outputHeight, window.outputWidth, 1);
        const int kernelRow = part.column / window.kernelWidth, kernelColumn = part.column % window.kernelWidth;
        const int row = output.row * window.strideHeight + kernelRow * window.dilationHeight - window.paddingTop;
        const int column =
            output.column * window.strideWidth + kernelColumn * window.dilationWidth - window.paddingLeft;
        const bool exists = row >= 0 && row < window.inputHeight && column >= 0 && column < window.inputWidth;
        const int channel = firstChannel + part.channel;
        store(patches, i, exists ? load(x, input_element(window, output.image, row, column, channel)) : 0);
    });
}

/// `dx (+)=` the sum of the elements of `patches` that `unfold` takes from the element. Other channels stay.
KERNEL(fold, Element *dx, const Element *patches, GPUWindow window, int firstChannel, int channels, int add) {
    const int kernel = window.kernelHeight * window.kernelWidth;
    for_each(window.images * window.inputHeight * window.inputWidth * channels, [&](int i) {
        const Place place(i, window.inputHeight, window.inputWidth, channels);
        const Range rows = rows_above(window, place.row), columns = columns_above(window, place.column);
        float sum = 0;
        for (int row = rows.first; row < rows.end; row++) {
            const int below = place.row + window.paddingTop - row * window.strideHeight;
            if (below % window.dilationHeight != 0) continue;
            for (int column = columns.first; column < columns.end; column++) {
                const int right = place.column + window.paddingLeft - column * window.strideWidth;
                if (right % window.dilationWidth != 0) continue;
                const int position = output_element(window, place.image, row, column, 0, 1);
                const int part = below / window.dilationHeight * window.kernelWidth + right / window.dilationWidth;
                sum += load(patches, (position * kernel + part) * channels + place.channel);
            }
        }
        put(dx, input_element(window, place.image, place.row, place.column, firstChannel + place.channel), sum, add);
    });
}
