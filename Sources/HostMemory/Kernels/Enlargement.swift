import ComputeGraph
import Tensors

/// An image several times as large. A pixel of the output is a weighted sum of two rows times two columns of the input.
public struct Enlargement: HostKernel {
    private let input: Shape, output: Shape
    private let rows: [Share], columns: [Share]
    /// The number of samples.
    public let units: Int
    public let grain = 1

    /// The two positions along an axis that an output position lies between. The weight is that of the second one.
    private struct Share {
        let first, second: Int
        let weight: Float
    }

    /// - Parameters:
    ///   - input: the shape of a batch.
    ///   - output: the shape of a batch.
    public init(_ size: Size2D, _ kind: UpSampling, _ input: Shape, _ output: Shape) {
        self.input = input
        self.output = output
        rows = Self.shares(input[1], times: size.height, kind)
        columns = Self.shares(input[2], times: size.width, kind)
        units = input[0]
    }

    private static func shares(_ length: Int, times size: Int, _ kind: UpSampling) -> [Share] {
        (0..<length * size).map { i in
            switch kind {
            case .nearest: return Share(first: i / size, second: i / size, weight: 0)
            case .bilinear:
                let position = (Double(i) + 0.5) / Double(size) - 0.5
                let first = Int(position.rounded(.down))
                return Share(
                    first: max(first, 0), second: min(first + 1, length - 1), weight: Float(position - Double(first)))
            }
        }
    }

    public func forward(_ values: HostValues, units: Range<Int>) {
        let channels = input[3], x = values.inputs[0]
        values.output.advanced(by: units.lowerBound * output.sample.count)
            .update(repeating: 0, count: units.count * output.sample.count)
        forEachShare(units) { inside, outside, weight in
            let y = values.output + outside, x = x + inside
            for c in 0..<channels { y[c] += weight * x[c] }
        }
    }

    public func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        guard let inputGradient = gradients.inputs[0] else { return }
        let channels = input[3]
        forEachShare(units) { inside, outside, weight in
            let dy = gradients.output + outside, dx = inputGradient + inside
            for c in 0..<channels { dx[c] += weight * dy[c] }
        }
    }

    /// Calls `body` with the offset of every pixel of the input that is a part of one of the output, that pixel's offset,
    /// and the weight of the part.
    private func forEachShare(
        _ images: Range<Int>, _ body: (_ inside: Int, _ outside: Int, _ weight: Float) -> Void
    ) {
        let channels = input[3]
        for image in images {
            for (i, row) in rows.enumerated() {
                for (y, rowWeight) in [(row.first, 1 - row.weight), (row.second, row.weight)] where rowWeight != 0 {
                    let inside = (image * input[1] + y) * input[2]
                    let outside = (image * output[1] + i) * output[2]
                    for (j, column) in columns.enumerated() {
                        body(
                            (inside + column.first) * channels, (outside + j) * channels,
                            rowWeight * (1 - column.weight))
                        if column.weight != 0 {
                            body(
                                (inside + column.second) * channels, (outside + j) * channels, rowWeight * column.weight
                            )
                        }
                    }
                }
            }
        }
    }
}
