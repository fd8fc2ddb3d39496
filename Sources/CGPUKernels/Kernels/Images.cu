// Images that are moved or enlarged, and the normalization across channels.

/// `y[i][j] (+)= x[i - top][j - left]` where that exists, else 0: zero padding, cropping, and the gradients of both.
KERNEL(move_image, Element *y, const Element *x, int images, int yHeight, int yWidth, int xHeight, int xWidth,
       int channels, int top, int left, int add) {
    for_each(images * yHeight * yWidth * channels, [&](int i) {
        const Place place(i, yHeight, yWidth, channels);
        const int row = place.row - top, column = place.column - left;
        const bool exists = row >= 0 && row < xHeight && column >= 0 && column < xWidth;
        const int source = ((place.image * xHeight + row) * xWidth + column) * channels + place.channel;
        put(y, i, exists ? load(x, source) : 0, add);
    });
}

// MARK: - Enlargement

/// The two positions along an axis that a position of the larger image lies between. The weight is that of the second.
struct Share {
    int first, second;
    float weight;

    __device__ Share(int position, int size, int length, int bilinear) {
        if (bilinear) {
            const double exact = (position + 0.5) / size - 0.5, below = floor(exact);
            first = max(int(below), 0);
            second = min(int(below) + 1, length - 1);
            weight = exact - below;
        } else {
            first = second = position / size;
            weight = 0;
        }
    }

    /// The part of a position of the smaller image.
    __device__ float of(int position) const {
        return (first == position ? 1 - weight : 0) + (second == position ? weight : 0);
    }
};

/// `y` = the sum over two rows and two columns of x, times their weights.
KERNEL(enlarge, Element *y, const Element *x, int images, int height, int width, int channels, int sizeHeight,
       int sizeWidth, int bilinear) {
    for_each(images * height * sizeHeight * width * sizeWidth * channels, [&](int i) {
        const Place place(i, height * sizeHeight, width * sizeWidth, channels);
        const Share rows(place.row, sizeHeight, height, bilinear), columns(place.column, sizeWidth, width, bilinear);
        float sum = 0;
        // A part without weight is not read: it may be infinite.
        auto add = [&](int row, int column, float weight) {
            if (weight == 0) return;
            sum += weight * load(x, ((place.image * height + row) * width + column) * channels + place.channel);
        };
        add(rows.first, columns.first, (1 - rows.weight) * (1 - columns.weight));
        add(rows.first, columns.second, (1 - rows.weight) * columns.weight);
        add(rows.second, columns.first, rows.weight * (1 - columns.weight));
        add(rows.second, columns.second, rows.weight * columns.weight);
        store(y, i, sum);
    });
}

/// `dx (+)=` the sum of dy over the pixels that the element is a part of, times its weight in each.
KERNEL(enlarge_gradient, Element *dx, const Element *dy, int images, int height, int width, int channels,
       int sizeHeight, int sizeWidth, int bilinear, int add) {
    for_each(images * height * width * channels, [&](int i) {
        const Place place(i, height, width, channels);
        // A neighbor's pixels may have a part of this one.
        const int reach = bilinear;
        const int endRow = min(place.row + 1 + reach, height) * sizeHeight;
        const int endColumn = min(place.column + 1 + reach, width) * sizeWidth;
        double sum = 0;
        for (int row = max(place.row - reach, 0) * sizeHeight; row < endRow; row++) {
            const float rowWeight = Share(row, sizeHeight, height, bilinear).of(place.row);
            if (rowWeight == 0) continue;
            const int start = (place.image * height * sizeHeight + row) * width * sizeWidth;
            for (int column = max(place.column - reach, 0) * sizeWidth; column < endColumn; column++) {
                const float weight = rowWeight * Share(column, sizeWidth, width, bilinear).of(place.column);
                if (weight != 0) sum += weight * load(dy, (start + column) * channels + place.channel);
            }
        }
        put(dx, i, sum, add);
    });
}

// MARK: - Local response normalization

/// One row of channels.
struct Response {
    const Element *x;
    int channels, radius;
    float bias, alpha;

    __device__ int first(int c) const { return max(c - radius, 0); }
    __device__ int last(int c) const { return min(c + radius, channels - 1); }

    /// `bias + alpha * sum of x^2` over the neighbors of a channel.
    __device__ float denominator(int c) const {
        float sum = 0;
        for (int n = first(c); n <= last(c); n++) sum += load(x, n) * load(x, n);
        return bias + alpha * sum;
    }
};

/// `y[c] = x[c] / d[c]^beta`, where `d[c] = bias + alpha * sum of x^2` over the channels `c - radius ... c + radius`.
KERNEL(response_normalize, Element *y, const Element *x, int channels, int count, int radius, float bias, float alpha,
       float beta) {
    for_each(count, [&](int i) {
        const int c = unsigned(i) % channels;
        const Response row{x + i - c, channels, radius, bias, alpha};
        store(y, i, load(x, i) * powf(row.denominator(c), -beta));
    });
}

/// `dx[c] (+)= dy[c] / d[c]^beta - 2 alpha beta x[c] * sum of dy[n] * y[n] / d[n]` over the neighbors n. The quotient
/// `y / d` comes from x, because y is rounded.
KERNEL(response_gradient, Element *dx, const Element *dy, const Element *x, int channels, int count, int radius,
       float bias, float alpha, float beta, int add) {
    for_each(count, [&](int i) {
        const int c = unsigned(i) % channels, start = i - c;
        const Response row{x + start, channels, radius, bias, alpha};
        float sum = 0;
        for (int n = row.first(c); n <= row.last(c); n++) {
            const float d = row.denominator(n);
            sum += load(dy, start + n) * (load(x, start + n) * powf(d, -beta)) / d;
        }
        put(dx, i, load(dy, i) * powf(row.denominator(c), -beta) - 2 * alpha * beta * load(x, i) * sum, add);
    });
}
