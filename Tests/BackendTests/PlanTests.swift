import ComputeGraph
import FixtureSupport
import OpenBLASBackend
import Tensors
import Testing

/// A plan computes its graph.
@Suite struct PlanTests {
    private let window = SlidingWindow(kernel: Size2D(3, 3), strides: Size2D(1, 1), padding: .same)

    /// Convolution, batch normalization and tanh, a sum with the tanh as both arguments, pooling, and a dense branch.
    private struct Branching {
        var graph = Graph()
        let x, tanh, twice, pool, branch: NodeID
        /// The parameters of the convolution, of the normalization and of the branch.
        let convolution, normalization, dense: [ParameterID]
    }

    private func branching() throws -> Branching {
        var graph = Graph()
        let x = try graph.addInput([6, 5, 3])
        let convolution = try graph.apply(.conv2D(window, filters: 4, useBias: true), to: [x])
        let normalization = try graph.apply(
            .batchNormalization(NormalizationSettings(epsilon: 0.001, momentum: 0.9)), to: [convolution])
        let tanh = try graph.apply(.activation(.tanh), to: [normalization])
        let twice = try graph.apply(.add, to: [tanh, tanh])
        let pool = try graph.apply(.globalAveragePooling2D, to: [twice])
        let branch = try graph.apply(.dense(units: 2, useBias: true), to: [pool])
        graph.outputs = [branch]
        return Branching(
            graph: graph, x: x, tanh: tanh, twice: twice, pool: pool, branch: branch,
            convolution: graph[convolution].parameters, normalization: graph[normalization].parameters,
            dense: graph[branch].parameters)
    }

    private func load(_ graph: Graph, on backend: TestBackend, threads: Int = 2) throws -> any LoadedGraph {
        let loaded = try backend.backend(threads: threads).load(graph)
        loaded.setParameters(of: graph)
        return loaded
    }

    @Test(arguments: TestBackend.allCases) func aNodeUsedTwiceGetsBothGradients(_ backend: TestBackend) throws {
        let network = try branching()
        var whole = network.graph, single = network.graph
        whole.outputs = [network.twice]
        single.outputs = [network.tanh]
        let x = [randomTensor([2, 6, 5, 3], 20)], dy = [randomTensor([2, 6, 5, 4], 21)]
        let (y, dx) = try load(whole, on: backend).step(whole, x, dy: dy)
        let (half, halfGradient) = try load(single, on: backend).step(single, x, dy: dy)
        #expect(y[0].scalars == half[0].scalars.map { 2 * $0 })
        #expect(dx[0].scalars == halfGradient[0].scalars.map { 2 * $0 })
    }

    @Test(arguments: TestBackend.allCases) func aNodeMayHaveSeveralObjectives(_ backend: TestBackend) throws {
        let network = try branching()
        var graph = network.graph
        graph.outputs = [network.tanh, network.pool, network.tanh]
        let loaded = try load(graph, on: backend)
        let x = [randomTensor([2, 6, 5, 3], 20)], dy = randomTensor([2, 6, 5, 4], 21), dpool = randomTensor([2, 4], 22)
        let (y, all) = try loaded.step(graph, x, dy: [dy, dpool, dy])
        #expect(y.count == 3 && y[0] == y[2])
        let zero = Tensor(repeating: 0, shape: dy.shape), zeroPool = Tensor(repeating: 0, shape: dpool.shape)
        let direct = try loaded.step(graph, x, dy: [dy, zeroPool, zero]).dx[0]
        let pooled = try loaded.step(graph, x, dy: [zero, dpool, zero]).dx[0]
        for i in 0..<direct.count {
            #expect(abs(all[0].scalars[i] - (2 * direct.scalars[i] + pooled.scalars[i])) < 1e-4)
        }
    }

    @Test(arguments: TestBackend.allCases) func objectivesAreWeighted(_ backend: TestBackend) throws {
        let network = try branching()
        let x = [randomTensor([2, 6, 5, 3], 20)], dy = randomTensor([2, 4], 21)
        func step(weight: Float) throws -> StepResult {
            let objective = Objective(network.pool, .weightedSum, weight: weight)
            return try load(network.graph, on: backend)
                .plan(batchSize: 2, mode: .training([objective], gradients: [network.x]))
                .step(x, targets: [dy], dropout: nil)
        }
        let single = try step(weight: 1), double = try step(weight: 2)
        // A score is that of the loss, whatever its weight.
        #expect(single.scores == double.scores)
        #expect(double.gradients[0].scalars == single.gradients[0].scalars.map { 2 * $0 })
    }

    @Test(arguments: TestBackend.allCases) func gradientsAreOverwrittenAndZeroWithoutAPath(_ backend: TestBackend)
        throws
    {
        let network = try branching()
        var graph = network.graph
        graph.outputs = [network.pool]
        let loaded = try load(graph, on: backend)
        let plan = try loaded.trainingPlan(graph, batchSize: 2)
        loaded.parameters.withGradients { $0.update(repeating: 7) }
        let x = [randomTensor([2, 6, 5, 3], 20)], dy = [randomTensor([2, 4], 21)]
        _ = try plan.step(x, targets: dy, dropout: nil)
        let first = loaded.parameters.gradient(network.convolution[0])
        #expect(first.scalars.contains { $0 != 0 && $0 != 7 })
        for parameter in network.dense {
            #expect(loaded.parameters.gradient(parameter).scalars.allSatisfy { $0 == 0 })
        }
        _ = try plan.step(x, targets: dy, dropout: nil)
        #expect(loaded.parameters.gradient(network.convolution[0]) == first)
    }

    @Test func resultsDoNotDependOnThreads() throws {
        let graph = try branching().graph
        func run(threads: Int) throws -> [Tensor] {
            let loaded = try load(graph, on: .openblas, threads: threads)
            let (y, dx) = try loaded.step(graph, [randomTensor([19, 6, 5, 3], 20)], dy: [randomTensor([19, 2], 21)])
            return y + dx + graph.parameterIDs.map(loaded.parameters.gradient)
                + graph.parameterIDs.map(loaded.parameters.weight)
        }
        let one = try run(threads: 1)
        for threads in [1, 2, 3, 5] { #expect(try run(threads: threads) == one) }
    }

    @Test(arguments: TestBackend.allCases) func frozenParametersLetGradientsPass(_ backend: TestBackend) throws {
        let network = try branching()
        var graph = network.graph
        for parameter in network.normalization.prefix(2) + network.dense { graph[parameter].isTrainable = false }
        let loaded = try load(graph, on: backend), reference = try load(network.graph, on: backend)
        let x = [randomTensor([2, 6, 5, 3], 20)], dy = [randomTensor([2, 2], 21)]
        for (loaded, graph) in [(loaded, graph), (reference, network.graph)] { _ = try loaded.step(graph, x, dy: dy) }
        let kernel = network.convolution[0]
        #expect(reference.parameters.gradient(kernel).scalars.contains { $0 != 0 })
        #expect(loaded.parameters.gradient(kernel) == reference.parameters.gradient(kernel))
        for parameter in network.normalization.prefix(2) + network.dense {
            #expect(loaded.parameters.gradient(parameter).scalars.allSatisfy { $0 == 0 })
        }
    }

    /// Both heads are computed, and the backward pass visits both.
    @Test(
        arguments: [
            Operation.dense(units: 2, useBias: true), .dense(units: 32, useBias: false),
            .conv2D(
                SlidingWindow(kernel: Size2D(3, 3), strides: Size2D(2, 2), padding: .same), filters: 2, useBias: true),
            .conv2D(
                SlidingWindow(kernel: Size2D(1, 1), strides: Size2D(1, 1), padding: .same), filters: 16, useBias: false),
        ], TestBackend.allCases)
    func aHeadThatNoObjectiveReadsHasNoGradient(_ head: Operation, _ backend: TestBackend) throws {
        var graph = Graph()
        let x = try graph.addInput([6, 5, 3])
        let trunk = try graph.apply(.conv2D(window, filters: 4, useBias: true), to: [x])
        let tanh = try graph.apply(.activation(.tanh), to: [trunk])
        let read = try graph.apply(head, to: [tanh]), unread = try graph.apply(head, to: [tanh])
        let input = [randomTensor([2, 6, 5, 3], 20)], dy = randomTensor(graph[read].shape.batched(2), 21)

        func step(_ loaded: any LoadedGraph, reading nodes: [NodeID], outputs: [NodeID]) throws -> StepResult {
            let objectives = nodes.map { Objective($0, .weightedSum) }
            let gradients = [x] + outputs.filter { $0 == unread }
            let plan = try loaded.plan(
                batchSize: 2, mode: .training(objectives, outputs: outputs, gradients: gradients))
            // The second step finds the gradients of the first.
            _ = try plan.step(input, targets: nodes.map { _ in dy }, dropout: nil)
            return try plan.step(input, targets: nodes.map { _ in dy }, dropout: nil)
        }
        let loaded = try load(graph, on: backend), alone = try load(graph, on: .openblas)
        // Afterwards the memory, which the next plan may get, holds gradients of both heads.
        let both = try step(loaded, reading: [read, unread], outputs: [read, unread])
        for parameter in graph[unread].parameters {
            #expect(loaded.parameters.gradient(parameter).scalars.contains { $0 != 0 })
        }
        let one = try step(loaded, reading: [read], outputs: [read, unread])
        #expect(isNear(one.outputs[0], both.outputs[0]) && isNear(one.outputs[1], both.outputs[1]))
        #expect(one.gradients[1].scalars.allSatisfy { $0 == 0 })
        for parameter in graph[unread].parameters {
            #expect(loaded.parameters.gradient(parameter).scalars.allSatisfy { $0 == 0 })
        }
        // All other gradients are those of a plan that does not compute the head.
        let expected = try step(alone, reading: [read], outputs: [read])
        #expect(isNear(one.gradients[0], expected.gradients[0]))
        for parameter in graph[trunk].parameters + graph[read].parameters {
            #expect(isNear(loaded.parameters.gradient(parameter), alone.parameters.gradient(parameter)))
        }
    }

    /// A copy may lie in its input's memory, unless a gradient is asked of one of them.
    @Test(
        arguments: [Operation.flatten, .reshape([3, 2]), .activation(.linear), .dropout(rate: 0)],
        TestBackend.allCases)
    func aCopyHasAGradientOfItsOwn(_ operation: Operation, _ backend: TestBackend) throws {
        var graph = Graph()
        let x = try graph.addInput([2, 3])
        let scaled = try graph.apply(.linearCombination(factors: [2]), to: [x])
        let copy = try graph.apply(operation, to: [scaled])
        let sum = try graph.apply(.add, to: [scaled, scaled])
        let objectives = [copy, sum].map { Objective($0, .weightedSum) }
        let dy = [
            Tensor(shape: graph[copy].shape.batched(1), scalars: [1, 2, 3, 4, 5, 6]),
            Tensor(shape: [1, 2, 3], scalars: [10, 20, 30, 40, 50, 60]),
        ]
        let expected: [NodeID: [Float]] = [
            copy: [1, 2, 3, 4, 5, 6], scaled: [21, 42, 63, 84, 105, 126], x: [42, 84, 126, 168, 210, 252],
        ]
        for nodes in [[copy, scaled], [scaled, copy], [copy], [scaled], [x, copy], [x]] {
            let plan = try backend.backend.load(graph)
                .plan(batchSize: 1, mode: .training(objectives, gradients: nodes))
            let found = try plan.step([randomTensor([1, 2, 3], 20)], targets: dy, dropout: nil).gradients
            for (node, gradient) in zip(nodes, found) {
                #expect(gradient.shape == graph[node].shape.batched(1) && gradient.scalars == expected[node])
            }
        }
    }

    // MARK: - Refusals

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: TestBackend.allCases) func tensorsThatDoNotFitAreRefused(_ backend: TestBackend) throws {
        let network = try branching()
        var graph = network.graph
        graph.outputs = [network.pool]
        let loaded = try load(graph, on: backend)
        let training = try loaded.trainingPlan(graph, batchSize: 2)
        let inference = try loaded.plan(batchSize: 2, mode: .inference(outputs: graph.outputs))
        let x = randomTensor([2, 6, 5, 3], 20), dy = randomTensor([2, 4], 21)
        #expect(message { _ = try training.predict([x]) }.contains("training"))
        let shape = message { _ = try inference.predict([randomTensor([3, 6, 5, 3], 0)]) }
        #expect(shape.contains("(2, 6, 5, 3)") && shape.contains("(3, 6, 5, 3)") && shape.contains("'input0'"))
        #expect(message { _ = try inference.predict([x, x]) }.contains("found 2"))
        #expect(message { _ = try training.step([x], targets: [], dropout: nil) }.contains("found 0"))
        let target = message { _ = try training.step([x], targets: [randomTensor([2, 5], 1)], dropout: nil) }
        #expect(target.contains("(2, 4)") && target.contains("(2, 5)"))
        #expect(message { _ = try training.step([x], targets: [dy], dropout: nil) }.isEmpty)
        for weights in [[], [1], [1, 1, 1]] as [[Float]] {
            let text = message {
                _ = try training.step([x], targets: [dy], sampleWeights: weights, dropout: nil)
            }
            #expect(text == "expected 2 weights of samples, found \(weights.count)")
        }
        #expect(message { _ = try training.step([x], targets: [dy], sampleWeights: [0, 2], dropout: nil) }.isEmpty)
    }

    @Test(arguments: TestBackend.allCases) func impossiblePlansAreRefused(_ backend: TestBackend) throws {
        let network = try branching()
        let loaded = try load(network.graph, on: backend)
        #expect(throws: BackendError.self) {
            try loaded.plan(batchSize: 0, mode: .inference(outputs: [network.branch]))
        }
        #expect(throws: BackendError.self) { try loaded.plan(batchSize: 1, mode: .inference(outputs: [NodeID(7)])) }
    }

    @Test(arguments: TestBackend.allCases) func dropoutWithoutRandomNumbersIsRefused(_ backend: TestBackend) throws {
        let x = [randomTensor([1, 4], 0)]
        let graph = try Graph(.dropout(rate: 0.5), inputs: [[4]])
        #expect(throws: BackendError.self) { try backend.backend.load(graph).step(graph, x, dy: x) }
        let nothing = try Graph(.dropout(rate: 0), inputs: [[4]])
        #expect(try backend.backend.load(nothing).step(nothing, x, dy: x).y == x)
    }

    /// An operation, the shapes of its inputs, and what the refusal says.
    private static let doNotFit: [(Operation, [Shape], String)] = {
        let valid = SlidingWindow(kernel: Size2D(3, 3), strides: Size2D(1, 1), padding: .valid)
        var dilated = valid
        dilated.dilation = Size2D(2, 2)
        return [
            (.maxPooling2D(valid), [[2, 2, 1]], "3x3 window does not fit into 2x2"),
            (.averagePooling2D(valid), [[3, 2, 1]], "3x3 window does not fit into 3x2"),
            (.maxPooling2D(dilated), [[9, 9, 1]], "no dilation"),
            (.conv2D(valid, filters: 2, useBias: false), [[2, 3, 1]], "3x3 window does not fit into 2x3"),
            (.conv2D(dilated, filters: 2, useBias: false), [[4, 5, 1]], "5x5 window does not fit into 4x5"),
            (.conv2D(valid, filters: 4, groups: 2, useBias: false), [[3, 3, 3]], "2 groups do not divide 3"),
            (.conv2D(valid, filters: 3, groups: 2, useBias: false), [[3, 3, 4]], "2 groups do not divide 4"),
            (.depthwiseConv2D(valid, multiplier: 0, useBias: false), [[3, 3, 4]], "must be positive"),
            (.concatenate, [[2, 2, 1], [2, 3, 1]], "differ before the channels"),
            (.add, [[3], [4]], "different shapes"),
            (.linearCombination(factors: [1]), [[3], [3]], "factor for each of 2 inputs"),
            (.multiply, [[2, 2, 3], [1, 1, 2]], "do not fit together"),
            (.flatten, [[3, 1], [3, 1]], "one input"),
            (.reshape([5]), [[3, 2]], "does not have the elements"),
            (.dropout(rate: 1), [[3]], "not in [0, 1)"),
            (.cropping2D(top: 1, bottom: 2, left: 0, right: 0), [[3, 4, 1]], "leaves nothing"),
            (.upSampling2D(Size2D(0, 1), .nearest), [[3, 4, 1]], "must be from 1"),
            (.prelu(alpha: [2]), [[3]], "does not fit"),
            (.rescale(ScalingSettings(scale: [1, 2])), [[3]], "one for each of 3"),
            (.activation(.celu(alpha: 0)), [[3]], "alpha must be positive"),
            (.activation(.rectifier(maxValue: -1, negativeSlope: 0, threshold: 0)), [[3]], "must be 0 or more"),
        ]
    }()

    @Test(arguments: doNotFit.indices) func shapesThatDoNotFitAreRefused(_ index: Int) {
        let (operation, inputs, reason) = Self.doNotFit[index]
        #expect(message { _ = try Graph(operation, inputs: inputs) }.contains(reason))
    }

    @Test(arguments: TestBackend.allCases) func inconsistentGraphsAreRefused(_ backend: TestBackend) throws {
        // A kernel with another number of channels, a missing bias, and an output of another shape.
        var kernel = try Graph(.conv2D(window, filters: 2, useBias: false), inputs: [[3, 3, 1]])
        kernel.parameters[0].shape = [3, 3, 2, 2]
        var bias = try Graph(.dense(units: 2, useBias: true), inputs: [[3]])
        bias.nodes[1].parameters.removeLast()
        var shape = try Graph(.flatten, inputs: [[3, 2]])
        shape.nodes[1].shape = [5]
        for graph in [kernel, bias, shape] {
            #expect(throws: BackendError.self) { try backend.backend.load(graph) }
        }
    }

    @Test func theBackendNamesItself() {
        let backend = TestBackend.openblas.backend
        #expect(backend.name == "openblas" && backend.threads == 2)
        #expect(backend.version.hasPrefix("OpenBLAS"))
        #expect(OpenBLASBackend(threads: 0).threads == 1)
        #expect(TestBackend.onednn.backend.version.hasPrefix("oneDNN"))
    }
}
