import ComputeGraph
import OpenBLASBackend
import Tensors

/// A tensor of uniform numbers in [-1, 1), different for every `index`.
func randomTensor(_ shape: Shape, _ index: Int) -> Tensor {
    let stream = RandomStream(seed: 11, purpose: .drawing, index: index)
    return Tensor(shape: shape, scalars: (0..<shape.count).map { 2 * stream.uniform($0) - 1 })
}

/// A tensor of shuffled numbers, at least 0.02 apart from each other and from 0, so that no step of a finite difference
/// crosses a kink or changes which element is the largest.
func separatedTensor(_ shape: Shape, _ index: Int) -> Tensor {
    let order = RandomStream(seed: 12, purpose: .shuffling, index: index).permutation(shape.count)
    return Tensor(shape: shape, scalars: order.map { 0.02 * Float(2 * ($0 - shape.count / 2) + 1) })
}

/// A graph of one operation on inputs of these sample shapes.
func graph(
    _ operation: Operation, inputs: [Shape], output: Shape, parameters: [Shape] = [], trainable: [Bool]? = nil
) -> Graph {
    var nodes = inputs.enumerated().map { index, shape in
        Graph.Node(name: "input\(index)", operation: .input, inputs: [], shape: shape)
    }
    nodes.append(
        Graph.Node(
            name: "node", operation: operation, inputs: Array(inputs.indices), shape: output,
            parameters: Array(parameters.indices)))
    return Graph(
        nodes: nodes,
        parameters: parameters.enumerated().map { index, shape in
            Graph.Parameter(name: "p\(index)", shape: shape, isTrainable: trainable?[index] ?? true)
        },
        inputs: Array(inputs.indices), outputs: [inputs.count])
}

/// The output of a graph made by ``graph(_:inputs:output:parameters:trainable:)``.
func output(
    _ operation: Operation, _ inputs: [Tensor], shape: Shape, parameters: [Tensor] = [], threads: Int = 2
) throws -> Tensor {
    let graph = graph(
        operation, inputs: inputs.map(\.shape.sample), output: shape, parameters: parameters.map(\.shape))
    let loaded = try OpenBLASBackend(threads: threads).load(graph)
    for (index, parameter) in parameters.enumerated() { loaded.parameters.setWeight(index, to: parameter) }
    return try loaded.plan(batchSize: inputs[0].shape[0], mode: .inference(outputs: graph.outputs))
        .forward(inputs, dropout: nil)[0]
}

/// The gradient of `sum(y * dy)` with respect to the only input.
func inputGradient(_ operation: Operation, _ input: Tensor, shape: Shape, _ outputGradient: [Float]) throws -> [Float] {
    let graph = graph(operation, inputs: [input.shape.sample], output: shape)
    let plan = try OpenBLASBackend(threads: 2).load(graph)
        .plan(batchSize: input.shape[0], mode: .training(outputs: graph.outputs, inputGradients: true))
    let y = try plan.forward([input], dropout: nil)[0]
    return try plan.backward([Tensor(shape: y.shape, scalars: outputGradient)])[0].scalars
}

/// `sum(y * dy)`.
func loss(_ y: Tensor, _ dy: Tensor) -> Double {
    zip(y.scalars, dy.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}
