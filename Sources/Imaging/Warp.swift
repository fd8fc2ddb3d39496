/// The values that a warp reads outside the image, as in scipy's `ndimage` and Keras's `fill_mode`. The examples extend a
/// row `abcd`.
public enum FillMode: Sendable, Equatable {
    /// `aaaa|abcd|dddd`
    case nearest
    /// The given value everywhere outside. Pixels are not blended across the border.
    case constant(Float)
    /// `dcba|abcd|dcba`
    case reflect
    /// The image repeated with scipy's period of n - 1, in which the last pixel and the first coincide.
    case wrap
}

/// What a warp reads between pixels: scipy's `order`, the degree of a spline.
public enum SplineOrder: Int, Sendable {
    /// The nearest pixel.
    case nearest = 0
    /// A mean of the four pixels around, the nearer the more: bilinear interpolation.
    case linear = 1
}

/// Resamples `image` (height x width x channels, row major) into `result` of the same size.
///
/// The results are those of `scipy.ndimage.affine_transform` with this order, in single precision.
public func warp(
    _ image: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int,
    by transform: AffineTransform, fillMode: FillMode, order: SplineOrder = .linear
) {
    if transform == .identity {
        result.update(from: image, count: height * width * channels)
        return
    }
    let rows = Axis(size: height, channels: channels * width, mode: fillMode, order: order)
    let columns = Axis(size: width, channels: channels, mode: fillMode, order: order)
    for row in 0..<height {
        let output = result + row * width * channels
        let rowStart = transform.a * Double(row) + transform.c
        let columnStart = transform.d * Double(row) + transform.f

        // Most of a row reads inside the image and needs no checks. With `nearest`, all of it does after clamping.
        var quick = 0..<0
        if let y = FixedPointLine(start: rowStart, slope: transform.b, count: width),
            let x = FixedPointLine(start: columnStart, slope: transform.e, count: width)
        {
            quick =
                fillMode == .nearest
                ? 0..<width : y.inside(height, of: width).clamped(to: x.inside(width, of: width))
            // The loop is compiled for each case. The nearest pixel may be the last one, which has no neighbor.
            if order == .nearest {
                blend(quick, of: image, into: output, y, x, rows, columns, clamps: true, rounds: true)
            } else if fillMode == .nearest {
                blend(quick, of: image, into: output, y, x, rows, columns, clamps: true, rounds: false)
            } else {
                blend(quick, of: image, into: output, y, x, rows, columns, clamps: false, rounds: false)
            }
        }

        for column in 0..<width where !quick.contains(column) {
            let output = output + column * channels
            let y = rows.map(rowStart + transform.b * Double(column))
            let x = columns.map(columnStart + transform.e * Double(column))
            if let y, let x {
                let upper = image + y.near, lower = image + y.far
                for channel in 0..<channels {
                    let top = upper[x.near + channel] + (upper[x.far + channel] - upper[x.near + channel]) * x.fraction
                    let bottom =
                        lower[x.near + channel] + (lower[x.far + channel] - lower[x.near + channel]) * x.fraction
                    output[channel] = top + (bottom - top) * y.fraction
                }
            } else if case .constant(let value) = fillMode {
                for channel in 0..<channels { output[channel] = value }
            }
        }
    }
}

/// Coordinates along a row of the output in units of 2^-32 pixels. Whole numbers need no checks or conversions, and a
/// straight line is inside if both ends are.
private struct FixedPointLine {
    static let one = 0x1p32
    let start: Int
    let slope: Int

    /// The nearest pixel; of two, the second.
    static func rounded(_ place: Int) -> Int { (place &+ 1 << 31) & (-1 << 32) }

    /// Nil if the numbers are too large.
    init?(start: Double, slope: Double, count: Int) {
        let limit = 0x1p30
        guard abs(start) < limit, abs(slope) * Double(count) < limit else { return nil }
        self.start = Int((start * Self.one).rounded())
        self.slope = Int((slope * Self.one).rounded())
    }

    /// The columns, out of `count`, whose coordinates are safely between the first and last of `size` pixels.
    func inside(_ size: Int, of count: Int) -> Range<Int> {
        // A slope is wrong by at most half a unit, so a coordinate by at most half a unit per column.
        let margin = count
        let last = ((size - 1) << 32) - margin
        func divided(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((b - 1 - a) / b) }  // rounded down
        guard slope != 0 else { return start > margin && start < last ? 0..<count : 0..<0 }
        // margin <= start + slope * column <= last - 1
        let (low, high) = slope > 0 ? (margin - start, last - 1 - start) : (start - last + 1, start - margin)
        let first = divided(low + abs(slope) - 1, abs(slope)), end = divided(high, abs(slope)) + 1
        return first < end ? (first..<end).clamped(to: 0..<count) : 0..<0
    }
}

/// Fills the columns of one row. Without `clamps`, all four neighbors of every pixel must be inside the image. `rounds`
/// takes the nearest pixel: a mean in which it has all the weight.
@inline(__always)
private func blend(
    _ range: Range<Int>, of image: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
    _ y: FixedPointLine, _ x: FixedPointLine, _ rows: Axis, _ columns: Axis, clamps: Bool,
    rounds: Bool
) {
    let channels = columns.stride, rowStride = rows.stride
    let lastRow = (rows.size - 1) << 32, lastColumn = (columns.size - 1) << 32
    @inline(__always) func fill(channels: Int) {
        for column in range {
            var row = y.start &+ y.slope &* column, place = x.start &+ x.slope &* column
            if rounds {
                row = FixedPointLine.rounded(row)
                place = FixedPointLine.rounded(place)
            }
            if clamps {
                row = max(0, min(row, lastRow))
                place = max(0, min(place, lastColumn))
            }
            let upper = image + ((row >> 32) &* rowStride &+ (place >> 32) &* channels)
            let lower = upper + (clamps && row == lastRow ? 0 : rowStride)
            let right = clamps && place == lastColumn ? 0 : channels
            let rowFraction = Float(UInt32(truncatingIfNeeded: row) >> 8) * 0x1p-24
            let columnFraction = Float(UInt32(truncatingIfNeeded: place) >> 8) * 0x1p-24
            let pixel = output + column &* channels
            for channel in 0..<channels {
                let top = upper[channel] + (upper[channel &+ right] - upper[channel]) * columnFraction
                let bottom = lower[channel] + (lower[channel &+ right] - lower[channel]) * columnFraction
                pixel[channel] = top + (bottom - top) * rowFraction
            }
        }
    }
    // Three channels, the usual case, are unrolled.
    if channels == 3 { fill(channels: 3) } else { fill(channels: channels) }
}

/// One axis of an image, which finds the two pixels around a coordinate.
private struct Axis {
    let last: Double
    let size: Int
    let stride: Int
    let mode: FillMode
    let order: SplineOrder

    init(size: Int, channels stride: Int, mode: FillMode, order: SplineOrder) {
        self.size = size
        self.stride = stride
        self.mode = mode
        self.order = order
        last = Double(size - 1)
    }

    /// The offsets of the two pixels and the fraction between them; `nil` if the image is not read there.
    @inline(__always)
    func map(_ coordinate: Double) -> (near: Int, far: Int, fraction: Float)? {
        var coordinate = coordinate
        if !(coordinate >= 0 && coordinate <= last) {
            guard let inside = fold(coordinate) else { return nil }
            coordinate = inside
        }
        if order == .nearest { coordinate = (coordinate + 0.5).rounded(.down) }
        let near = Int(coordinate)
        return (near * stride, min(near + 1, size - 1) * stride, Float(coordinate - Double(near)))
    }

    /// The coordinate inside the image that replaces one outside.
    private func fold(_ coordinate: Double) -> Double? {
        // Every pixel of the result must be written, so a coordinate that is not a number reads the first pixel.
        guard coordinate.isFinite else {
            if case .constant = mode { return nil }
            return 0
        }
        switch mode {
        case .constant: return nil
        case .nearest: return coordinate < 0 ? 0 : last
        case .reflect:
            // The mirrors are half a pixel outside the outer centers, so the period is 2 * size.
            let period = 2 * Double(size)
            var folded = (coordinate + 0.5).truncatingRemainder(dividingBy: period)
            if folded < 0 { folded += period }
            if folded >= Double(size) { folded = period - folded }
            return min(max(folded - 0.5, 0), last)
        case .wrap:
            guard last > 0 else { return 0 }
            let wrapped =
                coordinate < 0
                ? coordinate + last * ((-coordinate / last).rounded(.towardZero) + 1)
                : coordinate - last * (coordinate / last).rounded(.towardZero)
            return min(max(wrapped, 0), last)
        }
    }
}
