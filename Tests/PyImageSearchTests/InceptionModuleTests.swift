import ComputeGraph
import FixtureSupport
import NeuralNetwork
import Tensors
import Testing
@testable import PyImageSearch

/// The modules of the later Inception networks learn, and so do the networks.
@Suite(.serialized) struct InceptionModuleTests {
    /// A module with few filters, after one of the papers' figures.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let module: @Sendable (KerasTensor) -> KerasTensor
    }

    // A ReLU has no derivative where a step of finite differences crosses 0.
    private static let conv = ConvUnit(activation: .tanh, useBias: false, scale: false, suffixes: .paper)
    private static let mixed = BranchedModule(conv: conv)
    private static let normalized = NormalizedInceptionModule(
        conv: ConvUnit(activation: .tanh, useBias: false, suffixes: .paper))

    static let cases: [Case] = [
        Case(testDescription: "v2, average") { normalized($0, "m", 3, (2, 3), (2, 4), .average(2)) },
        Case(testDescription: "v2, maximum") { normalized($0, "m", 3, (2, 3), (2, 4), .max(2)) },
        Case(testDescription: "v2, smaller image") { normalized.downsample($0, "m", (2, 3), (3, 4)) },
        Case(testDescription: "1x7 and 7x1") {
            mixed(
                $0, "m", .inception, [.conv(3, (1, 1))], [.conv(2, (1, 1)), .conv(3, (1, 7)), .conv(4, (7, 1))],
                [.conv(2, (1, 1)), .conv(3, (7, 1)), .conv(2, (1, 7)), .conv(3, (7, 1)), .conv(2, (1, 7))],
                [.averagePool, .conv(2, (1, 1))])
        },
        Case(testDescription: "forks") {
            mixed(
                $0, "m", .inception, [.conv(3, (1, 1))], [.conv(2, (1, 1)), .fork((3, (1, 3)), (2, (3, 1)))],
                [.conv(2, (1, 1)), .conv(3, (3, 3)), .fork((2, (1, 3)), (3, (3, 1)))], [.averagePool, .conv(2, (1, 1))])
        },
        Case(testDescription: "reduction A") { mixed.reductionA($0, k: 2, l: 3, m: 4, n: 3) },
        Case(testDescription: "residual reduction B") { mixed.residualReductionB($0, 3, 2, (2, 3)) },
        Case(testDescription: "residual") {
            mixed.residual($0, "m", scale: 0.17, [.conv(3, (1, 1))], [.conv(2, (1, 1)), .conv(3, (3, 3))])
        },
        Case(testDescription: "residual of Keras") {
            BranchedModule(conv: conv, namesLayers: false).scaledResidual(
                $0, "m", scale: 0.2, [.conv(3, (1, 1))], [.conv(2, (1, 1)), .conv(3, (1, 3)), .conv(2, (3, 1))])
        },
    ]

    /// A step of plain SGD moves every weight by its gradient. The loss, of training, rises along it with the slope of finite
    /// differences.
    @Test(arguments: cases, TestBackend.allCases)
    func gradients(fixture: Case, backend: TestBackend) throws {
        let inputs = Input(shape: [8, 7, 4])
        let x = GlobalAveragePooling2D()(fixture.module(inputs))
        let model = try Model(inputs: inputs, outputs: Dense(3, activation: .softmax)(x)).on(backend)
        model.seed = 7
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 1))
        var labels = Tensor(repeating: 0, shape: [6, 3])
        for row in 0..<6 { labels.scalars[3 * row + row % 3] = 1 }
        let batch = Batch(inputs: [hashImages("inception/modules", [6, 8, 7, 4])], targets: [labels])
        let before = try model.weights()
        func loss(_ weights: [Tensor]) throws -> Double {
            try model.setWeights(weights)
            return try model.trainOnBatch(batch)
        }
        _ = try loss(before)
        let gradients = try zip(before, model.weights()).map { before, after in
            zip(before.scalars, after.scalars).map { $0 - $1 }
        }
        let weights = model.layers.flatMap { layer in layer.weights.map { ("\(layer.name)/\($0.name)", $0.isTrainable) }
        }
        for (index, ((name, isTrainable), gradient)) in zip(weights, gradients).enumerated() where isTrainable {
            let length = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(length > 0, "\(name)")
            let step = 1e-3
            func moved(_ sign: Double) -> [Tensor] {
                var weights = before
                for i in gradient.indices {
                    weights[index].scalars[i] += Float(sign * step * Double(gradient[i]) / length)
                }
                return weights
            }
            let slope = try (loss(moved(1)) - loss(moved(-1))) / (2 * step)
            #expect(abs(slope - length) <= 0.03 * length + 3e-4, "\(name): \(length), but the slope is \(slope)")
        }
    }

    /// The smallest pictures that the networks take.
    @Test(arguments: [
        "v2", "v3", "v4", "resnet-v1", "resnet-v2", "resnet-v2, as drawn",
    ])
    func tenStepsLowerTheLoss(name: String) throws {
        let side = 75, classes = 3
        let model =
            switch name {
            case "v2": InceptionV2.build(width: side, height: side, classes: classes)
            case "v3": InceptionV3.build(width: side, height: side, classes: classes)
            case "v4": InceptionV4.build(width: side, height: side, classes: classes)
            case "resnet-v1": InceptionResNetV1.build(width: side, height: side, classes: classes)
            case "resnet-v2": InceptionResNetV2.build(width: side, height: side, classes: classes)
            default: InceptionResNetV2.buildAsDrawn(width: side, height: side, classes: classes)
            }
        try model.move(to: TestBackend.any.backend)
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.01, momentum: 0.9))
        var labels = Tensor(repeating: 0, shape: [6, classes])
        for row in 0..<6 { labels.scalars[classes * row + row % classes] = 1 }
        let batch = Batch(inputs: [hashImages("inception/ten", [6, side, side, 3])], targets: [labels])
        let losses = try (0..<10).map { try model.trainOnBatch(batch, step: $0) }
        #expect(losses.allSatisfy(\.isFinite) && losses[9] < 0.7 * losses[0], "\(losses)")
    }
}
