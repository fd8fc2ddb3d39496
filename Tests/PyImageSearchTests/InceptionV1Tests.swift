import FixtureSupport
import Foundation
import NeuralNetwork
import Tensors
import Testing
@testable import PyImageSearch

/// Inception v1: its predictions, the gradients of its heads, and the network without them.
@Suite(.serialized) struct InceptionV1Tests {
    private static let lossWeights = [1, 0.3, 0.3]

    /// Predictions of all three outputs, and the statistics of every layer, compared with Keras's.
    @Test(
        arguments: try FixtureFile.models.list("models").filter { $0["builder"] == "build_inception_v1" },
        TestBackend.allCases)
    func predictionsAreTheFixtures(_ fixture: JSON, on backend: TestBackend) throws {
        func number(_ key: String) throws -> Int { try #require(fixture["arguments"]?[key]?.integer, "\(key)") }
        let model = try InceptionV1.build(
            width: number("width"), height: number("height"), depth: number("depth"), classes: number("classes")
        ).on(backend)
        #expect(model.parameterCount == fixture["total_params"]?.integer)
        try model.setWeights((fixture["layers"]?.array ?? []).flatMap(fixtureWeights))

        let reference = try FixtureFile.modelsIO.group(fixture["key"]?.string ?? "?")
        let x = try reference.images("input_hash_key")
        let layers = model.layers.filter { $0.className != "InputLayer" }.map(\.name)
        let statistics = try reference.tensor("layer_stats")
        #expect(statistics.shape[0] == layers.count)
        for (row, (layer, output)) in zip(layers, try model.outputs(ofLayers: layers, for: x)).enumerated() {
            let found = LayerStatistics(layer, output, row: row, of: statistics)
            try #require(found.isWithinTolerance, "\(found)")
        }
        for (name, prediction) in zip(
            ["prediction", "prediction_aux1", "prediction_aux2"], try model.predict([x]))
        {
            let difference = Difference(name, prediction, try reference.tensor(name), absolute: 1e-5)
            #expect(difference.isWithinTolerance, "\(difference)")
        }
    }

    // MARK: - Gradients

    /// Two modules, each followed by a head, with few filters and small images.
    private static func smallNetwork() -> Model {
        let conv = ConvUnit(order: .conv, biasInitializer: .constant(0.2), suffixes: .paper)
        let inception = InceptionModule(conv: conv, layerNames: .paper)
        let head = AuxiliaryHead(conv: conv, classes: 3, dropout: 0)
        let inputs = Input(shape: [9, 8, 4])
        var x = inception(inputs, "a", 3, (4, 5), (2, 4), 3)
        let firstHead = head(x, number: 1)
        x = inception(x, "b", 4, (3, 4), (3, 3), 2)
        let secondHead = head(x, number: 2)
        x = inception(x, "c", 3, (3, 4), (2, 3), 3)
        x = Dense(3, activation: .softmax, name: "output")(GlobalAveragePooling2D()(x))
        return Model(inputs: [inputs], outputs: [x, firstHead, secondHead])
    }

    private static func batch(_ shape: Shape, classes: Int = 3) -> Batch {
        var labels = Tensor(repeating: 0, shape: [shape[0], classes])
        for row in 0..<shape[0] { labels.scalars[row * classes + row % classes] = 1 }
        return Batch(inputs: [hashImages("inception_v1/small", shape)], targets: [labels, labels, labels])
    }

    /// A step of plain SGD moves every weight by its gradient times the rate. The loss, weighted as in training, must
    /// rise along that gradient with the slope of finite differences. Each head is tested alone, then all together.
    @Test(arguments: TestBackend.allCases, [[0, 1, 0], [0, 0, 1], lossWeights])
    func gradientsThroughBothHeads(on backend: TestBackend, lossWeights: [Double]) throws {
        let model = try Self.smallNetwork().on(backend)
        let batch = Self.batch([4, 9, 8, 4])
        let rate = 0.5
        model.compile(
            loss: .categoricalCrossentropy, lossWeights: lossWeights, optimizer: SGD(learningRate: rate))
        let before = try model.weights()
        try model.trainOnBatch(batch)
        let gradients = zip(before, try model.weights()).map { before, after in
            Tensor(shape: before.shape, scalars: zip(before.scalars, after.scalars).map { ($0 - $1) / Float(rate) })
        }

        let data = SingleBatch(batch: batch)
        func loss(_ weights: [Tensor]) throws -> Double {
            try model.setWeights(weights)
            return try #require(model.evaluate(data)["loss"])
        }
        let names = model.layers.flatMap { layer in layer.weights.map { "\(layer.name)/\($0.name)" } }
        for (index, (name, gradient)) in zip(names, gradients).enumerated() {
            let length = gradient.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            // After the last head that has a weight, nothing is learned.
            guard length > 0 else { continue }
            let step = 1e-3
            func moved(_ sign: Double) -> [Tensor] {
                var weights = before
                for i in weights[index].scalars.indices {
                    weights[index].scalars[i] += Float(sign * step * Double(gradient.scalars[i]) / length)
                }
                return weights
            }
            let slope = try (loss(moved(1)) - loss(moved(-1))) / (2 * step)
            #expect(abs(slope - length) <= 0.02 * length + 3e-4, "\(name): \(length), but the slope is \(slope)")
        }
        // Both heads train the first module, and only the layers below them.
        func learns(_ prefix: String) -> Bool {
            zip(names, gradients).contains { $0.hasPrefix(prefix) && $1.scalars.contains { $0 != 0 } }
        }
        #expect(learns("inception_a_3x3_reduce"))
        #expect(learns("inception_b_5x5") == (lossWeights[2] > 0))
        #expect(learns("inception_c_") == (lossWeights[0] > 0))
    }

    private struct SingleBatch: BatchGenerator {
        let batch: Batch
        var sampleCount: Int { batch.count }
        var batchSize: Int { batch.count }
        func batch(epoch: Int, step: Int) -> Batch { batch }
    }

    // MARK: - Files

    /// All nine modules, on images so small that the test is fast.
    private static func network(classes: Int = 3, auxiliaryHeads: Bool = true) throws -> Model {
        try InceptionV1.build(width: 80, height: 80, depth: 3, classes: classes, auxiliaryHeads: auxiliaryHeads)
            .on(.any)
    }

    @Test func theNetworkWithoutHeadsTakesItsWeightsFromTheOneWithThem() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/heads.hdf5"
        let trained = try Self.network(), deployed = try Self.network(auxiliaryHeads: false)
        deployed.seed = 7
        try trained.save(path)
        try deployed.loadWeights(path, byName: true)
        let x = hashImages("inception_v1/small", [2, 80, 80, 3])
        #expect(try trained.predict(x) == deployed.predict(x))
        #expect(deployed.outputNames == ["output"])
        #expect(deployed.layers.allSatisfy { !$0.name.hasPrefix("auxilliary") })
    }

    /// As `ImageNetAccuracy` does, whatever the file's network is.
    @Test(arguments: [true, false], [true, false])
    func aTrainedNetworkIsCutAtItsFirstOutput(batchNormalization: Bool, localResponseNormalization: Bool) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/heads.hdf5"
        let trained = try InceptionV1.build(
            width: 80, height: 80, depth: 3, classes: 3, localResponseNormalization: localResponseNormalization,
            batchNormalization: batchNormalization
        ).on(.any)
        try trained.save(path)
        let loaded = try Model.load(path)
        let deployed = try Model(inputs: loaded.inputs, outputs: [loaded.outputs[0]]).on(.any)
        let x = hashImages("inception_v1/small", [2, 80, 80, 3])
        #expect(try trained.predict(x) == deployed.predict(x))
        #expect(deployed.outputNames == ["output"] && deployed.parameterCount < trained.parameterCount)
    }

    /// The error names the first layer that does not fit, and nothing changes.
    @Test func weightsThatDoNotFitAreNamed() throws {
        let folder = try TemporaryFolder()
        let (path, headless) = ("\(folder.path)/four.hdf5", "\(folder.path)/headless.hdf5")
        try Self.network(classes: 4).save(path)
        try Self.network(auxiliaryHeads: false).save(headless)
        let deployed = try Self.network(auxiliaryHeads: false), before = try deployed.weights()
        #expect { try deployed.loadWeights(path, byName: true) } throws: { "\($0)".contains("\"output\"") }
        #expect(try deployed.weights() == before)
        #expect { try Self.network().loadWeights(headless, byName: true) } throws: {
            "\($0)".contains("no weights for a layer named \"auxilliary_1_1x1\"")
        }
        // By position too: the heads' weights are only ignored on request.
        #expect { try deployed.loadWeights(path) } throws: { "\($0)".contains(path) }
    }

    /// Losses, their weights and the momentum are in the file, so one more step has the same bits.
    @Test func threeOutputsAndTheirLossWeightsSurviveAFile() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/model.hdf5"
        let model = try Self.network()
        model.compile(
            loss: .categoricalCrossentropy, lossWeights: Self.lossWeights,
            optimizer: SGD(learningRate: 0.01, momentum: 0.9))
        let batch = Self.batch([2, 80, 80, 3])
        try model.trainOnBatch(batch, step: 0)
        try model.save(path)
        let loaded = try Model.load(path)
        #expect(loaded.outputNames == ["output", "auxilliary_output_1", "auxilliary_output_2"])
        #expect(loaded.compilation?.lossWeights == Self.lossWeights)
        #expect(try model.trainOnBatch(batch, step: 1) == loaded.trainOnBatch(batch, step: 1))
        #expect(try model.weights() == loaded.weights())
        try loaded.checkContinues(Self.network(), from: 0, path: path)
    }

    // MARK: - What can be chosen

    @Test func normalizationAndInitializersCanBeChosen() throws {
        let paper = InceptionV1.build(
            width: 224, height: 224, depth: 3, classes: 1000, localResponseNormalization: true)
        #expect(try paper.layer(named: "norm_1").inbound == ["max_pool_1_3x3_2"])
        #expect(try paper.layer(named: "norm_2").inbound == ["conv_2b_3x3_1"])
        #expect(try paper.layer(named: "max_pool_2_3x3_2").inbound == ["norm_2"])
        // Krizhevsky's values. Caffe divides alpha by the five channels: 1e-4 / 5.
        let norm = try paper.layer(named: "norm_1").layer.config
        #expect(norm["depth_radius"] == 2 && norm["bias"] == 1 && norm["alpha"] == 2e-5 && norm["beta"] == 0.75)
        let dropout = paper.layers.compactMap { $0.layer.config["rate"]?.number }.sorted()
        #expect(dropout == [0.4, 0.7, 0.7])

        let normalized = InceptionV1.build(
            width: 96, height: 96, depth: 3, classes: 3, auxiliaryHeads: false, batchNormalization: true,
            kernelInitializer: .heNormal)
        #expect(try normalized.layer(named: "inception_3a_3x3_relu").inbound == ["inception_3a_3x3_bn"])
        #expect(try normalized.layer(named: "inception_3a_3x3").weights.map(\.name) == ["kernel"])
        #expect(try normalized.layer(named: "output").weights.first?.initializer == .heNormal)

        let plain = InceptionV1.build(width: 96, height: 96, depth: 3, classes: 3, initialBias: 0.1)
        #expect(try plain.layer(named: "inception_5b_1x1").weights.last?.initializer == .constant(0.1))
        #expect(try plain.layer(named: "auxilliary_1_1x1").weights.last?.initializer == .constant(0.1))
        #expect(try plain.layer(named: "output").weights.last?.initializer == .zeros)
    }
}
