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

    private let analyzed: AnalyzedGraph
    private let engine: Engine
    private let parameters: HostParameters
    private let packing: [Step]
    private let steps: [Step]
    private let inputs: [Memory?]
    private let outputs: [Memory]
    private let gradients: [Memory?]
    private let exchange: Exchange
    private let memory: (Arena, Buffer)
    /// The parameters' version at the time when the weights were packed.
    private var packedVersion: Int?

    init(
        _ analyzed: AnalyzedGraph, engine: Engine, parameters: HostParameters, packing: [Step], steps: [Step],
        inputs: [Memory?], outputs: [Memory], gradients: [Memory?], exchange: Exchange,
        keeping memory: (Arena, Buffer)
    ) {
        self.analyzed = analyzed
        self.engine = engine
        self.parameters = parameters
        self.packing = packing
        self.steps = steps
        self.inputs = inputs
        self.outputs = outputs
        self.gradients = gradients
        self.exchange = exchange
        self.memory = memory
    }

    func predict(_ inputs: [Tensor]) throws -> [Tensor] {
        try analyzed.check(inputs: inputs)
        try run(inputs, targets: [], sampleWeights: nil, dropout: nil, shared: nil)
        return outputTensors()
    }

    func step(
        _ inputs: [Tensor], targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?,
        shared: (any SharedStep)?
    ) throws -> StepResult {
        try analyzed.check(inputs: inputs, targets: targets, sampleWeights: sampleWeights, dropout: dropout)
        if analyzed.isTraining { parameters.clearGradients() }
        try run(inputs, targets: targets, sampleWeights: sampleWeights, dropout: dropout, shared: shared)
        return StepResult(
            scores: exchange.scores.compactMap(\.self), outputs: outputTensors(),
            gradients: zip(analyzed.mode.gradients, gradients).map { node, memory in
                memory.map { tensor($0, node) } ?? Tensor(repeating: 0, shape: analyzed.batchShape(of: node))
            })
    }

    private func run(
        _ inputs: [Tensor], targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?,
        shared: (any SharedStep)?
    ) throws {
        engine.useThreads()
        var targets = targets[...]
        let objectives = analyzed.mode.objectives
        exchange.dropout = dropout.map { DropoutNumbers($0, of: shared) }
        exchange.shared = shared
        defer { exchange.shared = nil }
        exchange.targets = objectives.map { $0.loss.takesTarget ? targets.popFirst()?.scalars ?? [] : [] }
        exchange.sampleWeights = sampleWeights
        exchange.scores = objectives.map { _ in nil }
        for (input, memory) in zip(inputs, self.inputs) {
            memory?.floats.update(from: input.scalars, count: input.count)
        }
        if packedVersion != parameters.version {
            for step in packing { try step.run(on: engine) }
            packedVersion = parameters.version
        }
        for step in steps { try step.run(on: engine) }
    }

    private func outputTensors() -> [Tensor] { zip(analyzed.mode.outputs, outputs).map { tensor($1, $0) } }

    private func tensor(_ memory: Memory, _ node: NodeID) -> Tensor {
        let shape = analyzed.batchShape(of: node)
        return Tensor(shape: shape, scalars: Array(UnsafeBufferPointer(start: memory.floats, count: shape.count)))
    }
}
