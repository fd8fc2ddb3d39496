import Imaging

/// The place of a square in a picture, along the longer side: left, center or right in a landscape; top, center or
/// bottom in a portrait. In a square picture all three are the same.
public enum SquarePosition: Sendable, CaseIterable {
    /// The left, center or right square; in a portrait the top, center or bottom one.
    case first, center, last
}

extension Pixels {
    /// The square at `position`, scaled to `side`x`side` pixels; scaled up if it has fewer.
    ///
    /// The result is a part of the picture whose shorter side is scaled to `side`. The square is cut out first and
    /// scaled then, so that the work depends on the shorter side only: a picture of 5000x3 pixels is never scaled to
    /// 426,667x256.
    ///
    /// - Parameters:
    ///   - position: of the square, along the longer side.
    ///   - side: height and width of the result, in pixels.
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
