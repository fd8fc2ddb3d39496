import ComputeGraph
import FixtureSupport
import Tensors
import Testing

/// The fast backends agree with the readable one where they have layouts of their own: behind a convolution, whose channels
/// come in blocks, in training and in inference, where they compute several nodes at once.
@Suite struct AgreementTests {
    private static func window(_ size: Int, stride: Int = 1, dilation: Int = 1) -> SlidingWindow {
        SlidingWindow(
            kernel: Size2D(size, size), strides: Size2D(stride, stride), padding: .same,
            dilation: Size2D(dilation, dilation))
    }

    private static let settings = NormalizationSettings(epsilon: 0.001, momentum: 0.9)

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let build: @Sendable (inout Graph, NodeID) throws -> NodeID
        var testDescription: String { name }

        init(_ name: String, _ build: @escaping @Sendable (inout Graph, NodeID) throws -> NodeID) {
            self.name = name
            self.build = build
        }

        /// One operation of the convolution's output alone.
        init(_ operation: Operation) { self.init("\(operation)") { try $0.apply(operation, to: [$1]) } }

        /// A convolution, then a normalization and a ReLU.
        static func unit(_ convolution: Operation, _ settings: NormalizationSettings? = nil) -> Case {
            Case("\(convolution), \(settings.map { "\($0)" } ?? "no normalization"), ReLU") { graph, x in
                try graph.apply(.activation(.relu), to: [normalized(convolution, settings, of: x, in: &graph)])
            }
        }

        /// The same, but a sum wants what the ReLU takes away.
        static func withTwoReaders(_ operation: Operation, _ settings: NormalizationSettings? = nil) -> Case {
            Case("\(operation), \(settings.map { "\($0)" } ?? "no normalization"), ReLU and sum") { graph, x in
                let y = try normalized(operation, settings, of: x, in: &graph)
                return try graph.apply(.add, to: [graph.apply(.activation(.relu), to: [y]), y])
            }
        }

        private static func normalized(
            _ operation: Operation, _ settings: NormalizationSettings?, of x: NodeID, in graph: inout Graph
        ) throws -> NodeID {
            let y = try graph.apply(operation, to: [x])
            return try settings.map { try graph.apply(.batchNormalization($0), to: [y]) } ?? y
        }

        /// An operation of the convolution's output and the means of its channels.
        static func withMeans(_ operation: Operation) -> Case {
            Case("\(operation) with means") { graph, x in
                let means = try graph.apply(.globalAveragePooling2D, to: [x])
                let gate = try graph.apply(.activation(.sigmoid), to: [means])
                return try graph.apply(operation, to: [x, graph.apply(.reshape([1, 1, 32]), to: [gate])])
            }
        }
    }

    static let cases: [Case] =
        [
            .unit(.conv2D(window(3), filters: 16, useBias: true), settings),
            .unit(.conv2D(window(3, dilation: 2), filters: 16, useBias: true), settings),
            .unit(.conv2D(window(3), filters: 64, groups: 4, useBias: true), settings),
            .unit(.conv2D(window(3), filters: 24, groups: 2, useBias: false), settings),
            .unit(.conv2D(window(1), filters: 16, groups: 8, useBias: true)),
            .unit(.depthwiseConv2D(window(3), multiplier: 1, useBias: true), settings),
            .unit(.depthwiseConv2D(window(3, stride: 2), multiplier: 1, useBias: false), settings),
            .unit(.depthwiseConv2D(window(5), multiplier: 2, useBias: true), settings),
            .unit(.depthwiseConv2D(window(3, dilation: 2), multiplier: 1, useBias: true)),
            .unit(
                .conv2D(window(3), filters: 16, useBias: true),
                NormalizationSettings(epsilon: 0.001, momentum: 0.9, scale: false)),
            .unit(
                .conv2D(window(3), filters: 16, useBias: false),
                NormalizationSettings(epsilon: 0.001, momentum: 0.9, center: false)),
            .unit(
                .depthwiseConv2D(window(3), multiplier: 1, useBias: true),
                NormalizationSettings(epsilon: 0.001, momentum: 0.9, scale: false, center: false)),
            .unit(
                .conv2D(window(3), filters: 16, useBias: true),
                NormalizationSettings(epsilon: 0.001, momentum: 0.9, scale: false, isFrozen: true)),
            .unit(.conv2D(window(7, stride: 2), filters: 16, useBias: true), settings),
            .unit(.conv2D(window(5, stride: 2), filters: 24, groups: 2, useBias: false), settings),
            .unit(.depthwiseConv2D(window(5, stride: 2), multiplier: 1, useBias: true), settings),
            .withTwoReaders(.conv2D(window(3), filters: 16, useBias: false), settings),
            .withTwoReaders(.conv2D(window(3), filters: 16, useBias: true)),
            .withTwoReaders(.depthwiseConv2D(window(3), multiplier: 1, useBias: true)),
            .withTwoReaders(.dense(units: 16, useBias: true)), Case(.maxPooling2D(window(5, stride: 2))),
            Case(.averagePooling2D(window(5, stride: 2))), Case(.globalMaxPooling2D),
            Case(.cropping2D(top: 1, bottom: 0, left: 2, right: 1)),
            Case(.zeroPadding2D(top: 1, bottom: 0, left: 2, right: 1)),
            Case(.upSampling2D(Size2D(2, 2), .nearest)), Case(.upSampling2D(Size2D(3, 2), .bilinear)),
            Case(.reshape([2, 7, 6 * 16])), Case(.prelu(alpha: [1, 1, 32])),
            Case(.rescale(ScalingSettings(scale: [0.5], offset: [1]))), Case(.normalize(invert: false)),
            .withMeans(.multiply), .withMeans(.maximum), .withMeans(.minimum),
            Case("a scaled residual") { graph, x in
                let up = try graph.apply(.conv2D(window(1), filters: 32, useBias: true), to: [x])
                return try graph.apply(.linearCombination(factors: [1, 0.17]), to: [x, up])
            },
            Case("a product of an output with itself") { try $0.apply(.multiply, to: [$1, $1]) },
            Case("an output twice in a maximum") { try $0.apply(.maximum, to: [$1, $1]) },
        ]
        + [
            Operation.conv2D(window(3), filters: 16, useBias: true),
            .conv2D(window(3), filters: 24, groups: 2, useBias: true),
            .depthwiseConv2D(window(3), multiplier: 1, useBias: true), .dense(units: 16, useBias: true),
        ].map { operation in
            Case("\(operation), only the bias is trained") {
                try $0.apply(operation, to: [$1], trainable: [false, true])
            }
        }
        + [
            .relu6, .leakyReLU(negativeSlope: 0.3), .rectifier(maxValue: 2, negativeSlope: 0.1, threshold: 0), .selu,
            .celu(alpha: 0.5), .silu, .gelu(approximate: false), .gelu(approximate: true), .mish, .softplus, .softsign,
            .exponential, .hardSigmoid(slope: 0.2), .hardSilu, .logSoftmax,
        ].map { (function: ActivationFunction) in Case(.activation(function)) }

    @Test(arguments: cases) func backendsAgree(_ c: Case) throws {
        var graph = Graph()
        let x = try graph.addInput([6, 7, 3])
        let body = try graph.apply(.conv2D(Self.window(3), filters: 32, useBias: true), to: [x])
        graph.outputs = [try c.build(&graph, body)]
        try expectAgreement(graph)
    }
}
