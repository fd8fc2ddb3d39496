import ComputeGraph
import FixtureSupport
import Tensors
import Testing

/// A tensor of uniform numbers in [-1, 1), different for every `index`.
func randomTensor(_ shape: Shape, _ index: Int) -> Tensor {
    let stream = RandomStream(seed: 11, purpose: .drawing, index: index)
    return Tensor(shape: shape, scalars: (0..<shape.count).map { 2 * stream.uniform($0) - 1 })
}

/// A tensor of shuffled numbers, 0.04 apart from each other, so that no step of a finite difference crosses a kink or
/// changes which element is the largest. Without a shift, all are 0.02 away from multiples of 0.04.
func separatedTensor(_ shape: Shape, _ index: Int) -> Tensor {
    let order = RandomStream(seed: 12, purpose: .shuffling, index: index).permutation(shape.count)
    // Another index is another third of the distance between two numbers.
    let shift = 0.013 * Float(index % 3)
    return Tensor(shape: shape, scalars: order.map { 0.04 * Float($0 - shape.count / 2) + 0.02 + shift })
}

/// Numbers around 1: a variance must be positive.
func positiveTensor(_ shape: Shape, _ index: Int) -> Tensor {
    Tensor(shape: shape, scalars: randomTensor(shape, index).scalars.map { $0 / 2 + 1 })
}

extension Graph {
    mutating func addInput(_ shape: Shape) throws -> NodeID {
        let input = try add("input\(inputs.count)", .input(shape), inputs: [])
        inputs.append(input)
        return input
    }

    /// Adds a node with parameters of its own, or with parameters that exist.
    mutating func apply(
        _ operation: Operation, to inputs: [NodeID], sharing shared: [ParameterID]? = nil, trainable: [Bool]? = nil
    ) throws -> NodeID {
        let shapes = operation.parameterShapes(for: inputs.map { self[$0].shape })
        let own = shapes.enumerated().map { index, shape in
            Parameter(
                name: "node\(nodes.count)/\(index)", shape: shape,
                isTrainable: trainable?[index] ?? operation.isTrained(index, of: shapes.count))
        }
        let parameters = shared ?? own.map { add($0) }
        return try add("node\(nodes.count)", operation, inputs: inputs, parameters: parameters)
    }

    /// A graph of one operation on inputs of these sample shapes.
    init(_ operation: Operation, inputs shapes: [Shape], trainable: [Bool]? = nil) throws {
        self.init()
        let inputs = try shapes.map { try addInput($0) }
        outputs = [try apply(operation, to: inputs, trainable: trainable)]
    }
}

extension Operation {
    /// Whether training usually changes a parameter: not moving statistics.
    fileprivate func isTrained(_ parameter: Int, of count: Int) -> Bool {
        switch self {
        case .batchNormalization: parameter < count - 2
        case .normalize: false
        default: true
        }
    }
}

extension LoadedGraph {
    /// Sets every parameter to random numbers around 1.
    func setParameters(of graph: Graph) {
        for parameter in graph.parameterIDs {
            parameters.setWeight(parameter, to: positiveTensor(graph[parameter].shape, 100 + parameter.index))
        }
    }

    func predict(_ graph: Graph, _ inputs: [Tensor]) throws -> [Tensor] {
        try plan(batchSize: inputs[0].shape[0], mode: .inference(outputs: graph.outputs)).predict(inputs)
    }

    /// A training step in which the gradients of the graph's outputs are `dy`. Returns the outputs and the gradients of
    /// the inputs.
    func step(
        _ graph: Graph, _ inputs: [Tensor], dy: [Tensor], dropout: RandomStream? = nil
    ) throws -> (y: [Tensor], dx: [Tensor]) {
        let result = try trainingPlan(graph, batchSize: inputs[0].shape[0]).step(inputs, targets: dy, dropout: dropout)
        return (result.outputs, result.gradients)
    }

    func trainingPlan(_ graph: Graph, batchSize: Int) throws -> any Plan {
        try plan(
            batchSize: batchSize,
            mode: .training(
                graph.outputs.map { Objective($0, .weightedSum) }, outputs: graph.outputs, gradients: graph.inputs))
    }
}

/// The output of one operation.
func output(
    _ operation: Operation, _ inputs: [Tensor], parameters: [Tensor] = [], on backend: TestBackend
) throws -> Tensor {
    let graph = try Graph(operation, inputs: inputs.map(\.shape.sample))
    let loaded = try backend.backend.load(graph)
    for (parameter, value) in zip(graph.parameterIDs, parameters) { loaded.parameters.setWeight(parameter, to: value) }
    return try loaded.predict(graph, inputs)[0]
}

/// The gradients of `sum(y * dy)` with respect to the inputs of one operation.
func inputGradients(
    _ operation: Operation, _ inputs: [Tensor], _ outputGradient: [Float], on backend: TestBackend
) throws -> [[Float]] {
    let graph = try Graph(operation, inputs: inputs.map(\.shape.sample))
    let shape = graph[graph.outputs[0]].shape.batched(inputs[0].shape[0])
    return try backend.backend.load(graph)
        .step(graph, inputs, dy: [Tensor(shape: shape, scalars: outputGradient)]).dx.map(\.scalars)
}

/// The largest difference of two tensors' elements: infinite if one of them is not a number.
func distance(_ a: Tensor, _ b: Tensor) -> Double {
    guard a.shape == b.shape else { return .infinity }
    return zip(a.scalars, b.scalars).reduce(0) { largest, pair in
        let difference = abs(Double(pair.0) - Double(pair.1))
        return difference.isNaN ? .infinity : max(largest, difference)
    }
}

/// Whether two tensors differ by no more than rounding.
func isNear(_ a: Tensor, _ b: Tensor) -> Bool {
    distance(a, b) <= 1e-5 * Double(b.scalars.reduce(1) { max($0, abs($1)) })
}

/// The backends agree on a graph of convolutions: its predictions, a training step, and the predictions after it.
func expectAgreement(_ graph: Graph) throws {
    let inputs = graph.inputs.enumerated().map { randomTensor(graph[$1].shape.batched(5), 30 + 10 * $0) }
    let dy = graph.outputs.enumerated().map { randomTensor(graph[$1].shape.batched(5), 31 + 10 * $0) }

    func run(_ backend: TestBackend) throws -> [(String, Tensor)] {
        let loaded = try backend.backend.load(graph)
        for parameter in graph.parameterIDs {
            let shape = graph[parameter].shape
            loaded.parameters.setWeight(
                parameter,
                // Kernels without a preferred sign; all else is positive, as variances must be.
                to: shape.rank == 4
                    ? randomTensor(shape, parameter.index) : positiveTensor(shape, parameter.index))
        }
        let predicted = try loaded.predict(graph, inputs)
        let (y, dx) = try loaded.step(graph, inputs, dy: dy)
        let gradients = graph.parameterIDs.filter { graph[$0].isTrainable }.map {
            ("the gradient of \(graph[$0].name)", loaded.parameters.gradient($0))
        }
        // The statistics have moved, so packed weights must be renewed.
        let predictedAfterwards = try loaded.predict(graph, inputs)
        return predicted.map { ("a prediction", $0) } + y.map { ("an output", $0) }
            + dx.map { ("an input's gradient", $0) } + gradients
            + predictedAfterwards.map { ("a prediction afterwards", $0) }
    }
    let reference = try run(.openblas)
    for backend in TestBackend.allCases where backend != .openblas {
        for ((name, found), (_, expected)) in zip(try run(backend), reference) {
            #expect(isNear(found, expected), "\(backend): \(name)")
        }
    }
}
