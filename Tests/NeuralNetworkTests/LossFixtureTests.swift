import ComputeGraph
import FixtureSupport
import Tensors
import Testing
@testable import NeuralNetwork

/// The losses of losses.hdf5, with weights of classes and of samples. Cases of losses that the package lacks are left out:
/// absolute errors, Huber's loss, and other means than that over the number of samples.
@Suite struct LossFixtureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let fixture: FixtureCase
        var testDescription: String { fixture.name }

        static func all() throws -> [Case] {
            try FixtureFile.losses.groups().filter {
                let group = try $0.open()
                return group.loss != nil && group.config["reduction"] == "sum_over_batch_size"
            }.map(Case.init)
        }
    }

    /// A model whose logits are its inputs, but whose weights can learn.
    private func identity(_ group: FixtureGroup, _ units: Int, on backend: TestBackend) throws -> Model {
        let loss = try #require(group.loss)
        let activation: ActivationFunction =
            switch group.config["activation"]?.string {
            case "sigmoid": .sigmoid
            case "none": .linear
            default: .softmax
            }
        let input = Input(shape: [units])
        let model = try Model(inputs: input, outputs: Activation(activation)(Dense(units)(input))).on(backend)
        try model.setWeights([oneHot(0..<units, classes: units), Tensor(shape: [units])])
        model.compile(loss: loss, optimizer: SGD(learningRate: 1))
        return model
    }

    /// Loss and gradient in the plan, and the loss of every sample, when all others have the weight 0.
    @Test(arguments: try Case.all(), TestBackend.allCases)
    func lossAndGradient(_ run: Case, on backend: TestBackend) throws {
        let group = try run.fixture.open(), x = try group.logits(), targets = try group.tensor("targets")
        let count = x.shape[0], model = try identity(group, x.shape[1], on: backend)
        let plan = try model.plan(
            batchSize: count, mode: .training(model.objectives(), gradients: model.graph.inputs))
        let result = try plan.step([x], targets: [targets], sampleWeights: group.sampleWeights(), dropout: nil)
        try expect(result.scores[0].loss / Double(count), group.tensor("loss").scalars[0])
        let difference = Difference("gradient", result.gradients[0], try group.logitGradients(), absolute: 1e-6)
        #expect(difference.isWithinTolerance, "\(difference)")

        for (row, expected) in try group.tensor("per_sample").scalars.enumerated() {
            var weights = [Float](repeating: 0, count: count)
            weights[row] = 1
            let alone = try plan.step([x], targets: [targets], sampleWeights: weights, dropout: nil)
            expect(alone.scores[0].loss, expected)
        }
    }

    /// `fit` with `classWeight` or `sampleWeight` reports the loss, and takes the step of its gradient; `evaluate` reports
    /// it too.
    @Test(arguments: try Case.all(), TestBackend.allCases)
    func training(_ run: Case, on backend: TestBackend) throws {
        let group = try run.fixture.open(), x = try group.logits(), targets = try group.tensor("targets")
        let (count, units) = (x.shape[0], x.shape[1]), loss = try group.tensor("loss").scalars[0]
        let model = try identity(group, units, on: backend), weights = try group.sampleWeights()
        let evaluated = try model.evaluate(x, targets, batchSize: 4, sampleWeight: weights)
        try expect(#require(evaluated["loss"]), loss)

        let classWeight = group.classWeight
        if let classWeight {
            let found = try ClassWeights(classWeight, outputs: [[units]])
                .sampleWeights(of: Batch(inputs: [x], targets: [targets]))
            #expect(found == weights)
        }
        let history = try model.fit(
            x, targets, batchSize: count, classWeight: classWeight,
            sampleWeight: classWeight == nil ? weights : nil, verbose: false)
        try expect(#require(history["loss"].first), loss)
        let dz = try group.logitGradients()
        var kernel = oneHot(0..<units, classes: units), bias = Tensor(shape: [units])
        for j in 0..<units {
            func sum(_ factor: (Int) -> Float) -> Float {
                Float((0..<count).reduce(0.0) { $0 + Double(factor($1)) * Double(dz.scalars[$1 * units + j]) })
            }
            bias.scalars[j] = -sum { _ in 1 }
            for i in 0..<units { kernel.scalars[i * units + j] -= sum { x.scalars[$0 * units + i] } }
        }
        for (name, value, expected) in zip3(["kernel", "bias"], try model.weights(), [kernel, bias]) {
            let difference = Difference(name, value, expected, absolute: 3e-6, relative: 1e-6)
            #expect(difference.isWithinTolerance, "\(difference)")
        }
    }

    /// Over batches of 4, 4 and 2 the loss is the sum of weighted losses over the number of samples, and the accuracy
    /// ignores the weights.
    @Test(arguments: TestBackend.allCases) func evaluating(on backend: TestBackend) throws {
        guard FixtureFile.losses.exists else { return }
        let group = try FixtureFile.losses.group("evaluate")
        let x = try group.tensor("logits"), weights = try group.tensor("sample_weight").scalars
        let classes = x.shape[1], model = try identity(group, classes, on: backend)
        let targets = oneHot(try group.integers("labels"), classes: classes)
        let batchSize = try #require(try group.setting("batch_size").integer)
        for (prefix, weights) in [("unweighted", nil), ("weighted", weights)] {
            let logs = try model.evaluate(x, targets, batchSize: batchSize, sampleWeight: weights)
            try expect(#require(logs["loss"]), Float(#require(try group.setting("\(prefix)_loss").number)))
            #expect(logs["acc"] == (try group.setting("\(prefix)_accuracy").number))
        }
    }

    private func expect(_ found: Double, _ expected: Float, sourceLocation: SourceLocation = #_sourceLocation) {
        let expected = Double(expected)
        #expect(
            abs(found - expected) <= 1e-5 + 1e-5 * abs(expected), "\(found), not \(expected)",
            sourceLocation: sourceLocation)
    }

    private func zip3<A, B, C>(_ a: [A], _ b: [B], _ c: [C]) -> [(A, B, C)] {
        zip(a, zip(b, c)).map { ($0, $1.0, $1.1) }
    }
}

extension FixtureGroup {
    /// The loss; `nil` for one that the package lacks.
    fileprivate var loss: Loss? {
        let smoothing = config["label_smoothing"]?.number ?? 0
        return switch config["loss"]?.string {
        case "categorical", "sparse_categorical": .categoricalCrossentropy(labelSmoothing: smoothing)
        case "binary": .binaryCrossentropy(labelSmoothing: smoothing)
        case "mse": .meanSquaredError
        default: nil
        }
    }

    fileprivate func logits() throws -> Tensor { try tensor(contains("logits") ? "logits" : "predictions") }

    fileprivate func logitGradients() throws -> Tensor { try tensor(contains("logits") ? "dlogits" : "dpredictions") }

    fileprivate func sampleWeights() throws -> [Float]? {
        contains("sample_weight") ? try tensor("sample_weight").scalars : nil
    }

    fileprivate var classWeight: [Int: Double]? {
        guard let classes = config["class_weight_classes"]?.array, let values = config["class_weight_values"]?.array
        else { return nil }
        return Dictionary(uniqueKeysWithValues: zip(classes.compactMap(\.integer), values.compactMap(\.number)))
    }
}
