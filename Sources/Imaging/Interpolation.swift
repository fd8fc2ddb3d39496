/// How a resized image's pixels come from the old ones; the names and the numbers are OpenCV's.
public enum Interpolation: String, Sendable, CaseIterable {
    /// The old pixel that the upper left corner falls into.
    case nearest
    /// Between the two old pixels next to the new one's centre, along each axis; others have no say.
    case linear
    /// The mean of what the new pixel covers. Where a side grows there is nothing to average: nearly ``linear``.
    case area
}

/// How many pixels of the old axis one of the new takes, rounded as OpenCV does: where a place is meant to be whole,
/// that decides which pixel it is in.
func scale(from old: Int, to new: Int) -> Double { 1 / (Double(new) / Double(old)) }

/// Which two pixels of an axis a pixel of the new one lies between, and how far on the way from `near` to `far`.
struct LinearTap {
    var near: Int
    var far: Int
    var fraction: Float

    /// - Parameters:
    ///   - holdsEnds: outside the first and the last pixel's centres the fraction is zero. It is for columns, but
    ///     not for rows, in OpenCV: the pixel is the same one twice, yet 8-bit weights round differently.
    ///   - isExact: places are in double precision; OpenCV has them so for floats, and in single precision for bytes.
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

/// What part a pixel of an axis has in a pixel of a shorter one.
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
            // Less than a thousandth of a pixel is left out.
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
