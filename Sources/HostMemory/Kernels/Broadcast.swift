import Tensors

/// An operand that is repeated along some axes to have the shape of a larger one.
struct Broadcast {
    /// The number of elements of the operand.
    let count: Int
    private let channels: Int
    /// For each row of channels of the larger shape, the element of the operand where its row begins.
    private let rows: [Int]
    /// From one channel to the next: 0 for an operand with one channel.
    private let step: Int

    init(_ operand: Shape, to shape: Shape) {
        let missing = shape.rank - operand.rank
        let lengths = [Int](repeating: 1, count: missing) + operand.dimensions
        let last = shape.rank - 1
        count = operand.count
        channels = shape[last]
        step = lengths[last] == 1 ? 0 : 1
        var rows = [0]
        for axis in 0..<last {
            let size = lengths[(axis + 1)...].reduce(1, *)
            let step = lengths[axis] == 1 ? 0 : size
            rows = rows.flatMap { start in (0..<shape[axis]).map { start + $0 * step } }
        }
        self.rows = rows
    }

    /// Calls `body` with every element of the larger shape and the operand's element that belongs to it.
    @inline(__always)
    func forEach(_ body: (_ element: Int, _ operand: Int) -> Void) {
        rows.withUnsafeBufferPointer { rows in
            for row in rows.indices {
                let first = row * channels, operand = rows[row]
                for channel in 0..<channels { body(first + channel, operand + channel * step) }
            }
        }
    }
}
