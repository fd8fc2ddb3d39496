/// A point on the canvas; `y` grows downwards.
struct Point: Equatable {
    var x: Double
    var y: Double
}

struct Rectangle: Equatable {
    var left: Double
    var top: Double
    var width: Double
    var height: Double

    var right: Double { left + width }
    var bottom: Double { top + height }

    /// This rectangle grown by `margin` on every side.
    func grown(by margin: Double) -> Rectangle {
        Rectangle(left: left - margin, top: top - margin, width: width + 2 * margin, height: height + 2 * margin)
    }

    /// The smallest rectangle around this one and another.
    func union(_ other: Rectangle) -> Rectangle {
        let left = min(left, other.left), top = min(top, other.top)
        return Rectangle(
            left: left, top: top, width: max(right, other.right) - left, height: max(bottom, other.bottom) - top)
    }

    /// Whether both have a part in common that is not only a line.
    func overlaps(_ other: Rectangle) -> Bool {
        left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }

    func contains(_ point: Point) -> Bool {
        left...max(left, right) ~= point.x && top...max(top, bottom) ~= point.y
    }

    /// The length of the part inside of the straight line from `start` to `end` (Liang and Barsky's clipping).
    func lengthInside(from start: Point, to end: Point) -> Double {
        let dx = end.x - start.x, dy = end.y - start.y
        // Each pair of sides leaves an interval of the line's parameter. The part inside is in both intervals.
        var enter = 0.0, leave = 1.0
        for (origin, delta, low, high) in [(start.x, dx, left, right), (start.y, dy, top, bottom)] {
            if delta == 0 {
                guard low <= origin, origin <= high else { return 0 }
            } else {
                let one = (low - origin) / delta, other = (high - origin) / delta
                enter = max(enter, min(one, other))
                leave = min(leave, max(one, other))
            }
        }
        guard enter < leave else { return 0 }
        return (leave - enter) * (dx * dx + dy * dy).squareRoot()
    }
}
