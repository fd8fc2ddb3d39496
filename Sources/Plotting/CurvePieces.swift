extension LineChart.Series {
    /// The unbroken pieces of the curve, which ends wherever a coordinate is not finite. Of a scattered series, each point
    /// is a piece.
    var pieces: [[Point]] {
        var pieces: [[Point]] = []
        var piece: [Point] = []
        for (x, y) in zip(x, y) {
            if x.isFinite, y.isFinite {
                piece.append(Point(x: x, y: y))
                guard isScattered else { continue }
            }
            if !piece.isEmpty {
                pieces.append(piece)
                piece = []
            }
        }
        if !piece.isEmpty { pieces.append(piece) }
        return pieces
    }
}
