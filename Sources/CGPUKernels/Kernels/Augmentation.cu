// Images that come as bytes: what `ByteConversion`, `warp` and `ImageDataGenerator` make of them on the processor, with
// the same bits. So every operation that a compiler may contract with the next one is written as a function.

/// The two pixels that a coordinate along an axis lies between. The fraction is the weight of the second.
struct PixelPair {
    int near, far;
    float fraction;
    /// Whether the image is read there.
    bool exists;
};

/// A coordinate of the image along a row of the result, in units of 2^-32 pixels.
struct FixedPointLine {
    bool exists;
    long long start, slope;

    /// Numbers that are too large give none.
    __device__ FixedPointLine(double exactStart, double exactSlope, int count) : start(0), slope(0) {
        const double limit = 0x1p30, one = 0x1p32;
        exists = fabs(exactStart) < limit && __dmul_rn(fabs(exactSlope), count) < limit;
        if (!exists) return;
        start = static_cast<long long>(round(exactStart * one));
        slope = static_cast<long long>(round(exactSlope * one));
    }

    __device__ long long operator[](int column) const { return start + slope * column; }

    /// Whether the coordinate of a column, of `count`, is safely between the first and the last of `size` pixels.
    __device__ bool isInside(int column, int count, int size) const {
        const long long place = (*this)[column], last = ((size - 1LL) << 32) - count;
        return (slope == 0 ? place > count : place >= count) && place < last;
    }

    /// The pixels around a column's coordinate, which is moved into the image. Without interpolation, it is that of the
    /// nearest pixel.
    __device__ PixelPair pixels(int column, int size, bool isInterpolated) const {
        const long long exact = (*this)[column];
        const long long moved = isInterpolated ? exact : (exact + (1LL << 31)) & (-1LL << 32);
        const long long place = max(0LL, min(moved, (size - 1LL) << 32));
        const int near = static_cast<int>(place >> 32);
        return {near, min(near + 1, size - 1), (static_cast<unsigned>(place) >> 8) * 0x1p-24f, true};
    }
};

/// The coordinate inside the image that replaces one outside; negative if there is none.
__device__ inline double folded(double coordinate, int size, int outside) {
    const double last = size - 1;
    if (!isfinite(coordinate)) return outside == GPU_OUTSIDE_CONSTANT ? -1 : 0;
    if (outside == GPU_OUTSIDE_CONSTANT) return -1;
    if (outside == GPU_OUTSIDE_NEAREST) return coordinate < 0 ? 0 : last;
    double inside;
    if (outside == GPU_OUTSIDE_REFLECT) {
        const double period = 2.0 * size;
        inside = fmod(coordinate + 0.5, period);
        if (inside < 0) inside += period;
        if (inside >= size) inside = period - inside;
        inside -= 0.5;
    } else if (last > 0) {
        const double periods = coordinate < 0 ? trunc(-coordinate / last) + 1 : -trunc(coordinate / last);
        inside = __dadd_rn(coordinate, __dmul_rn(last, periods));
    } else {
        return 0;
    }
    inside = inside > 0 ? inside : 0;
    return inside < last ? inside : last;
}

/// The pixels around any coordinate; without interpolation, around that of the nearest pixel.
__device__ inline PixelPair pixels_around(double coordinate, int size, int outside, bool isInterpolated) {
    if (!(coordinate >= 0 && coordinate <= size - 1)) {
        coordinate = folded(coordinate, size, outside);
        if (coordinate < 0) return {0, 0, 0, false};
    }
    if (!isInterpolated) coordinate = floor(coordinate + 0.5);
    const int near = static_cast<int>(coordinate);
    return {near, min(near + 1, size - 1), static_cast<float>(coordinate - near), true};
}

__device__ inline float blended(float a, float b, float fraction) {
    return __fadd_rn(a, __fmul_rn(__fsub_rn(b, a), fraction));
}

/// `y` = the images' floats. Offsets and divisors have a step of 1 between values of an image, or of 0 if one number is
/// for all.
KERNEL(augment, Element *y, const GPUImageChange *changes, const unsigned char *bytes, const float *offsets,
       int offsetStep, const float *divisors, int divisorStep, int images, int height, int width, int channels,
       int outside, float constant, int isInterpolated) {
    for_each(images * height * width, [&](int pixel) {
        const Place place(pixel, height, width, 1);
        const GPUImageChange &change = changes[place.image];
        const unsigned char *image = bytes + place.image * height * width * channels;
        if (place.row >= change.erasedRows[0] && place.row < change.erasedRows[1] &&
            place.column >= change.erasedColumns[0] && place.column < change.erasedColumns[1]) {
            for (int c = 0; c < channels; c++) store(y, pixel * channels + c, 0.0f);
            return;
        }
        // The value of channel 0 at a row and a column of the image.
        auto at = [&](int row, int column) { return (row * width + column) * channels; };
        auto value = [&](int i) {
            return __fdiv_rn(__fsub_rn(image[i], offsets[i * offsetStep]), divisors[i * divisorStep]);
        };
        // The pixel of the warped image.
        const int row = change.isUpsideDown ? height - 1 - place.row : place.row;
        const int column = change.isMirrored ? width - 1 - place.column : place.column;
        if (!change.isWarped) {
            for (int c = 0; c < channels; c++) store(y, pixel * channels + c, value(at(row, column) + c));
            return;
        }
        const double rowStart = __dadd_rn(__dmul_rn(change.row[0], row), change.row[2]);
        const double columnStart = __dadd_rn(__dmul_rn(change.column[0], row), change.column[2]);
        const FixedPointLine rows(rowStart, change.row[1], width), columns(columnStart, change.column[1], width);
        const bool isQuick = rows.exists && columns.exists &&
            (outside == GPU_OUTSIDE_NEAREST ||
             (rows.isInside(column, width, height) && columns.isInside(column, width, width)));
        PixelPair v, h;
        if (isQuick) {
            v = rows.pixels(column, height, isInterpolated);
            h = columns.pixels(column, width, isInterpolated);
        } else {
            v = pixels_around(
                __dadd_rn(rowStart, __dmul_rn(change.row[1], column)), height, outside, isInterpolated);
            h = pixels_around(
                __dadd_rn(columnStart, __dmul_rn(change.column[1], column)), width, outside, isInterpolated);
        }
        const bool exists = v.exists && h.exists;
        for (int c = 0; c < channels; c++) {
            float result = constant;
            if (exists) {
                const float top = blended(value(at(v.near, h.near) + c), value(at(v.near, h.far) + c), h.fraction);
                const float bottom = blended(value(at(v.far, h.near) + c), value(at(v.far, h.far) + c), h.fraction);
                result = blended(top, bottom, v.fraction);
            }
            store(y, pixel * channels + c, result);
        }
    });
}
