import NeuralNetwork
import Tensors

/// The weights of a layer of models.json, made from their names.
public func fixtureWeights(ofLayer layer: JSON) -> [Tensor] {
    (layer["weights"]?.array ?? []).map { weight in
        hashUniform(
            weight["hash_key"]?.string ?? "", shape: Shape((weight["shape"]?.array ?? []).compactMap(\.integer)),
            weight["lo"]?.number ?? 0, weight["hi"]?.number ?? 0)
    }
}

/// Whether a layer's output matches its row of `layer_stats`: mean, deviation, smallest, largest, and four elements.
public struct LayerStatistics: CustomStringConvertible {
    public let layer: String
    public let values: [Double]
    public let expected: [Double]

    /// - Parameters:
    ///   - statistics: `[layers, 8]`, the layers without the input.
    public init(_ layer: String, _ output: Tensor, row: Int, of statistics: Tensor) {
        self.layer = layer
        let x = output.scalars.map(Double.init)
        let mean = x.reduce(0, +) / Double(x.count)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
        values = [
            mean, variance.squareRoot(), x.min() ?? .nan, x.max() ?? .nan, x[0], x[x.count / 3], x[x.count / 2],
            x[x.count - 1],
        ]
        expected = statistics[rows: row..<row + 1].scalars.map(Double.init)
    }

    public var isWithinTolerance: Bool {
        let range = expected[3] - expected[2]
        return zip(values, expected).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($1), range) }
    }

    public var description: String { "\(layer) is \(values), not \(expected)" }
}
