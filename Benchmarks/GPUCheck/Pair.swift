import ComputeGraph
import FixtureSupport
import NeuralNetwork
import Tensors

/// A network twice: on the backend that is checked, and on the one that it is compared with. Both begin with the same
/// weights and take the same steps.
struct Pair {
    let tested: Model
    let reference: Model
    private var lossDifferences: [Double] = []
    private var outputDifference: Difference?

    init(_ backend: any Backend, _ other: any Backend, _ build: () throws -> Model) throws {
        (tested, reference) = (try build(), try build())
        try tested.move(to: backend)
        try reference.move(to: other)
        try tested.setWeights(reference.weights())
    }

    /// Predicts on both.
    ///
    /// - Returns: the prediction of the reference.
    mutating func predict(_ x: Tensor) throws -> Tensor {
        let y = try reference.predict(x)
        outputDifference = Difference("output", try tested.predict(x), y, absolute: 1e-4, relative: 1e-4)
        return y
    }

    /// Takes a step on both.
    mutating func train(_ batch: Batch, step: Int) throws {
        let loss = try reference.trainOnBatch(batch, step: step), found = try tested.trainOnBatch(batch, step: step)
        lossDifferences.append(abs(found - loss) / max(1, abs(loss)))
    }

    /// The differences, and the largest of them over what is allowed.
    ///
    /// - Parameters:
    ///   - losses: how different a loss may be, relative to it if it is above 1.
    ///   - weights: how different the weights may be, relative to the largest of their tensor if that is above 1.
    ///   - outputs: the same of what was predicted.
    func result(losses: Double, weights: Double, outputs: Double = 1) throws -> [String: JSON] {
        var largest = 0.0, name = ""
        for (parameter, (found, expected)) in zip(
            tested.graph.parameters, zip(try tested.weights(), try reference.weights()))
        {
            let scale = max(Double(expected.scalars.map(abs).max() ?? 0), 1)
            let difference = Difference(parameter.name, found, expected, absolute: scale).ratio
            if difference > largest { (largest, name) = (difference, parameter.name) }
        }
        let loss = lossDifferences.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
        let output = (outputDifference?.ratio ?? 0) * 1e-4
        return [
            "loss_differences": .array(lossDifferences.map { .number($0) }), "weight_difference": .number(largest),
            "weight": .string(name), "output_difference": .number(output),
            "ratio": .number(max(loss / losses, largest / weights, output / outputs)),
        ]
    }
}
