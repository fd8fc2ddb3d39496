import ComputeGraph
import Tensors

/// The first value found that is not finite. Data are examined first, then outputs, weights and gradients.
public enum Anomaly: Sendable, Equatable {
    /// An input: the first sample of the batch, counted from 0, that is not finite.
    case input(String, sample: Int)
    /// A target: the first sample of the batch, counted from 0, that is not finite.
    case target(ofOutput: String, sample: Int)
    /// The first layer, in the order of the graph, whose output is not finite, and its weights that are not finite.
    case output(ofLayer: String, weights: [String])
    /// All outputs are finite, but this weight is not: `conv2d/kernel`.
    case weight(String)
    /// Outputs and weights are finite, but the gradient of this weight is not; the first that the backward pass
    /// reaches.
    case gradient(ofWeight: String)
    /// Only the loss is not finite.
    case loss

    /// The sample of the batch, if the data are not finite.
    var sample: Int? {
        switch self {
        case .input(_, let sample), .target(_, let sample): sample
        default: nil
        }
    }

    /// One line, with the sample's row in the data set if `batch` knows it.
    func description(in batch: Batch) -> String {
        guard let sample, let rows = batch.rows, rows.indices.contains(sample) else { return description }
        return "\(self) (row \(rows[sample]) of the data, counted from 0)"
    }
}

extension Anomaly: CustomStringConvertible {
    /// One line that names the input, output, layer or weight.
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
        case .loss: "the outputs and weights of all layers are finite: the loss itself is too large"
        }
    }
}

extension Model {
    /// The value in `batch`, or on its way through the network, that is not finite; `nil` if the data are finite and
    /// ``detectsAnomalies`` does not ask for more.
    ///
    /// - Parameter dropout: the random numbers of the training step; `nil` examines inference instead.
    func anomaly(in batch: Batch, dropout: RandomStream?) throws -> Anomaly? {
        if let anomaly = dataAnomaly(in: batch) { return anomaly }
        return detectsAnomalies ? try networkAnomaly(in: batch, dropout: dropout) : nil
    }

    /// The first sample of `batch` that is not finite.
    func dataAnomaly(in batch: Batch) -> Anomaly? {
        // No floats are made of stored images only to find that they are finite.
        if batch.storedImages?.largestMagnitude.isFinite != true {
            for (name, input) in zip(inputNames, batch.inputs) {
                if let sample = input.firstRowThatIsNotFinite { return .input(name, sample: sample) }
            }
        }
        for (name, target) in zip(outputNames, batch.targets) {
            if let sample = target.firstRowThatIsNotFinite { return .target(ofOutput: name, sample: sample) }
        }
        return nil
    }

    /// Finds where numbers stop being finite as `batch`, which is finite, passes through the network.
    func networkAnomaly(in batch: Batch, dropout: RandomStream?) throws -> Anomaly {
        let storage = try parameters()
        // Now, because the pass below moves the statistics of normalizations, and clears the gradients. The backward pass
        // starts at the outputs, so the last layer's gradient is computed first.
        let isFinite = graph.parameterIDs.map(storage.isWeightFinite)
        let gradient = dropout == nil ? nil : graph.parameterIDs.last { !storage.isGradientFinite($0) }
        if let layer = try firstLayerThatIsNotFinite(batch, dropout: dropout) {
            // The moving statistics of a training step are its result, not its cause.
            let weights = zip(parameters(of: layer), layer.weights).filter { parameter, weight in
                !isFinite[parameter.index] && (weight.isTrainable || dropout == nil)
            }
            return .output(ofLayer: layer.name, weights: weights.map(\.1.name))
        }
        if let index = isFinite.firstIndex(of: false) { return .weight(graph.parameters[index].name) }
        return gradient.map { .gradient(ofWeight: graph[$0].name) } ?? .loss
    }

    /// Passes the batch through the network again and examines every layer.
    ///
    /// A few nodes at a time: a plan that keeps all outputs needs several times the memory of training.
    private func firstLayerThatIsNotFinite(_ batch: Batch, dropout: RandomStream?) throws -> PlacedLayer? {
        let atATime = 8, inputs = batch.inputs
        let nodes = graph.nodeIDs.filter { !graph[$0].operation.isInput }
        for first in stride(from: 0, to: nodes.count, by: atATime) {
            let looked = Array(nodes[first..<min(first + atATime, nodes.count)])
            let plan = try passingPlan(
                batchSize: batch.count,
                mode: dropout == nil ? .inference(outputs: looked) : .training([], outputs: looked))
            let outputs = try plan.step(inputs, targets: [], dropout: dropout).outputs
            if let index = outputs.firstIndex(where: { !$0.isFinite }) { return layer(computing: looked[index]) }
        }
        return nil
    }

    /// The layer that a node belongs to: the first whose output is not before it.
    private func layer(computing node: NodeID) -> PlacedLayer? {
        let outputs = layers.flatMap { layer in
            layer.outputs.compactMap { self.node(of: $0) }.map { (layer: layer, node: $0) }
        }
        return outputs.filter { $0.node >= node }.min { $0.node < $1.node }?.layer
    }

    /// The first weight that holds an infinity or a NaN.
    func firstWeightThatIsNotFinite() throws -> ParameterID? {
        let storage = try parameters()
        return graph.parameterIDs.first { !storage.isWeightFinite($0) }
    }
}
