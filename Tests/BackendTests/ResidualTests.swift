import ComputeGraph
import FixtureSupport
import Tensors
import Testing

@testable import OneDNNBackend

/// Residual modules: the fast backend lets a convolution compute the sum that only its output goes into, and adds the
/// gradients that go through shortcuts where it computes the others.
@Suite struct ResidualTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// How many sums a convolution may compute, in training and in inference.
        let sums: (training: Int, inference: Int)
        /// From a convolution's output to the outputs of the graph.
        let build: @Sendable (inout Graph, NodeID) throws -> [NodeID]
        var testDescription: String { name }

        init(
            _ name: String, sums: (training: Int, inference: Int),
            _ build: @escaping @Sendable (inout Graph, NodeID) throws -> [NodeID]
        ) {
            self.name = name
            self.sums = sums
            self.build = build
        }

        init(
            _ name: String, sums: Int, _ build: @escaping @Sendable (inout Graph, NodeID) throws -> [NodeID]
        ) {
            self.init(name, sums: (sums, sums), build)
        }
    }

    static let cases: [Case] = [
        Case("a module", sums: 1) { [try $0.module($1, filters: 32)] },
        Case("a projection", sums: 1) { [try $0.module($1, filters: 48, stride: 2, projects: true)] },
        Case("three modules, then a normalization", sums: 3) { graph, x in
            var y = try graph.module(x, filters: 64, projects: true)
            y = try graph.module(y, filters: 64)
            y = try graph.module(y, filters: 64)
            return [try graph.activated(y)]
        },
        Case("a module of 3x3 convolutions", sums: 1) { graph, x in
            let y = try graph.conv(graph.activated(x), 32, size: 3)
            return [try graph.apply(.add, to: [graph.conv(graph.activated(y), 32, size: 3), x])]
        },
        Case("the shortcut comes first", sums: 1) { [try $0.apply(.add, to: [$1, $0.conv($1, 32, useBias: true)])] },
        Case("two convolutions", sums: 1) {
            [try $0.apply(.add, to: [$0.conv($1, 32), $0.conv($1, 32, size: 3, useBias: true)])]
        },
        Case("a depthwise convolution", sums: 1) { graph, x in
            let depthwise = Operation.depthwiseConv2D(.same(3), multiplier: 1, useBias: true)
            return [try graph.apply(.add, to: [x, graph.apply(depthwise, to: [x])])]
        },
        Case("channels that fill no block", sums: 1) { graph, x in
            let y = try graph.conv(x, 5)
            return [try graph.apply(.add, to: [graph.conv(graph.activated(y), 5), y])]
        },
        Case("a frozen convolution", sums: 1) { graph, x in
            let frozen = Operation.conv2D(.same(1), filters: 32, useBias: true)
            return [try graph.apply(.add, to: [x, graph.apply(frozen, to: [x], trainable: [false, false])])]
        },
        Case("a sum that is also an output", sums: 2) { graph, x in
            let y = try graph.module(x, filters: 32)
            return [y, try graph.module(y, filters: 32), y]
        },
        Case("a shortcut that is also an output", sums: 1) { [$1, try $0.module($1, filters: 32)] },
        Case("a shortcut that is used again later", sums: 1) { graph, x in
            [try graph.apply(.multiply, to: [graph.module(x, filters: 32), x])]
        },
        Case("a shortcut that is used again, elsewhere and in another layout", sums: 1) { graph, x in
            let y = try graph.module(x, filters: 32)
            let flat = try graph.apply(.flatten, to: [x])
            return [y, try graph.apply(.dense(units: 3, useBias: true), to: [flat])]
        },
        Case("a shortcut that an activation changes", sums: 1) { graph, x in
            let shortcut = try graph.apply(.activation(.relu), to: [x])
            return [try graph.apply(.add, to: [graph.conv(x, 32), shortcut])]
        },
        Case("the input as shortcut", sums: 1) { graph, x in
            [try graph.apply(.add, to: [graph.conv(x, 3), graph.inputs[0]])]
        },
        Case("a normalization before the sum and a ReLU behind it", sums: (training: 0, inference: 1)) { graph, x in
            let y = try graph.normalized(graph.conv(x, 32))
            return [try graph.apply(.activation(.relu), to: [graph.apply(.add, to: [y, x])])]
        },
        Case("a 3x3 convolution, a normalization, the sum and a ReLU", sums: (training: 0, inference: 1)) { graph, x in
            let y = try graph.normalized(graph.conv(x, 32, size: 3))
            return [try graph.apply(.activation(.relu), to: [graph.apply(.add, to: [y, x])])]
        },
        Case("a factor, which the kernel takes", sums: (training: 0, inference: 1)) { graph, x in
            let y = try graph.conv(x, 32, useBias: true)
            let sum = try graph.apply(.linearCombination(factors: [1, 0.17]), to: [x, y])
            return [try graph.apply(.activation(.relu), to: [sum])]
        },
        Case("a factor that comes first, after a normalization", sums: (training: 0, inference: 1)) { graph, x in
            let y = try graph.normalized(graph.conv(x, 32))
            return [try graph.apply(.linearCombination(factors: [0.5, 1]), to: [y, x])]
        },
        Case("a difference", sums: (training: 0, inference: 1)) { graph, x in
            [try graph.apply(.linearCombination(factors: [1, -1]), to: [x, graph.conv(x, 32, size: 3)])]
        },
        // What is not fused.
        Case("a convolution that is also an output", sums: 0) { graph, x in
            let y = try graph.conv(x, 32)
            return [try graph.apply(.add, to: [y, x]), y]
        },
        Case("a convolution that is used again", sums: 0) { graph, x in
            let y = try graph.conv(x, 32)
            return [try graph.apply(.multiply, to: [graph.apply(.add, to: [y, x]), y])]
        },
        Case("a convolution twice", sums: 0) { graph, x in
            let y = try graph.conv(x, 32)
            return [try graph.apply(.add, to: [y, y])]
        },
        Case("a shortcut that is computed later", sums: 0) { graph, x in
            let y = try graph.conv(x, 32)
            return [try graph.apply(.add, to: [y, graph.apply(.activation(.tanh), to: [x])])]
        },
        Case("a ReLU before the sum", sums: 0) { graph, x in
            let y = try graph.apply(.activation(.relu), to: [graph.conv(x, 32)])
            return [try graph.apply(.add, to: [y, x])]
        },
        Case("a sum of three", sums: 0) { graph, x in
            [try graph.apply(.add, to: [x, graph.conv(x, 32), graph.conv(x, 32)])]
        },
        Case("a factor of the shortcut", sums: 0) { graph, x in
            [try graph.apply(.linearCombination(factors: [0.5, 1]), to: [x, graph.conv(x, 32)])]
        },
    ]

    private func graph(_ c: Case) throws -> Graph {
        var graph = Graph()
        let x = try graph.addInput([6, 7, 3])
        // oneDNN may lay out the output of a convolution of three channels otherwise than that of 32, and sums of two layouts
        // are not computed together.
        graph.outputs = try c.build(&graph, graph.conv(graph.conv(x, 32, size: 3), 32))
        return graph
    }

    @Test(arguments: cases) func backendsAgree(_ c: Case) throws { try expectAgreement(graph(c)) }

    @Test(arguments: cases) func convolutionsComputeSums(_ c: Case) throws {
        let graph = try graph(c)
        func sums(_ mode: PlanMode) throws -> Int {
            try AnalyzedGraph(graph, batchSize: 5, mode: mode).fusions().values.count { $0.sum != nil }
        }
        let outputs = graph.outputs
        #expect(try sums(.inference(outputs: outputs)) == c.sums.inference)
        #expect(
            try sums(.training(outputs.map { Objective($0, .weightedSum) }, outputs: outputs)) == c.sums.training)
    }

    /// If the convolution's output is wanted too, the sum is computed alone.
    @Test func aFusedSumHasTheBitsOfASumAlone() throws {
        var graph = Graph()
        let x = try graph.addInput([6, 7, 3])
        let shortcut = try graph.conv(x, 32, size: 3)
        let y = try graph.conv(graph.activated(shortcut), 32)
        let sum = try graph.apply(.add, to: [y, shortcut])
        let inputs = [randomTensor([5, 6, 7, 3], 1)], dy = randomTensor([5, 6, 7, 32], 2)
        func run(_ outputs: [NodeID], dy: [Tensor]) throws -> [Tensor] {
            graph.outputs = outputs
            let loaded = try TestBackend.onednn.backend.load(graph)
            loaded.setParameters(of: graph)
            let predicted = try loaded.predict(graph, inputs)[0]
            let (y, dx) = try loaded.step(graph, inputs, dy: dy)
            return [predicted, y[0], dx[0]] + graph.parameterIDs.map(loaded.parameters.gradient)
        }
        let alone = try run([sum, y], dy: [dy, Tensor(repeating: 0, shape: dy.shape)])
        #expect(try run([sum], dy: [dy]) == alone)
    }
}

extension SlidingWindow {
    fileprivate static func same(_ size: Int, stride: Int = 1) -> SlidingWindow {
        SlidingWindow(kernel: Size2D(size, size), strides: Size2D(stride, stride), padding: .same)
    }
}

extension Graph {
    fileprivate mutating func conv(
        _ x: NodeID, _ filters: Int, size: Int = 1, stride: Int = 1, useBias: Bool = false
    ) throws -> NodeID {
        try apply(.conv2D(.same(size, stride: stride), filters: filters, useBias: useBias), to: [x])
    }

    fileprivate mutating func normalized(_ x: NodeID) throws -> NodeID {
        try apply(.batchNormalization(NormalizationSettings(epsilon: 0.001, momentum: 0.9)), to: [x])
    }

    fileprivate mutating func activated(_ x: NodeID) throws -> NodeID {
        try apply(.activation(.relu), to: [normalized(x)])
    }

    /// A bottleneck with pre-activation.
    fileprivate mutating func module(
        _ x: NodeID, filters: Int, stride: Int = 1, projects: Bool = false
    ) throws -> NodeID {
        let activated = try activated(x)
        var y = try conv(activated, 16)
        y = try conv(self.activated(y), 16, size: 3, stride: stride)
        y = try conv(self.activated(y), filters)
        return try apply(.add, to: [y, projects ? conv(activated, filters, stride: stride) : x])
    }
}
