/// The way in which a resized image's pixels follow from the old ones. Names are OpenCV's, and results too, but for
/// ``nearestExact``.
public enum Interpolation: String, Sendable, CaseIterable {
    /// The old pixel under the new pixel's upper left corner.
    case nearest
    /// The old pixel under the new pixel's center: Pillow's `NEAREST`, which Keras's `load_img` uses. If the center lies on
    /// the edge of two pixels, Pillow's rounding decides.
    case nearestExact
    /// A blend of the two old pixels next to the new pixel's center, along each axis.
    case linear
    /// The mean of the area that the new pixel covers. If a side grows, nearly ``linear``.
    case area
}

/// The number of old pixels per new pixel along an axis, rounded as OpenCV does. If a position falls on a pixel's edge,
/// this rounding decides which pixel it is in.
func scale(from old: Int, to new: Int) -> Double { 1 / (Double(new) / Double(old)) }

/// The two old pixels of an axis between which a new pixel is, and its fraction of the way from `near` to `far`.
struct LinearTap {
    var near: Int
    var far: Int
    var fraction: Float

    /// - Parameters:
    ///   - holdsEnds: whether the fraction is zero outside the first and last pixel's centers. OpenCV does so for
    ///     columns but not for rows. Both pixels are then the same, but 8-bit weights round differently.
    ///   - isExact: whether positions have double precision, as in OpenCV for floats. For bytes they have single
    ///     precision.
    static func axis(
        from old: Int, to new: Int, interpolation: Interpolation, holdsEnds: Bool, isExact: Bool
    ) -> [LinearTap] {
        let scale = Imaging.scale(from: old, to: new)
        return (0..<new).map { index in
            var near: Int
            var fraction: Float
            if interpolation == .area {
                near = Int((Double(index) * scale).rounded(.down))
                fraction = Float(Double(index + 1) - Double(near + 1) * (Double(new) / Double(old)))
                fraction = fraction <= 0 ? 0 : fraction - fraction.rounded(.down)
            } else {
                let exact = (Double(index) + 0.5) * scale - 0.5
                let place = isExact ? exact : Double(Float(exact))
                near = Int(place.rounded(.down))
                fraction = Float(place - place.rounded(.down))
            }
            if holdsEnds && (near < 0 || near >= old - 1) { fraction = 0 }
            return LinearTap(
                near: min(max(near, 0), old - 1), far: min(max(near + 1, 0), old - 1), fraction: fraction)
        }
    }
}

/// The weight of an old pixel of an axis in a pixel of a shorter axis.
struct AreaShare {
    var old: Int
    var new: Int
    var weight: Float

    /// All shares, in the order of both axes. The weights of each new pixel add up to 1.
    static func axis(from old: Int, to new: Int) -> [AreaShare] {
        let scale = Imaging.scale(from: old, to: new)
        var shares: [AreaShare] = []
        for index in 0..<new {
            let start = Double(index) * scale
            let end = start + scale
            let covered = min(scale, Double(old) - start)
            let lastWhole = min(Int(end.rounded(.down)), old - 1)
            let firstWhole = min(Int(start.rounded(.up)), lastWhole)
            // OpenCV ignores less than a thousandth of a pixel.
            if Double(firstWhole) - start > 1e-3 {
                let weight = Float((Double(firstWhole) - start) / covered)
                shares.append(AreaShare(old: firstWhole - 1, new: index, weight: weight))
            }
            for whole in firstWhole..<lastWhole {
                shares.append(AreaShare(old: whole, new: index, weight: Float(1 / covered)))
            }
            if end - Double(lastWhole) > 1e-3 {
                let weight = Float(min(min(end - Double(lastWhole), 1), covered) / covered)
                shares.append(AreaShare(old: lastWhole, new: index, weight: weight))
            }
        }
        return shares
    }
}
