import ComputeGraph
import HostMemory
import Tensors

/// A graph with memory for batches of one size. It walks through the nodes, forward in order and backward in reverse.
final class OpenBLASPlan: Plan {
    private let analyzed: AnalyzedGraph
    private let parameters: HostParameters
    private let current = CurrentStep()

    /// The signals by node; `nil` for a node that nothing needs.
    private let signals: [Signal?]
    /// The kernels in the order of the nodes.
    private let kernels: [any Kernel]
    /// The kernels that the backward pass visits, with the parameters whose gradients are final after each.
    private let backwardKernels: [(kernel: any Kernel, final: [ParameterID])]
    /// The moving statistics, which a training step changes.
    private let statistics: [ParameterID]
    /// The gradient of each objective.
    private let objectiveGradients: [Buffer]

    init(_ analyzed: AnalyzedGraph, parameters: HostParameters, workers: Workers) throws {
        try analyzed.requireMemoryForOutputs(BackendError.requireMemory)
        self.analyzed = analyzed
        self.parameters = parameters
        let graph = analyzed.graph
        let context = KernelContext(
            isTraining: analyzed.isTraining, workers: workers, scratch: try Scratch(), step: current,
            synchronizesStatistics: analyzed.mode.synchronizesStatistics)
        var signals = [Signal?](repeating: nil, count: graph.nodes.count)
        var kernels: [any Kernel] = [], backwardKernels: [(any Kernel, [ParameterID])] = []
        for node in analyzed.needed {
            let inputs = graph[node].inputs.compactMap { signals[$0.index] }
            let weights = graph[node].parameters.map { parameter in
                Weights(
                    values: parameters.weightPointer(parameter),
                    gradient: analyzed.isTrainable(parameter) ? parameters.gradientPointer(parameter) : nil,
                    count: graph[parameter].shape.count)
            }
            let needsGradient = analyzed.needsGradient(node)
            let output = try Signal(shape: analyzed.batchShape(of: node), needsGradient: needsGradient)
            signals[node.index] = output

            let kernel = try makeKernel(
                graph[node].operation, node: node, inputs: inputs, output: output, weights: weights, context: context)
            guard let kernel else { continue }
            kernels.append(kernel)
            if needsGradient { backwardKernels.append((kernel, analyzed.parametersFirstRead(by: node))) }
        }
        self.signals = signals
        self.kernels = kernels
        self.backwardKernels = backwardKernels
        statistics = analyzed.isTraining ? graph.movingStatistics : []
        objectiveGradients = try analyzed.mode.objectives.map {
            try Buffer(count: analyzed.batchShape(of: $0.node).count)
        }
    }

    func predict(_ inputs: [Tensor]) throws -> [Tensor] {
        try analyzed.check(inputs: inputs)
        forward(inputs)
        return analyzed.mode.outputs.compactMap(value)
    }

    func step(
        _ inputs: [Tensor], targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?,
        shared: (any SharedStep)?
    ) throws -> StepResult {
        try analyzed.check(inputs: inputs, targets: targets, sampleWeights: sampleWeights, dropout: dropout)
        current.dropout = dropout.map { DropoutNumbers($0, of: shared) }
        current.shared = shared
        defer { current.shared = nil }
        forward(inputs)
        if analyzed.isTraining {
            // Kernels add to gradients, so all gradients start at zero, even those that no path reaches.
            parameters.clearGradients()
            for signal in signals { if let signal { signal.gradient?.update(repeating: 0, count: signal.count) } }
        }
        let scores = scores(targets, sampleWeights)
        if analyzed.isTraining {
            useOneThreadPerProduct()
            for (kernel, final) in backwardKernels.reversed() {
                kernel.backward()
                shared?.gradientsAreFinal(of: final)
            }
        }
        return StepResult(
            scores: scores, outputs: analyzed.mode.outputs.compactMap(value),
            gradients: analyzed.mode.gradients.compactMap { node in
                signals[node.index].flatMap { signal in signal.gradient.map { tensor($0, signal.shape) } }
            })
    }

    private func forward(_ inputs: [Tensor]) {
        for (tensor, node) in zip(inputs, analyzed.graph.inputs) {
            guard let signal = signals[node.index] else { continue }
            signal.values.update(from: tensor.scalars, count: signal.count)
        }
        useOneThreadPerProduct()
        for kernel in kernels { kernel.forward() }
        for parameter in statistics { parameters.weightDidChange(parameter) }
    }

    /// Computes the objectives, and adds their gradients to those of their nodes.
    private func scores(_ targets: [Tensor], _ sampleWeights: [Float]?) -> [Score] {
        var targets = targets[...]
        return zip(analyzed.mode.objectives, objectiveGradients).compactMap { objective, gradient in
            guard let signal = signals[objective.node.index] else { return nil }
            let target = objective.loss.takesTarget ? targets.popFirst()?.scalars ?? [] : []
            let score = target.withUnsafeBufferPointer { target in
                objective.evaluate(
                    UnsafeBufferPointer(start: signal.values, count: signal.count), target: target,
                    gradient: UnsafeMutableBufferPointer(start: gradient.floats, count: signal.count),
                    samples: analyzed.batchSize, units: signal.channels, sampleWeights: sampleWeights,
                    share: current.shared?.share ?? 1)
            }
            if let sum = signal.gradient { add(gradient.floats, to: sum, count: signal.count) }
            return score
        }
    }

    private func value(of node: NodeID) -> Tensor? {
        signals[node.index].map { tensor($0.values, $0.shape) }
    }

    private func tensor(_ floats: Floats, _ shape: Shape) -> Tensor {
        Tensor(shape: shape, scalars: Array(UnsafeBufferPointer(start: floats, count: shape.count)))
    }
}
