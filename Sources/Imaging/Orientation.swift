extension Image {
    /// This image turned and mirrored so that EXIF's `orientation` (1 to 8) becomes 1.
    func upright(from orientation: Int) -> Image {
        guard 2...8 ~= orientation else { return self }
        // From 5 on, rows were stored as columns.
        let isTurned = orientation >= 5
        let (rows, columns) = isTurned ? (width, height) : (height, width)
        let pixels = [UInt8](unsafeUninitializedCapacity: pixels.count) { target, count in
            for row in 0..<rows {
                for column in 0..<columns {
                    var (i, j) = isTurned ? (column, row) : (row, column)
                    if [3, 4, 6, 7].contains(orientation) { i = height - 1 - i }
                    if [2, 3, 7, 8].contains(orientation) { j = width - 1 - j }
                    for channel in 0..<3 {
                        target[count] = self.pixels[(i * width + j) * 3 + channel]
                        count += 1
                    }
                }
            }
        }
        return Image(height: rows, width: columns, pixels: pixels)
    }
}
