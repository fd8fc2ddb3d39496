/// The places of a legend in the panel, in order of preference.
enum LegendPlacement: CaseIterable {
    case upperRight, upperLeft, lowerLeft, lowerRight, centerRight, centerLeft, lowerCenter, upperCenter, center

    /// The frame of a legend of this size in `panel`, `margin` away from the edges.
    func rectangle(width: Double, height: Double, in panel: Rectangle, margin: Double) -> Rectangle {
        let left = panel.left + margin, right = panel.right - margin - width
        let top = panel.top + margin, bottom = panel.bottom - margin - height
        let middle = (left + right) / 2, halfway = (top + bottom) / 2
        let (x, y) =
            switch self {
            case .upperRight: (right, top)
            case .upperLeft: (left, top)
            case .lowerLeft: (left, bottom)
            case .lowerRight: (right, bottom)
            case .centerRight: (right, halfway)
            case .centerLeft: (left, halfway)
            case .lowerCenter: (middle, bottom)
            case .upperCenter: (middle, top)
            case .center: (middle, halfway)
            }
        return Rectangle(left: x, top: y, width: width, height: height)
    }

    /// The frame that hides the shortest length of the `curves`. Each of the `marks` (dots) counts as `markLength`.
    static func best(
        width: Double, height: Double, in panel: Rectangle, margin: Double, curves: [[Point]], marks: [Point],
        markLength: Double
    ) -> Rectangle {
        var best = LegendPlacement.upperRight.rectangle(width: width, height: height, in: panel, margin: margin)
        var leastCovered = Double.infinity
        for placement in allCases {
            let candidate = placement.rectangle(width: width, height: height, in: panel, margin: margin)
            // A curve that almost touches the frame is as hard to read as one behind it.
            let guarded = candidate.grown(by: markLength / 2)
            var covered = Double(marks.count(where: guarded.contains)) * markLength
            for curve in curves {
                for (start, end) in zip(curve, curve.dropFirst()) {
                    covered += guarded.lengthInside(from: start, to: end)
                }
            }
            if covered < leastCovered { (best, leastCovered) = (candidate, covered) }
        }
        return best
    }
}
