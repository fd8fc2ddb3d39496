import ComputeGraph
import FixtureSupport
import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// Every layer's gradients, on both backends, against finite differences of its own output.
@Suite struct GradientTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let shape: Shape
        let network: @Sendable (KerasTensor) -> KerasTensor
    }

    static let cases: [Case] = [
        Case(testDescription: "Conv2D same", shape: [6, 5, 3]) { Conv2D(4, kernelSize: (3, 2), padding: .same)($0) },
        Case(testDescription: "Conv2D strided", shape: [7, 8, 3]) {
            Conv2D(18, kernelSize: (3, 3), strides: (2, 2), useBias: false)($0)
        },
        Case(testDescription: "Conv2D wide", shape: [6, 6, 16]) { Conv2D(32, kernelSize: (3, 3), padding: .same)($0) },
        Case(testDescription: "Conv2D dilated, in groups", shape: [7, 6, 4]) {
            Conv2D(6, kernelSize: (3, 2), padding: .same, dilationRate: (2, 1), groups: 2)($0)
        },
        Case(testDescription: "DepthwiseConv2D", shape: [6, 5, 4]) {
            DepthwiseConv2D(kernelSize: (3, 3), strides: (2, 2), padding: .same, depthMultiplier: 2)($0)
        },
        Case(testDescription: "SeparableConv2D", shape: [6, 5, 4]) {
            SeparableConv2D(5, kernelSize: (3, 3), depthMultiplier: 2, activation: .tanh)($0)
        },
        Case(testDescription: "squeeze and excitation", shape: [4, 5, 16]) { x in
            let squeezed = Dense(4, activation: .silu)(GlobalAveragePooling2D(keepdims: true)(x))
            return Multiply()([x, Dense(16, activation: .sigmoid)(squeezed)])
        },
        Case(testDescription: "a scaled residual", shape: [4, 5, 6]) { x in
            CustomScaleLayer(scale: 0.3)([x, Conv2D(6, kernelSize: (1, 1))(x)])
        },
        Case(testDescription: "Subtract", shape: [3, 4, 3]) { Subtract()([$0, Dense(3)($0)]) },
        Case(testDescription: "PReLU", shape: [3, 4, 5]) { PReLU(sharedAxes: [1, 2])($0) },
        Case(testDescription: "Normalization", shape: [3, 4, 2]) {
            Normalization(.init(mean: [0.25, 1], variance: [4, 0.5]))($0)
        },
        Case(testDescription: "Dense", shape: [7]) { Dense(5)($0) },
        Case(testDescription: "Dense on an image", shape: [3, 2, 7]) { Dense(5)($0) },
        Case(testDescription: "BatchNormalization", shape: [4, 3, 5]) { BatchNormalization()($0) },
        Case(testDescription: "BatchNormalization and ReLU", shape: [4, 3, 16]) {
            Activation(.relu)(BatchNormalization()($0))
        },
        Case(testDescription: "BatchNormalization, frozen", shape: [4, 3, 5]) {
            BatchNormalization(isTrainable: false)(Conv2D(5, kernelSize: (1, 1))($0))
        },
        Case(testDescription: "ELU", shape: [4, 3, 5]) { ELU(alpha: 0.7)($0) },
        Case(testDescription: "sigmoid", shape: [6]) { Activation(.sigmoid)($0) },
        Case(testDescription: "tanh", shape: [6]) { Activation(.tanh)($0) },
        Case(testDescription: "softmax", shape: [2, 2, 6]) { Activation(.softmax)($0) },
        Case(testDescription: "MaxPooling2D", shape: [6, 7, 4]) {
            MaxPooling2D((3, 3), strides: (2, 2), padding: .same)($0)
        },
        Case(testDescription: "AveragePooling2D", shape: [6, 7, 4]) {
            AveragePooling2D((3, 3), strides: (2, 2), padding: .same)($0)
        },
        Case(testDescription: "GlobalAveragePooling2D", shape: [6, 7, 4]) { GlobalAveragePooling2D()($0) },
        Case(testDescription: "GlobalMaxPooling2D", shape: [3, 4, 3]) { GlobalMaxPooling2D()($0) },
        Case(testDescription: "LocalResponseNormalization", shape: [3, 3, 9]) {
            LocalResponseNormalization(depthRadius: 2, bias: 1, alpha: 0.5, beta: 0.75)($0)
        },
        Case(testDescription: "ZeroPadding2D", shape: [3, 4, 5]) {
            ZeroPadding2D(top: 1, bottom: 2, left: 0, right: 3)($0)
        },
        Case(testDescription: "Flatten", shape: [3, 4, 5]) { Dense(3)(Flatten()($0)) },
        Case(testDescription: "Concatenate", shape: [4, 4, 6]) { x in
            Concatenate()([Conv2D(16, kernelSize: (1, 1))(x), x, Conv2D(5, kernelSize: (1, 1))(x)])
        },
        Case(testDescription: "one tensor used twice", shape: [4, 4, 6]) { x in
            let y = Activation(.tanh)(Conv2D(6, kernelSize: (3, 3), padding: .same)(x))
            return Add()([y, y, x])
        },
        Case(testDescription: "Conv2D called twice", shape: [5, 4, 3]) { x in
            let conv = Conv2D(3, kernelSize: (3, 3), padding: .same)
            return conv(Activation(.tanh)(conv(x)))
        },
        Case(testDescription: "Dense called three times", shape: [6]) { x in
            let dense = Dense(6, activation: .tanh)
            return dense(dense(dense(x)))
        },
        Case(testDescription: "BatchNormalization called twice", shape: [4, 3, 5]) { x in
            let normalization = BatchNormalization()
            return normalization(Activation(.tanh)(normalization(x)))
        },
        Case(testDescription: "a model called twice", shape: [5, 4, 3]) { x in
            let model = Sequential(
                [5, 4, 3],
                [Conv2D(3, kernelSize: (3, 3), padding: .same), BatchNormalization(), Activation(.tanh), Dense(3)])
            return Add()([model(model(x)), x])
        },
        Case(testDescription: "inception module", shape: [6, 6, 8]) { x in
            func conv(_ x: KerasTensor, _ filters: Int, _ side: Int) -> KerasTensor {
                Activation(.elu(alpha: 1))(
                    BatchNormalization()(Conv2D(filters, kernelSize: (side, side), padding: .same)(x)))
            }
            let pool = MaxPooling2D((3, 3), strides: (1, 1), padding: .same)(x)
            return Concatenate()([conv(x, 16, 1), conv(conv(x, 4, 1), 16, 3), conv(pool, 16, 1)])
        },
    ]

    @Test(arguments: cases, TestBackend.allCases)
    func gradients(_ gradientCase: Case, backend: TestBackend) throws {
        let input = Input(shape: gradientCase.shape)
        let graph = Model(inputs: input, outputs: gradientCase.network(input)).graph
        let loaded = try backend.backend.load(graph), storage = loaded.parameters
        for parameter in graph.parameterIDs {
            storage.setWeight(parameter, to: graph.hashedWeight(parameter, within: 0.5))
        }
        let name = gradientCase.testDescription
        let batch = 3
        let plan = try loaded.plan(batchSize: batch, mode: .weightedSum(of: graph))
        let x = hashUniform("\(name)/x", shape: gradientCase.shape.batched(batch), -1, 1)
        let dy = hashUniform("\(name)/dy", shape: graph[graph.outputs[0]].shape.batched(batch), -1, 1)
        let dx = try plan.step([x], targets: [dy], dropout: nil).gradients[0]
        let gradients = graph.parameterIDs.map(storage.gradient)

        /// Sum of y * dy, in double precision.
        func objective(_ x: Tensor) throws -> Double {
            let y = try plan.step([x], targets: [dy], dropout: nil).outputs[0]
            return zip(y.scalars, dy.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        /// The slope along a random direction, which depends on every element.
        func check(_ what: String, _ gradient: Tensor, _ value: Tensor, _ move: (Tensor) throws -> Double) throws {
            let direction = hashUniform("\(name)/\(what)", shape: value.shape, -1, 1)
            let step: Float = 2e-3
            func moved(_ sign: Float) -> Tensor {
                Tensor(shape: value.shape, scalars: zip(value.scalars, direction.scalars).map { $0 + sign * step * $1 })
            }
            let numeric = (try move(moved(1)) - move(moved(-1))) / (2 * Double(step))
            let analytic = zip(gradient.scalars, direction.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            let size = zip(gradient.scalars, direction.scalars).reduce(0) { $0 + abs(Double($1.0) * Double($1.1)) }
            #expect(
                abs(numeric - analytic) <= 0.01 * size + 5e-3,
                "\(name), \(what): \(analytic), but the slope is \(numeric)")
        }

        try check("input", dx, x) { try objective($0) }
        for parameter in graph.parameterIDs where graph[parameter].isTrainable {
            let value = storage.weight(parameter)
            try check(graph[parameter].name, gradients[parameter.index], value) { moved in
                storage.setWeight(parameter, to: moved)
                defer { storage.setWeight(parameter, to: value) }
                return try objective(x)
            }
        }
    }

    /// Keras 3.15's `CategoricalCrossentropy(label_smoothing=)`, sample by sample, from logits and from probabilities.
    @Test(arguments: [
        (0.0, [0.27555030584335327, 2.3423495292663574]), (0.1, [0.4693003296852112, 2.30484938621521]),
        (0.3, [0.8568003177642822, 2.2298495769500732]),
    ])
    func labelSmoothingIsKeras(smoothing: Double, expected: [Double]) {
        let logits: [[Float]] = [[1.5, -0.5, 0.25, 3], [0, 2, -1, 0.5]]
        let targets: [[Float]] = [[0, 0, 0, 1], [1, 0, 0, 0]]
        let loss = Loss.categoricalCrossentropy(labelSmoothing: smoothing)
        for ((logits, target), expected) in zip(zip(logits, targets), expected) {
            let target = Tensor(shape: [1, 4], scalars: target)
            let output = Tensor(shape: [1, 4], scalars: logits)
            #expect(abs(loss.function(fromLogits: true).evaluate(output, target: target).sum - expected) < 1e-6)
            let exponentials = logits.map(exp)
            let probabilities = exponentials.map { $0 / exponentials.reduce(0, +) }
            let softmax = Tensor(shape: [1, 4], scalars: probabilities)
            #expect(abs(loss.function(fromLogits: false).evaluate(softmax, target: target).sum - expected) < 1e-6)
        }
    }

    /// The losses' own gradients.
    @Test(arguments: [
        (Loss.categoricalCrossentropy, true), (.categoricalCrossentropy, false), (.binaryCrossentropy, true),
        (.binaryCrossentropy, false), (.meanSquaredError, false),
        (.categoricalCrossentropy(labelSmoothing: 0.1), true), (.categoricalCrossentropy(labelSmoothing: 0.1), false),
    ])
    func losses(loss: Loss, fromLogits: Bool) {
        let output = hashUniform("loss/output", shape: [4, 5], fromLogits ? -3 : 0.1, fromLogits ? 3 : 0.9)
        var target = Tensor(repeating: 0, shape: [4, 5])
        for row in 0..<4 { target.scalars[row * 5 + row] = 1 }
        let function = loss.function(fromLogits: fromLogits)
        let gradient = function.evaluate(output, target: target).gradient
        for i in output.scalars.indices {
            var up = output, down = output
            up.scalars[i] += 1e-3
            down.scalars[i] -= 1e-3
            let difference =
                function.evaluate(up, target: target).sum - function.evaluate(down, target: target).sum
            let numeric = difference / 4 / 2e-3
            #expect(abs(numeric - Double(gradient.scalars[i])) < 1e-3)
        }
    }
}
