import ComputeGraph
import HostMemory
import Tensors

/// The steps of a graph for one batch size, ready to run.
final class OneDNNPlan: Plan {
    enum Step {
        case primitive(Execution)
        case host(() throws -> Void)

        func run(on engine: Engine) throws {
            switch self {
            case .primitive(let execution): try execution.run(on: engine)
            case .host(let work): try work()
            }
        }
    }

    private let engine: Engine
    private let parameters: HostParameters
    private let batchSize: Int
    private let graph: Graph
    private let outputs: [Int]
    private let packing: [Step]
    private let forwardSteps: [Step]
    private let backwardSteps: [Step]
    private let inputs: [Memory?]
    private let results: [Memory]
    private let outputGradients: [Memory]
    private let inputGradients: [Memory?]
    private let randomness: Randomness
    private let isTraining: Bool
    private let memory: (Arena, Buffer)
    /// The parameters' version at the time when the weights were packed.
    private var packedVersion: Int?

    init(
        engine: Engine, parameters: HostParameters, batchSize: Int, graph: Graph, outputs: [Int], packing: [Step],
        forward: [Step], backward: [Step], inputs: [Memory?], results: [Memory], outputGradients: [Memory],
        inputGradients: [Memory?], randomness: Randomness, isTraining: Bool, keeping memory: (Arena, Buffer)
    ) {
        self.engine = engine
        self.parameters = parameters
        self.batchSize = batchSize
        self.graph = graph
        self.outputs = outputs
        self.packing = packing
        forwardSteps = forward
        backwardSteps = backward
        self.inputs = inputs
        self.results = results
        self.outputGradients = outputGradients
        self.inputGradients = inputGradients
        self.randomness = randomness
        self.isTraining = isTraining
        self.memory = memory
    }

    func forward(_ inputs: [Tensor], dropout: RandomStream?) throws -> [Tensor] {
        guard inputs.count == graph.inputs.count else {
            throw BackendError("the graph has \(graph.inputs.count) inputs, but the batch has \(inputs.count)")
        }
        engine.useThreads()
        randomness.stream = dropout
        for (index, input) in inputs.enumerated() {
            let expected = graph.nodes[graph.inputs[index]].shape.batched(batchSize)
            guard input.shape == expected else {
                throw BackendError("an input of shape \(input.shape) does not fit the expected \(expected)")
            }
            if let memory = self.inputs[index] { memory.floats.update(from: input.scalars, count: input.count) }
        }
        if packedVersion != parameters.version {
            for step in packing { try step.run(on: engine) }
            packedVersion = parameters.version
        }
        for step in forwardSteps { try step.run(on: engine) }
        return zip(outputs, results).map { node, memory in
            tensor(memory, graph.nodes[node].shape)
        }
    }

    func backward(_ outputGradients: [Tensor]) throws -> [Tensor] {
        guard isTraining else { throw BackendError("a plan for inference has no backward pass") }
        guard outputGradients.count == outputs.count else {
            throw BackendError("there are \(outputs.count) outputs, but \(outputGradients.count) gradients")
        }
        engine.useThreads()
        for ((node, memory), gradient) in zip(zip(outputs, self.outputGradients), outputGradients) {
            let expected = graph.nodes[node].shape.batched(batchSize)
            guard gradient.shape == expected else {
                throw BackendError("a gradient of shape \(gradient.shape) does not fit the output \(expected)")
            }
            memory.floats.update(from: gradient.scalars, count: gradient.count)
        }
        // No step writes the gradient of a parameter that no output depends on.
        for (index, parameter) in graph.parameters.enumerated() where parameter.isTrainable {
            parameters.gradientPointer(index).update(repeating: 0, count: parameter.shape.count)
        }
        for step in backwardSteps { try step.run(on: engine) }
        return zip(graph.inputs, inputGradients).map { node, memory in
            let shape = graph.nodes[node].shape
            return memory.map { tensor($0, shape) } ?? Tensor(repeating: 0, shape: shape.batched(batchSize))
        }
    }

    private func tensor(_ memory: Memory, _ sample: Shape) -> Tensor {
        let shape = sample.batched(batchSize)
        return Tensor(shape: shape, scalars: Array(UnsafeBufferPointer(start: memory.floats, count: shape.count)))
    }
}
