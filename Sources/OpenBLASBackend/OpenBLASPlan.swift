import COpenBLAS
import ComputeGraph
import Tensors

/// A graph at one batch size: its nodes in order, each with a kernel, and memory for what they compute.
final class OpenBLASPlan: Plan {
    private struct Step {
        let node: Int
        let inputs: [Int]
        let kernel: any Kernel
        let needsGradient: Bool
    }

    private let graph: Graph
    private let parameters: HostParameters
    private let batchSize: Int
    private let outputs: [Int]
    private let isTraining: Bool
    private let wantsInputGradients: Bool
    private let threads: Int
    private let randomness = Randomness()
    private var steps: [Step] = []
    private var values: [Int: Floats] = [:]
    private var gradients: [Int: Floats] = [:]

    init(graph: Graph, parameters: HostParameters, batchSize: Int, mode: PlanMode, threads: Int) throws {
        self.graph = graph
        self.parameters = parameters
        self.batchSize = batchSize
        self.threads = threads
        switch mode {
        case .inference(let outputs):
            (self.outputs, isTraining, wantsInputGradients) = (outputs, false, false)
        case .training(let outputs, let inputGradients):
            (self.outputs, isTraining, wantsInputGradients) = (outputs, true, inputGradients)
        }

        let needed = Self.needed(for: outputs, in: graph)
        var dependsOnTrainable = [Bool](repeating: false, count: graph.nodes.count)
        for index in needed.sorted() {
            let node = graph.nodes[index]
            dependsOnTrainable[index] =
                node.parameters.contains { graph.parameters[$0].isTrainable }
                || node.inputs.contains { dependsOnTrainable[$0] }
                || (wantsInputGradients && node.operation == .input)
            let needsGradient = isTraining && dependsOnTrainable[index]
            values[index] = Floats(batchSize * node.shape.count)
            if needsGradient { gradients[index] = Floats(batchSize * node.shape.count) }
            if node.operation == .input { continue }
            let context = Context(
                node: node, index: index, inputShapes: node.inputs.map { graph.nodes[$0].shape },
                batchSize: batchSize, isTraining: isTraining, parameters: parameters, graph: graph,
                randomness: randomness)
            steps.append(
                Step(
                    node: index, inputs: node.inputs, kernel: Self.kernel(context), needsGradient: needsGradient))
        }
    }

    /// Everything that `outputs` depend on.
    private static func needed(for outputs: [Int], in graph: Graph) -> Set<Int> {
        var needed: Set<Int> = []
        var stack = outputs
        while let node = stack.popLast() {
            if needed.insert(node).inserted { stack += graph.nodes[node].inputs }
        }
        return needed
    }

    private static func kernel(_ context: Context) -> any Kernel {
        switch context.node.operation {
        case .input, .activation(.linear), .flatten: Identity(context)
        case .conv2D(let window, _, _): Convolution(context, window)
        case .batchNormalization(let epsilon, let momentum, let isFrozen):
            BatchNormalization(context, epsilon: epsilon, momentum: momentum, isFrozen: isFrozen)
        case .activation(.softmax): Softmax(context)
        case .activation(let function): Elementwise(context, function)
        case .maxPooling2D(let window): MaxPooling(context, window)
        case .averagePooling2D(let window): AveragePooling(context, window)
        case .globalAveragePooling2D:
            AveragePooling(
                context,
                SlidingWindow(
                    kernel: Size2D(context.inputShapes[0][0], context.inputShapes[0][1]), strides: Size2D(1, 1),
                    padding: .valid))
        case .localResponseNormalization(let depthRadius, let bias, let alpha, let beta):
            LocalResponseNormalization(context, depthRadius: depthRadius, bias: bias, alpha: alpha, beta: beta)
        case .concatenate: Concatenation(context)
        case .add: Addition(context)
        case .zeroPadding2D(let top, _, let left, _): ZeroPadding(context, top: top, left: left)
        case .dropout(let rate): context.isTraining && rate > 0 ? Dropout(context, rate: rate) : Identity(context)
        case .dense: Dense(context)
        }
    }

    // MARK: - Plan

    func forward(_ inputs: [Tensor], dropout: RandomStream?) throws -> [Tensor] {
        guard inputs.count == graph.inputs.count else {
            throw BackendError("the graph has \(graph.inputs.count) inputs, but the batch has \(inputs.count)")
        }
        openblas_set_num_threads(Int32(threads))
        randomness.stream = dropout
        for (node, input) in zip(graph.inputs, inputs) {
            let expected = graph.nodes[node].shape.batched(batchSize)
            guard input.shape == expected else {
                throw BackendError("an input of shape \(input.shape) does not fit the expected \(expected)")
            }
            values[node]?.pointer.update(from: input.scalars, count: input.count)
        }
        for step in steps { try step.kernel.forward(pointers(step.inputs), value(step.node)) }
        return outputs.map { tensor(value($0), $0) }
    }

    func backward(_ outputGradients: [Tensor]) throws -> [Tensor] {
        guard isTraining else { throw BackendError("a plan for inference has no backward pass") }
        guard outputGradients.count == outputs.count else {
            throw BackendError("there are \(outputs.count) outputs, but \(outputGradients.count) gradients")
        }
        openblas_set_num_threads(Int32(threads))
        for (index, parameter) in graph.parameters.enumerated() where parameter.isTrainable {
            parameters.gradientPointer(index).update(repeating: 0, count: parameter.shape.count)
        }
        for gradient in gradients.values { gradient.pointer.update(repeating: 0, count: gradient.count) }
        for (node, gradient) in zip(outputs, outputGradients) {
            let expected = graph.nodes[node].shape.batched(batchSize)
            guard gradient.shape == expected else {
                throw BackendError("a gradient of shape \(gradient.shape) does not fit the output \(expected)")
            }
            guard let sum = gradients[node]?.pointer else { continue }
            for i in 0..<gradient.count { sum[i] += gradient.scalars[i] }
        }
        for step in steps.reversed() where step.needsGradient {
            guard let gradient = gradients[step.node] else { continue }
            try step.kernel.backward(
                pointers(step.inputs), value(step.node), gradient.pointer, step.inputs.map { gradients[$0]?.pointer })
        }
        guard wantsInputGradients else { return [] }
        return graph.inputs.map { node in
            gradients[node].map { tensor($0.pointer, node) }
                ?? Tensor(repeating: 0, shape: graph.nodes[node].shape.batched(batchSize))
        }
    }

    private func value(_ node: Int) -> Output {
        guard let value = values[node] else { preconditionFailure("every needed node has a value") }
        return value.pointer
    }

    private func pointers(_ nodes: [Int]) -> [Input] { nodes.map { Input(value($0)) } }

    private func tensor(_ pointer: Output, _ node: Int) -> Tensor {
        let shape = graph.nodes[node].shape.batched(batchSize)
        return Tensor(shape: shape, scalars: Array(UnsafeBufferPointer(start: pointer, count: shape.count)))
    }
}
