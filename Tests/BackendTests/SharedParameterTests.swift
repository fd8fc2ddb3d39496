import ComputeGraph
import FixtureSupport
import Tensors
import Testing

/// A parameter that two nodes have gets the sum of the gradients that two parameters of the same values would get.
@Suite struct SharedParameterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let operation: Operation
        let input: Shape
        var testDescription: String { "\(operation) of \(input)" }
    }

    private static let window = SlidingWindow(kernel: Size2D(3, 3), strides: Size2D(1, 1), padding: .same)
    private static func normalization(scale: Bool = true, isFrozen: Bool = false) -> Operation {
        .batchNormalization(
            NormalizationSettings(epsilon: 0.001, momentum: 0.9, scale: scale, isFrozen: isFrozen))
    }

    static let cases = [
        Case(operation: .conv2D(window, filters: 3, useBias: true), input: [5, 4, 3]),
        // Layouts with blocks of channels.
        Case(operation: .conv2D(window, filters: 32, useBias: true), input: [5, 4, 32]),
        Case(operation: .conv2D(window, filters: 32, groups: 2, useBias: false), input: [5, 4, 32]),
        Case(operation: .depthwiseConv2D(window, multiplier: 1, useBias: true), input: [5, 4, 16]),
        Case(operation: .dense(units: 6, useBias: true), input: [6]),
        Case(operation: .dense(units: 6, useBias: false), input: [2, 6]),
        Case(operation: normalization(), input: [4, 3, 5]),
        Case(operation: normalization(), input: [4, 3, 16]),
        Case(operation: normalization(), input: [6]),
        Case(operation: normalization(scale: false), input: [4, 3, 16]),
        Case(operation: normalization(isFrozen: true), input: [4, 3, 16]),
        Case(operation: .prelu(alpha: [1, 1, 5]), input: [4, 3, 5]),
    ]

    /// The operation twice in a row with a curve between, and the first result again in a sum.
    private func graph(_ c: Case, isShared: Bool) throws -> (Graph, first: [ParameterID], second: [ParameterID]) {
        var graph = Graph()
        let x = try graph.addInput(c.input)
        let first = try graph.apply(c.operation, to: [x])
        let curve = try graph.apply(.activation(.tanh), to: [first])
        let second = try graph.apply(c.operation, to: [curve], sharing: isShared ? graph[first].parameters : nil)
        graph.outputs = [try graph.apply(.add, to: [second, first])]
        return (graph, graph[first].parameters, graph[second].parameters)
    }

    @Test(arguments: cases, TestBackend.allCases)
    func gradientsAreSummed(_ c: Case, _ backend: TestBackend) throws {
        let (shared, parameters, _) = try graph(c, isShared: true)
        let (separate, first, second) = try graph(c, isShared: false)
        let one = try backend.backend.load(shared), two = try backend.backend.load(separate)
        for (index, parameter) in parameters.enumerated() {
            let value = positiveTensor(shared[parameter].shape, index)
            one.parameters.setWeight(parameter, to: value)
            two.parameters.setWeight(first[index], to: value)
            two.parameters.setWeight(second[index], to: value)
        }
        let x = [randomTensor(c.input.batched(3), 40)], dy = [randomTensor(c.input.batched(3), 41)]
        let (y, dx) = try one.step(shared, x, dy: dy)
        let (expected, expectedGradient) = try two.step(separate, x, dy: dy)
        #expect(isNear(y[0], expected[0]) && isNear(dx[0], expectedGradient[0]))
        for (index, parameter) in parameters.enumerated() where shared[parameter].isTrainable {
            let found = one.parameters.gradient(parameter)
            let gradients = [first, second].map { two.parameters.gradient($0[index]) }
            let sum = zip(gradients[0].scalars, gradients[1].scalars).map { $0 + $1 }
            #expect(gradients.allSatisfy { $0.scalars.contains { $0 != 0 } })
            #expect(isNear(found, Tensor(shape: found.shape, scalars: sum)), "parameter \(index)")
        }
        // Both calls of a normalization move the statistics, one after the other.
        if case .batchNormalization(let settings) = c.operation, !settings.isFrozen {
            for index in parameters.indices.suffix(2) {
                let start = positiveTensor(shared[parameters[index]].shape, index)
                let moved = [first, second].map { two.parameters.weight($0[index]) }
                let both = start.scalars.indices.map { i in
                    moved[0].scalars[i] * 0.9 + moved[1].scalars[i] - start.scalars[i] * 0.9
                }
                #expect(isNear(one.parameters.weight(parameters[index]), Tensor(shape: start.shape, scalars: both)))
            }
        }
    }

    /// The node that an objective reads lies between two others, which the backward pass visits before and after it.
    @Test(arguments: cases, TestBackend.allCases)
    func aNodeThatNoObjectiveReadsAddsNothing(_ c: Case, _ backend: TestBackend) throws {
        var graph = Graph()
        let x = try graph.addInput(c.input)
        let before = try graph.apply(c.operation, to: [x])
        let parameters = graph[before].parameters
        let read = try graph.apply(c.operation, to: [x], sharing: parameters)
        let after = try graph.apply(c.operation, to: [x], sharing: parameters)
        let inputs = [randomTensor(c.input.batched(3), 40)], dy = [randomTensor(graph[read].shape.batched(3), 41)]

        func step(_ backend: TestBackend, outputs: [NodeID]) throws -> [Tensor] {
            let loaded = try backend.backend.load(graph)
            loaded.setParameters(of: graph)
            let mode = PlanMode.training([Objective(read, .weightedSum)], outputs: outputs, gradients: [x])
            let plan = try loaded.plan(batchSize: 3, mode: mode)
            // The second step finds the gradients of the first.
            _ = try plan.step(inputs, targets: dy, dropout: nil)
            let dx = try plan.step(inputs, targets: dy, dropout: nil).gradients
            return dx + parameters.filter { graph[$0].isTrainable }.map(loaded.parameters.gradient)
        }
        let found = try step(backend, outputs: [before, read, after]), expected = try step(.openblas, outputs: [read])
        for (index, pair) in zip(found, expected).enumerated() {
            #expect(pair.1.scalars.contains { $0 != 0 })
            #expect(isNear(pair.0, pair.1), "gradient \(index)")
        }
    }
}
