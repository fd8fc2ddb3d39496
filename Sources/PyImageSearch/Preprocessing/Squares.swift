import Imaging

/// Which square of a picture's shorter side: of a landscape the left, centre or right one, of a portrait the top,
/// centre or bottom one. Of a square picture they are all the same.
public enum SquarePosition: Sendable, CaseIterable {
    case first, center, last
}

extension Pixels {
    /// The square at `position`, scaled to `side`x`side` pixels; where that is more than it has, it is scaled up.
    ///
    /// It is what remains of the picture whose shorter side was scaled to `side`. Cut first, scaled then: so the work
    /// depends on the shorter side alone, and a picture of 5000x3 pixels does not become one of 426,667x256 on the way.
    public func square(_ position: SquarePosition, side: Int) -> Self {
        let (height, width) = (shape[0], shape[1])
        let shorter = min(height, width)
        let excess = max(height, width) - shorter
        let start =
            switch position {
            case .first: 0
            case .center: excess / 2
            case .last: excess
            }
        let (along, across) = (start..<start + shorter, 0..<shorter)
        return cropped(rows: height > width ? along : across, columns: height > width ? across : along)
            .resized(width: side, height: side, interpolation: side < shorter ? .area : .linear)
    }
}
