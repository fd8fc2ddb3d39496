import ComputeGraph
import Tensors

/// Where numbers stopped being finite. What is looked at first is named first: the data, outputs, weights, gradients.
public enum Anomaly: Sendable, Equatable {
    /// The data: the first sample of the batch, counted from 0, that is not finite.
    case input(String, sample: Int)
    /// What an output is to learn, as ``input(_:sample:)``.
    case target(ofOutput: String, sample: Int)
    /// The first layer, in the order of the graph, whose output is not finite, and those of its weights that are not.
    case output(ofLayer: String, weights: [String])
    /// All outputs are finite, but not this weight, `conv2d/kernel`.
    case weight(String)
    /// Outputs and weights are finite, but not the gradient of this weight: the first that the way back comes to.
    case gradient(ofWeight: String)
    /// Only the loss itself is not finite.
    case loss

    /// The sample of the batch, where it is the data that are not finite.
    var sample: Int? {
        switch self {
        case .input(_, let sample), .target(_, let sample): sample
        default: nil
        }
    }

    /// In words, with the place of the sample in the data set where `batch` knows it.
    func description(in batch: Batch) -> String {
        guard let sample, let rows = batch.rows, rows.indices.contains(sample) else { return description }
        return "\(self) (row \(rows[sample]) of the data, counted from 0)"
    }
}

extension Anomaly: CustomStringConvertible {
    public var description: String {
        switch self {
        case .input(let name, let sample):
            "the data are not finite: sample \(sample + 1) of the batch, at the input \"\(name)\""
        case .target(let output, let sample):
            "the targets are not finite: sample \(sample + 1) of the batch, for the output \"\(output)\""
        case .output(let layer, let weights):
            "the first layer whose output is not finite is \"\(layer)\""
                + (weights.isEmpty ? "" : ", and neither is its \(weights.joined(separator: ", "))")
        case .weight(let name): "the weight \"\(name)\" is not finite"
        case .gradient(let name): "the gradient of \"\(name)\" is not finite, while every layer's output is"
        case .loss: "every layer's output and weight is finite: it is the loss itself that is too large"
        }
    }
}

extension Model {
    /// What is wrong in `batch` or on its way through the network; `nil` where the data are finite and no more is asked
    /// for by ``detectsAnomalies``.
    ///
    /// - Parameter dropout: the random numbers of the training step; `nil` looks at inference instead.
    func anomaly(in batch: Batch, dropout: RandomStream?) throws -> Anomaly? {
        if let anomaly = dataAnomaly(in: batch) { return anomaly }
        return detectsAnomalies ? try networkAnomaly(in: batch, dropout: dropout) : nil
    }

    /// The first sample of `batch` that is not finite.
    func dataAnomaly(in batch: Batch) -> Anomaly? {
        for (name, input) in zip(inputNames, batch.inputs) {
            if let sample = input.firstRowThatIsNotFinite { return .input(name, sample: sample) }
        }
        for (name, target) in zip(outputNames, batch.targets) {
            if let sample = target.firstRowThatIsNotFinite { return .target(ofOutput: name, sample: sample) }
        }
        return nil
    }

    /// Where numbers go wrong as `batch`, which is finite, passes through the network.
    func networkAnomaly(in batch: Batch, dropout: RandomStream?) throws -> Anomaly {
        let storage = try parameters()
        // Before the batch passes again, for on its way it moves the statistics of normalizations.
        let isFinite = graph.parameters.indices.map(storage.isWeightFinite)
        if let layer = try firstLayerThatIsNotFinite(batch, dropout: dropout) {
            // The moving statistics of a training step are its result, not its cause.
            let weights = zip(parameterIndices(of: layer), layer.weights).filter { index, weight in
                !isFinite[index] && (weight.isTrainable || dropout == nil)
            }
            return .output(ofLayer: layer.name, weights: weights.map(\.1.name))
        }
        if let index = isFinite.firstIndex(of: false) { return .weight(graph.parameters[index].name) }
        // Gradients come from the outputs: the last layer has the first.
        if dropout != nil, let index = graph.parameters.indices.last(where: { !storage.isGradientFinite($0) }) {
            return .gradient(ofWeight: graph.parameters[index].name)
        }
        return .loss
    }

    /// The batch passes through the network again, with a look at every layer.
    ///
    /// A few nodes at a time: a plan that keeps the outputs of all needs several times the memory of training.
    private func firstLayerThatIsNotFinite(_ batch: Batch, dropout: RandomStream?) throws -> PlacedLayer? {
        let atATime = 8
        let nodes = graph.nodes.indices.filter { graph.nodes[$0].operation != .input }
        for first in stride(from: 0, to: nodes.count, by: atATime) {
            let looked = Array(nodes[first..<min(first + atATime, nodes.count)])
            let plan = try passingPlan(
                batchSize: batch.count,
                mode: dropout == nil
                    ? .inference(outputs: looked) : .training(outputs: looked, inputGradients: false))
            let outputs = try plan.forward(batch.inputs, dropout: dropout)
            if let index = outputs.firstIndex(where: { !$0.isFinite }) {
                return layers.first { $0.outputNode >= looked[index] }
            }
        }
        return nil
    }

    /// The first weight that holds an infinity or a NaN.
    func firstWeightThatIsNotFinite() throws -> Int? {
        let storage = try parameters()
        return graph.parameters.indices.first { !storage.isWeightFinite($0) }
    }
}
