import ComputeGraph
import OpenBLASBackend
import Tensors
import Testing

/// A plan computes its graph.
@Suite struct PlanTests {
    private let backend = OpenBLASBackend(threads: 2)
    private let window = SlidingWindow(kernel: Size2D(3, 3), strides: Size2D(1, 1), padding: .same)

    /// Convolution, batch normalization and tanh, a sum with the tanh as both arguments, pooling, and a dense branch.
    private var branching: Graph {
        typealias Node = Graph.Node
        return Graph(
            nodes: [
                Node(name: "x", operation: .input, inputs: [], shape: [6, 5, 3]),
                Node(
                    name: "conv", operation: .conv2D(window, filters: 4, useBias: true), inputs: [0], shape: [6, 5, 4],
                    parameters: [0, 1]),
                Node(
                    name: "bn", operation: .batchNormalization(epsilon: 0.001, momentum: 0.9, isFrozen: false),
                    inputs: [1], shape: [6, 5, 4], parameters: [2, 3, 4, 5]),
                Node(name: "tanh", operation: .activation(.tanh), inputs: [2], shape: [6, 5, 4]),
                Node(name: "twice", operation: .add, inputs: [3, 3], shape: [6, 5, 4]),
                Node(name: "pool", operation: .globalAveragePooling2D, inputs: [4], shape: [4]),
                Node(
                    name: "branch", operation: .dense(units: 2, useBias: true), inputs: [5], shape: [2],
                    parameters: [6, 7]),
            ],
            parameters: [
                Graph.Parameter(name: "conv/kernel", shape: [3, 3, 3, 4]),
                Graph.Parameter(name: "conv/bias", shape: [4]),
                Graph.Parameter(name: "bn/gamma", shape: [4]),
                Graph.Parameter(name: "bn/beta", shape: [4]),
                Graph.Parameter(name: "bn/moving_mean", shape: [4], isTrainable: false),
                Graph.Parameter(name: "bn/moving_variance", shape: [4], isTrainable: false),
                Graph.Parameter(name: "branch/kernel", shape: [4, 2]),
                Graph.Parameter(name: "branch/bias", shape: [2]),
            ],
            inputs: [0], outputs: [6])
    }

    private func load(_ graph: Graph, threads: Int = 2) throws -> any LoadedGraph {
        let loaded = try OpenBLASBackend(threads: threads).load(graph)
        for (index, parameter) in graph.parameters.enumerated() {
            loaded.parameters.setWeight(index, to: randomTensor(parameter.shape, index))
        }
        return loaded
    }

    @Test func aNodeUsedTwiceGetsBothGradients() throws {
        let graph = branching
        let plan = try load(graph).plan(batchSize: 2, mode: .training(outputs: [4], inputGradients: true))
        let single = try load(graph).plan(batchSize: 2, mode: .training(outputs: [3], inputGradients: true))
        let x = randomTensor([2, 6, 5, 3], 20), dy = randomTensor([2, 6, 5, 4], 21)
        let y = try plan.forward([x], dropout: nil)[0], half = try single.forward([x], dropout: nil)[0]
        #expect(y.scalars == half.scalars.map { 2 * $0 })
        #expect(try plan.backward([dy])[0].scalars == single.backward([dy])[0].scalars.map { 2 * $0 })
    }

    @Test func aNodeMayBeOutputAndArgument() throws {
        let loaded = try load(branching)
        let plan = try loaded.plan(batchSize: 2, mode: .training(outputs: [3, 5, 3], inputGradients: true))
        let x = randomTensor([2, 6, 5, 3], 20), dy = randomTensor([2, 6, 5, 4], 21), dpool = randomTensor([2, 4], 22)
        let y = try plan.forward([x], dropout: nil)
        #expect(y.count == 3 && y[0] == y[2])
        let all = try plan.backward([dy, dpool, dy])[0]
        let zero = Tensor(repeating: 0, shape: dy.shape), zeroPool = Tensor(repeating: 0, shape: dpool.shape)
        let direct = try plan.backward([dy, zeroPool, zero])[0], pooled = try plan.backward([zero, dpool, zero])[0]
        for i in 0..<all.count {
            #expect(abs(all.scalars[i] - (2 * direct.scalars[i] + pooled.scalars[i])) < 1e-4)
        }
    }

    @Test func gradientsAreOverwrittenAndZeroWithoutAPath() throws {
        let loaded = try load(branching)
        let plan = try loaded.plan(batchSize: 2, mode: .training(outputs: [5], inputGradients: false))
        for index in [0, 6, 7] {
            let shape = branching.parameters[index].shape
            loaded.parameters.setGradient(index, to: Tensor(repeating: 7, shape: shape))
        }
        let x = randomTensor([2, 6, 5, 3], 20), dy = randomTensor([2, 4], 21)
        _ = try plan.forward([x], dropout: nil)
        #expect(try plan.backward([dy]).isEmpty)
        let first = loaded.parameters.gradient(0)
        #expect(first.scalars.contains { $0 != 0 })
        #expect(loaded.parameters.gradient(6).scalars.allSatisfy { $0 == 0 })
        #expect(loaded.parameters.gradient(7).scalars.allSatisfy { $0 == 0 })
        _ = try plan.backward([dy])
        #expect(loaded.parameters.gradient(0) == first)
    }

    @Test func resultsDoNotDependOnThreads() throws {
        func run(threads: Int) throws -> [Tensor] {
            let loaded = try load(branching, threads: threads)
            let plan = try loaded.plan(batchSize: 19, mode: .training(outputs: [6], inputGradients: true))
            let y = try plan.forward([randomTensor([19, 6, 5, 3], 20)], dropout: nil)
            let dx = try plan.backward([randomTensor([19, 2], 21)])
            let parameters = branching.parameters.indices
            return y + dx + parameters.map(loaded.parameters.gradient) + parameters.map(loaded.parameters.weight)
        }
        let one = try run(threads: 1)
        for threads in [1, 2, 3, 5] { #expect(try run(threads: threads) == one) }
    }

    @Test func aFrozenKernelLetsGradientsPass() throws {
        var graph = branching
        graph.parameters[2].isTrainable = false
        graph.parameters[3].isTrainable = false
        let loaded = try load(graph), reference = try load(branching)
        let x = randomTensor([2, 6, 5, 3], 20), dy = randomTensor([2, 2], 21)
        for loaded in [loaded, reference] {
            let plan = try loaded.plan(batchSize: 2, mode: .training(outputs: [6], inputGradients: false))
            _ = try plan.forward([x], dropout: nil)
            _ = try plan.backward([dy])
        }
        #expect(loaded.parameters.gradient(0) == reference.parameters.gradient(0))
        #expect(loaded.parameters.gradient(2).scalars.allSatisfy { $0 == 0 })
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

    @Test func inputsThatDoNotFitAreRefused() throws {
        let plan = try load(branching).plan(batchSize: 2, mode: .training(outputs: [5], inputGradients: false))
        let x = randomTensor([2, 6, 5, 3], 20)
        #expect(message { _ = try plan.backward([randomTensor([2, 4], 1)]) }.contains("forward"))
        let shape = message { _ = try plan.forward([randomTensor([3, 6, 5, 3], 0)], dropout: nil) }
        #expect(shape.contains("(2, 6, 5, 3)") && shape.contains("(3, 6, 5, 3)") && shape.contains("'x'"))
        #expect(message { _ = try plan.forward([x, x], dropout: nil) }.contains("found 2"))
        _ = try plan.forward([x], dropout: nil)
        #expect(message { _ = try plan.backward([]) }.contains("found 0"))
        let gradient = message { _ = try plan.backward([randomTensor([2, 5], 1)]) }
        #expect(gradient.contains("(2, 4)") && gradient.contains("(2, 5)"))
    }

    @Test func impossiblePlansAreRefused() throws {
        let loaded = try load(branching)
        #expect(throws: BackendError.self) { try loaded.plan(batchSize: 0, mode: .inference(outputs: [6])) }
        #expect(throws: BackendError.self) { try loaded.plan(batchSize: 1, mode: .inference(outputs: [7])) }
        let inference = try loaded.plan(batchSize: 1, mode: .inference(outputs: [5]))
        _ = try inference.forward([randomTensor([1, 6, 5, 3], 20)], dropout: nil)
        #expect(throws: BackendError.self) { try inference.backward([randomTensor([1, 4], 1)]) }
    }

    @Test func dropoutWithoutRandomNumbersIsRefused() throws {
        let x = randomTensor([1, 4], 0)
        let mode = PlanMode.training(outputs: [1], inputGradients: true)
        let plan = try backend.load(graph(.dropout(rate: 0.5), inputs: [[4]], output: [4]))
            .plan(batchSize: 1, mode: mode)
        #expect(throws: BackendError.self) { try plan.forward([x], dropout: nil) }
        let nothing = try backend.load(graph(.dropout(rate: 0), inputs: [[4]], output: [4])).plan(
            batchSize: 1, mode: mode)
        #expect(try nothing.forward([x], dropout: nil)[0] == x)
    }

    @Test func inconsistentGraphsAreRefused() {
        let valid = SlidingWindow(kernel: Size2D(3, 3), strides: Size2D(1, 1), padding: .valid)
        let doNotFit = [
            graph(.maxPooling2D(valid), inputs: [[2, 2, 1]], output: [0, 0, 1]),
            graph(.averagePooling2D(valid), inputs: [[3, 2, 1]], output: [1, 1, 1]),
            graph(
                .conv2D(valid, filters: 2, useBias: false), inputs: [[2, 3, 1]], output: [1, 1, 2],
                parameters: [[3, 3, 1, 2]]),
            // A kernel with another number of channels, a missing bias, different sizes, one input too many.
            graph(
                .conv2D(valid, filters: 2, useBias: false), inputs: [[3, 3, 1]], output: [1, 1, 2],
                parameters: [[3, 3, 2, 2]]),
            graph(.dense(units: 2, useBias: true), inputs: [[3]], output: [2], parameters: [[3, 2]]),
            graph(.concatenate, inputs: [[2, 2, 1], [2, 3, 1]], output: [2, 2, 2]),
            graph(.add, inputs: [[3], [4]], output: [3]),
            graph(.flatten, inputs: [[3, 1], [3, 1]], output: [3]),
            graph(.dropout(rate: 1), inputs: [[3]], output: [3]),
        ]
        for graph in doNotFit {
            #expect(throws: BackendError.self) {
                try backend.load(graph).plan(batchSize: 1, mode: .inference(outputs: graph.outputs))
            }
        }
    }

    @Test func theBackendNamesItself() {
        #expect(backend.name == "openblas" && backend.threads == 2)
        #expect(backend.version.hasPrefix("OpenBLAS"))
        #expect(OpenBLASBackend(threads: 0).threads == 1)
    }
}
