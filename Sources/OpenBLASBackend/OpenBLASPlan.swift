import ComputeGraph
import HostMemory
import Tensors

/// A graph with memory for batches of one size. It walks through the nodes, forward in order and backward in reverse.
final class OpenBLASPlan: Plan {
    private let graph: Graph
    private let parameters: HostParameters
    private let workers: Workers
    private let batchSize: Int

    private let isTraining: Bool
    private let returnsInputGradients: Bool
    private let outputs: [Int]

    /// The signals by node; `nil` for a node that no output needs.
    private let signals: [Signal?]
    /// The layers in the order of the nodes.
    private let layers: [any Layer]
    /// The layers that need random numbers, and the layers that the backward pass visits.
    private let dropouts: [Dropout], backwardLayers: [any Layer]
    /// Whether a forward pass has computed the outputs that the backward pass starts from.
    private var hasRun = false

    init(graph: Graph, parameters: HostParameters, batchSize: Int, mode: PlanMode, workers: Workers) throws {
        try graph.validate(batchSize: batchSize)
        self.graph = graph
        self.parameters = parameters
        self.workers = workers
        self.batchSize = batchSize
        switch mode {
        case .inference(let outputs):
            isTraining = false
            returnsInputGradients = false
            self.outputs = outputs
        case .training(let outputs, let inputGradients):
            isTraining = true
            returnsInputGradients = inputGradients
            self.outputs = outputs
        }
        guard outputs.allSatisfy(graph.nodes.indices.contains) else {
            throw BackendError("expected outputs among \(graph.nodes.count) nodes, found \(outputs)")
        }

        // Backward from the outputs, find the nodes that they need. Inputs are earlier nodes, so the walk meets all
        // consumers of a node before the node.
        var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
        for output in outputs { isNeeded[output] = true }
        for (index, node) in graph.nodes.enumerated().reversed() where isNeeded[index] {
            for input in node.inputs { isNeeded[input] = true }
        }

        // Forward: a node needs its gradient if it has a trainable parameter, or if one of its inputs needs a gradient.
        let context = LayerContext(isTraining: isTraining, workers: workers, scratch: try Scratch())
        var signals = [Signal?](repeating: nil, count: graph.nodes.count)
        var layers: [any Layer] = [], dropouts: [Dropout] = [], backwardLayers: [any Layer] = []
        for (index, node) in graph.nodes.enumerated() where isNeeded[index] {
            let inputs = node.inputs.compactMap { signals[$0] }
            let weights = node.parameters.map { index in
                let parameter = graph.parameters[index]
                return Weights(
                    values: parameters.weightPointer(index),
                    gradient: context.isTraining && parameter.isTrainable ? parameters.gradientPointer(index) : nil,
                    count: parameter.shape.count)
            }
            let needsGradient =
                weights.contains { $0.gradient != nil } || inputs.contains { $0.gradient != nil }
                || returnsInputGradients && node.operation == .input
            let output = try Signal(shape: node.shape.batched(batchSize), needsGradient: needsGradient)
            signals[index] = output

            let layer = try makeLayer(
                node.operation, node: index, inputs: inputs, output: output, weights: weights, context: context)
            guard let layer else { continue }
            layers.append(layer)
            if needsGradient { backwardLayers.append(layer) }
            if let dropout = layer as? Dropout { dropouts.append(dropout) }
        }
        self.signals = signals
        self.layers = layers
        self.dropouts = dropouts
        self.backwardLayers = backwardLayers
    }

    func forward(_ inputs: [Tensor], dropout: RandomStream?) throws -> [Tensor] {
        try check(inputs, for: graph.inputs, what: "input")
        if !dropouts.isEmpty {
            guard let dropout else { throw BackendError("a graph with dropout needs random numbers to train") }
            for layer in dropouts { layer.stream = dropout }
        }
        for (tensor, index) in zip(inputs, graph.inputs) {
            guard let signal = signals[index] else { continue }
            tensor.scalars.withUnsafeBufferPointer { scalars in
                guard let scalars = scalars.baseAddress else { return }
                signal.values.update(from: scalars, count: signal.count)
            }
        }

        useOneThreadPerProduct()
        for layer in layers { layer.forward() }
        // Batch normalization has moved its statistics.
        if isTraining { parameters.weightsDidChange() }
        hasRun = true
        return outputs.compactMap { signals[$0] }.map { tensor($0.values, $0.shape) }
    }

    func backward(_ outputGradients: [Tensor]) throws -> [Tensor] {
        guard isTraining else { throw BackendError("a plan for inference cannot go backward") }
        guard hasRun else { throw BackendError("expected a forward pass before the backward pass") }
        try check(outputGradients, for: outputs, what: "gradient")

        // Layers add to gradients, so all gradients start at zero, even those that no path reaches.
        for (index, parameter) in graph.parameters.enumerated() where parameter.isTrainable {
            parameters.gradientPointer(index).update(repeating: 0, count: parameter.shape.count)
        }
        for signal in signals { if let signal { signal.gradient?.update(repeating: 0, count: signal.count) } }
        for (tensor, index) in zip(outputGradients, outputs) {
            guard let gradient = signals[index]?.gradient else { continue }
            for (i, scalar) in tensor.scalars.enumerated() { gradient[i] += scalar }
        }

        useOneThreadPerProduct()
        for layer in backwardLayers.reversed() { layer.backward() }
        guard returnsInputGradients else { return [] }
        return graph.inputs.map { index in
            let shape = graph.nodes[index].shape.batched(batchSize)
            guard let gradient = signals[index]?.gradient else { return Tensor(shape: shape) }
            return tensor(gradient, shape)
        }
    }

    /// Refuses tensors unless there is one for each of `nodes`, with the shape of its batch.
    private func check(_ tensors: [Tensor], for nodes: [Int], what: String) throws {
        guard tensors.count == nodes.count else {
            throw BackendError("expected \(nodes.count) tensors as \(what), found \(tensors.count)")
        }
        for (tensor, index) in zip(tensors, nodes) {
            let node = graph.nodes[index], shape = node.shape.batched(batchSize)
            guard tensor.shape == shape, tensor.count == shape.count else {
                throw BackendError(
                    "expected a tensor of shape \(shape) as \(what) of node \(index) '\(node.name)', "
                        + "found \(tensor.shape)")
            }
        }
    }

    private func tensor(_ floats: Floats, _ shape: Shape) -> Tensor {
        Tensor(shape: shape, scalars: Array(UnsafeBufferPointer(start: floats, count: shape.count)))
    }
}
