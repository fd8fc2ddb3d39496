/// Where labels in a row begin, so that none covers another.
enum SideBySide {
    /// The left edges of labels, each as near to its center as its neighbors and the room allow.
    ///
    /// - Parameters:
    ///   - centers: in ascending order.
    ///   - distance: the least distance between two labels.
    /// - Returns: `nil` if the labels do not fit into the room.
    static func lefts(
        widths: [Double], centers: [Double], distance: Double, in room: ClosedRange<Double>
    ) -> [Double]? {
        // From left to right none begins too early, then from right to left none ends too late.
        var earliest = room.lowerBound
        var lefts = zip(widths, centers).map { width, center in
            let left = max(center - width / 2, earliest)
            earliest = left + width + distance
            return left
        }
        var latest = room.upperBound
        for index in lefts.indices.reversed() {
            lefts[index] = min(lefts[index], latest - widths[index])
            latest = lefts[index] - distance
        }
        return (lefts.first ?? room.lowerBound) < room.lowerBound ? nil : lefts
    }
}
