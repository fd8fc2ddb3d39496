/// What a warp reads outside the image, as scipy's `ndimage` and Keras's `fill_mode` have it, for a row `abcd`.
public enum FillMode: Sendable, Equatable {
    /// `aaaa|abcd|dddd`
    case nearest
    /// The value everywhere outside; nothing is blended across the border.
    case constant(Float)
    /// `dcba|abcd|dcba`
    case reflect
    /// Repeats with scipy's period of n - 1: the last pixel and the first coincide.
    case wrap
}

/// Resamples `image` (height x width x channels, row major) into `result` of the same size, bilinearly.
///
/// The numbers are those of `scipy.ndimage.affine_transform` with order 1: coordinates in double precision.
public func warp(
    _ image: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, height: Int, width: Int, channels: Int,
    by transform: AffineTransform, fillMode: FillMode
) {
    if transform == .identity {
        result.update(from: image, count: height * width * channels)
        return
    }
    let rows = Axis(size: height, channels: channels * width, mode: fillMode)
    let columns = Axis(size: width, channels: channels, mode: fillMode)
    var output = result
    for row in 0..<height {
        let rowStart = transform.a * Double(row) + transform.c
        let columnStart = transform.d * Double(row) + transform.f
        for column in 0..<width {
            let y = rows.map(rowStart + transform.b * Double(column))
            let x = columns.map(columnStart + transform.e * Double(column))
            if let y, let x {
                let upper = image + y.near, lower = image + y.far
                let weight = (y.fraction, x.fraction)
                for channel in 0..<channels {
                    let top = upper[x.near + channel] + (upper[x.far + channel] - upper[x.near + channel]) * weight.1
                    let bottom = lower[x.near + channel] + (lower[x.far + channel] - lower[x.near + channel]) * weight.1
                    output[channel] = top + (bottom - top) * weight.0
                }
            } else if case .constant(let value) = fillMode {
                for channel in 0..<channels { output[channel] = value }
            }
            output += channels
        }
    }
}

/// One axis of an image: which two pixels a coordinate lies between.
private struct Axis {
    let last: Double
    let size: Int
    let stride: Int
    let mode: FillMode

    init(size: Int, channels stride: Int, mode: FillMode) {
        self.size = size
        self.stride = stride
        self.mode = mode
        last = Double(size - 1)
    }

    /// Offsets of the two pixels and how far the coordinate is on the way; `nil` where nothing of the image is read.
    @inline(__always)
    func map(_ coordinate: Double) -> (near: Int, far: Int, fraction: Float)? {
        var coordinate = coordinate
        if !(coordinate >= 0 && coordinate <= last) {
            guard let inside = fold(coordinate) else { return nil }
            coordinate = inside
        }
        let near = Int(coordinate)
        return (near * stride, min(near + 1, size - 1) * stride, Float(coordinate - Double(near)))
    }

    /// A coordinate inside the image for one outside it.
    private func fold(_ coordinate: Double) -> Double? {
        // A coordinate that is no number reads the first pixel: every pixel of the result is written.
        guard coordinate.isFinite else {
            if case .constant = mode { return nil }
            return 0
        }
        switch mode {
        case .constant: return nil
        case .nearest: return coordinate < 0 ? 0 : last
        case .reflect:
            // The mirrors stand half a pixel outside the border, so the period is 2 * size.
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
