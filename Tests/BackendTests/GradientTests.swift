import ComputeGraph
import FixtureSupport
import Tensors
import Testing

/// Every operation's backward pass agrees with central differences of its forward pass, on every backend.
@Suite struct GradientTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let operation: Operation
        let inputs: [Shape]
        var step: Float = 0.01

        var testDescription: String { "\(operation) of \(inputs)" }
    }

    private static func window(
        _ height: Int, _ width: Int, _ rows: Int, _ columns: Int, _ padding: Padding, dilation: Size2D = Size2D(1, 1)
    ) -> SlidingWindow {
        SlidingWindow(
            kernel: Size2D(height, width), strides: Size2D(rows, columns), padding: padding, dilation: dilation)
    }

    private static func normalization(scale: Bool = true, center: Bool = true, isFrozen: Bool = false) -> Operation {
        .batchNormalization(
            NormalizationSettings(epsilon: 0.001, momentum: 0.9, scale: scale, center: center, isFrozen: isFrozen))
    }

    /// Linear operations: any step is exact, and a large step has the smallest rounding errors.
    private static let linear: [Case] = [
        Case(operation: .conv2D(window(3, 3, 1, 1, .same), filters: 4, useBias: true), inputs: [[5, 6, 3]]),
        Case(operation: .conv2D(window(3, 2, 2, 1, .same), filters: 4, useBias: true), inputs: [[6, 5, 3]]),
        Case(operation: .conv2D(window(3, 3, 2, 2, .valid), filters: 5, useBias: false), inputs: [[8, 7, 2]]),
        // A row before the image and two after it, and two columns and three.
        Case(operation: .conv2D(window(5, 7, 2, 2, .same), filters: 4, useBias: true), inputs: [[6, 8, 3]]),
        Case(operation: .conv2D(window(1, 1, 1, 1, .same), filters: 5, useBias: true), inputs: [[4, 3, 6]]),
        Case(operation: .conv2D(window(1, 1, 2, 2, .same), filters: 5, useBias: false), inputs: [[5, 4, 6]]),
        // With holes, with more holes than the image has rows, and in groups.
        Case(
            operation: .conv2D(window(3, 3, 1, 1, .same, dilation: Size2D(2, 3)), filters: 4, useBias: true),
            inputs: [[7, 8, 3]]),
        Case(
            operation: .conv2D(window(3, 2, 1, 1, .valid, dilation: Size2D(2, 1)), filters: 4, useBias: false),
            inputs: [[7, 5, 3]]),
        Case(
            operation: .conv2D(window(3, 3, 1, 1, .same, dilation: Size2D(5, 5)), filters: 2, useBias: true),
            inputs: [[3, 3, 2]]),
        Case(
            operation: .conv2D(window(3, 3, 1, 1, .same), filters: 6, groups: 3, useBias: true), inputs: [[5, 4, 9]]),
        Case(
            operation: .conv2D(window(1, 1, 1, 1, .same), filters: 4, groups: 2, useBias: false),
            inputs: [[3, 4, 6]]),
        Case(
            operation: .conv2D(
                window(3, 3, 2, 2, .same, dilation: Size2D(2, 2)), filters: 32, groups: 2, useBias: true),
            inputs: [[6, 7, 32]]),
        Case(
            operation: .depthwiseConv2D(window(3, 3, 1, 1, .same), multiplier: 1, useBias: true), inputs: [[5, 6, 4]]),
        Case(
            operation: .depthwiseConv2D(window(3, 2, 2, 2, .valid), multiplier: 3, useBias: false),
            inputs: [[7, 6, 2]]),
        Case(
            operation: .depthwiseConv2D(window(3, 3, 2, 2, .same), multiplier: 1, useBias: true),
            inputs: [[5, 6, 32]]),
        Case(
            operation: .depthwiseConv2D(
                window(3, 3, 1, 1, .same, dilation: Size2D(2, 2)), multiplier: 2, useBias: true), inputs: [[6, 5, 3]]),
        Case(
            operation: .depthwiseConv2D(window(5, 7, 2, 2, .same), multiplier: 2, useBias: true), inputs: [[6, 8, 3]]),
        Case(operation: .dense(units: 70, useBias: true), inputs: [[130]]),
        Case(operation: .dense(units: 4, useBias: false), inputs: [[3, 2, 5]]),
        Case(operation: normalization(isFrozen: true), inputs: [[3, 4, 5]]),
        Case(operation: normalization(scale: false, isFrozen: true), inputs: [[3, 4, 5]]),
        Case(operation: normalization(scale: false, center: false, isFrozen: true), inputs: [[3, 4, 16]]),
        Case(operation: .averagePooling2D(window(3, 3, 2, 2, .same)), inputs: [[6, 5, 2]]),
        Case(operation: .averagePooling2D(window(5, 7, 2, 2, .same)), inputs: [[6, 8, 2]]),
        Case(operation: .globalAveragePooling2D, inputs: [[4, 3, 5]]),
        Case(operation: .zeroPadding2D(top: 1, bottom: 2, left: 0, right: 3), inputs: [[3, 2, 4]]),
        Case(operation: .cropping2D(top: 1, bottom: 2, left: 0, right: 3), inputs: [[5, 6, 2]]),
        Case(operation: .upSampling2D(Size2D(2, 3), .nearest), inputs: [[4, 3, 2]]),
        Case(operation: .upSampling2D(Size2D(2, 3), .bilinear), inputs: [[4, 3, 2]]),
        Case(operation: .upSampling2D(Size2D(2, 2), .bilinear), inputs: [[1, 3, 2]]),
        Case(operation: .concatenate, inputs: [[2, 3, 4], [2, 3, 1], [2, 3, 5]]),
        Case(operation: .add, inputs: [[2, 3, 4], [2, 3, 4], [2, 3, 4]]),
        Case(operation: .linearCombination(factors: [1, -1]), inputs: [[2, 3, 4], [2, 3, 4]]),
        Case(operation: .linearCombination(factors: [1, 0.17, -2]), inputs: [[5], [5], [5]]),
        Case(operation: .flatten, inputs: [[2, 3, 4]]),
        Case(operation: .reshape([4, 3, 2]), inputs: [[2, 3, 4]]),
        Case(operation: .dropout(rate: 0.4), inputs: [[3, 5, 3]]),
        Case(operation: .rescale(ScalingSettings(scale: [0.5], offset: [-1])), inputs: [[3, 2, 3]]),
        Case(operation: .rescale(ScalingSettings(scale: [0.5, -2, 3])), inputs: [[3, 2, 3]]),
        Case(operation: .normalize(invert: false), inputs: [[3, 2, 3]]),
        Case(operation: .normalize(invert: true), inputs: [[3, 2, 3]]),
        Case(operation: .activation(.linear), inputs: [[7]]),
    ].map { Case(operation: $0.operation, inputs: $0.inputs, step: 0.5) }

    /// Piecewise linear operations: a step must stay in its piece.
    private static let bent: [Case] = [
        Case(operation: .maxPooling2D(window(3, 3, 2, 2, .same)), inputs: [[7, 6, 2]]),
        Case(operation: .maxPooling2D(window(5, 7, 2, 2, .same)), inputs: [[6, 8, 2]]),
        Case(operation: .maxPooling2D(window(2, 3, 1, 2, .valid)), inputs: [[5, 7, 2]]),
        Case(operation: .globalMaxPooling2D, inputs: [[4, 3, 5]]),
        Case(operation: .maximum, inputs: [[2, 3, 4], [2, 3, 4], [2, 3, 4]], step: 0.004),
        Case(operation: .minimum, inputs: [[2, 3, 4], [1, 1, 4]], step: 0.004),
        Case(operation: .prelu(alpha: [1, 1, 4]), inputs: [[3, 2, 4]]),
        Case(operation: .prelu(alpha: [3, 2, 4]), inputs: [[3, 2, 4]]),
        Case(operation: .prelu(alpha: [1]), inputs: [[5]]),
    ]

    private static let curved: [Case] = [
        Case(operation: .multiply, inputs: [[2, 3, 4], [2, 3, 4]]),
        Case(operation: .multiply, inputs: [[2, 3, 4], [1, 1, 4], [2, 1, 1]]),
        Case(operation: .multiply, inputs: [[4], [2, 3, 4]]),
        Case(operation: .activation(.softmax), inputs: [[2, 2, 6]]),
        Case(operation: .activation(.logSoftmax), inputs: [[2, 2, 6]]),
        Case(operation: normalization(), inputs: [[3, 4, 5]]),
        Case(operation: normalization(), inputs: [[3, 4, 16]]),
        Case(operation: normalization(), inputs: [[6]]),
        Case(operation: normalization(scale: false), inputs: [[3, 4, 5]]),
        Case(operation: normalization(center: false), inputs: [[3, 4, 16]]),
        Case(operation: normalization(scale: false, center: false), inputs: [[3, 4, 16]]),
        Case(operation: normalization(scale: false, center: false), inputs: [[6]]),
        Case(
            operation: .localResponseNormalization(depthRadius: 2, bias: 1.5, alpha: 0.3, beta: 0.75),
            inputs: [[2, 3, 8]]),
    ]

    private static let activations: [ActivationFunction] = [
        .relu, .sigmoid, .tanh, .elu(alpha: 0.7), .selu, .celu(alpha: 0.6), .silu, .gelu(approximate: false),
        .gelu(approximate: true), .mish, .softplus, .softsign, .exponential, .relu6, .leakyReLU(negativeSlope: 0.2),
        .rectifier(maxValue: 0.48, negativeSlope: 0, threshold: 0),
        .rectifier(maxValue: 0.48, negativeSlope: 0.1, threshold: 0.24),
        .rectifier(maxValue: nil, negativeSlope: 0, threshold: 0.24), .hardSigmoid(slope: 1 / 6),
        .hardSigmoid(slope: 0.25), .hardSilu,
    ]

    static let cases =
        linear + bent + curved + activations.map { Case(operation: .activation($0), inputs: [[7, 13]]) }

    @Test(arguments: cases, TestBackend.allCases)
    func gradientsAgreeWithFiniteDifferences(_ c: Case, _ backend: TestBackend) throws {
        let batchSize = 3
        let graph = try Graph(c.operation, inputs: c.inputs)
        let loaded = try backend.backend.load(graph)
        loaded.setParameters(of: graph)
        let plan = try loaded.trainingPlan(graph, batchSize: batchSize)
        let dropout = RandomStream(seed: 3, purpose: .dropout, index: 1)
        var inputs = c.inputs.enumerated().map { separatedTensor($1.batched(batchSize), $0) }
        let dy = randomTensor(graph[graph.outputs[0]].shape.batched(batchSize), 50)
        func step() throws -> StepResult { try plan.step(inputs, targets: [dy], dropout: dropout) }

        let result = try step()
        let gradients = graph.parameterIDs.map { loaded.parameters.gradient($0) }

        /// Checks some elements of a gradient. `change` adds to an element of the input or parameter.
        func check(_ gradient: Tensor, _ what: String, _ change: (_ element: Int, _ amount: Float) -> Void) throws {
            let scale = Double(gradient.scalars.reduce(0) { max($0, abs($1)) })
            for sample in 0..<min(12, gradient.count) {
                let i = sample * 7919 % gradient.count
                change(i, c.step)
                let above = try step().scores[0].loss
                change(i, -2 * c.step)
                let below = try step().scores[0].loss
                change(i, c.step)
                let expected = (above - below) / (2 * Double(c.step))
                let found = Double(gradient.scalars[i])
                #expect(
                    abs(found - expected) <= 2e-3 * max(scale, 0.1), "\(what)[\(i)]: \(found), expected \(expected)")
            }
        }
        for (index, gradient) in result.gradients.enumerated() {
            try check(gradient, "input \(index)") { inputs[index].scalars[$0] += $1 }
        }
        for (parameter, gradient) in zip(graph.parameterIDs, gradients) where graph[parameter].isTrainable {
            try check(gradient, "parameter \(parameter.index)") { element, amount in
                var weight = loaded.parameters.weight(parameter)
                weight.scalars[element] += amount
                loaded.parameters.setWeight(parameter, to: weight)
            }
        }
    }
}
