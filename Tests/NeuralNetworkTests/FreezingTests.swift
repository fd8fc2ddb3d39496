import ComputeGraph
import FixtureSupport
import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// Layers and models that are frozen and freed, before their weights exist and between steps.
@Suite struct FreezingTests {
    private let x = smallBatch().inputs[0]

    private static let body: Set<String> = [
        "conv1/kernel", "conv1/bias", "bn1/gamma", "bn1/beta", "bn1/moving_mean", "bn1/moving_variance", "conv2/kernel",
        "conv2/bias", "bn2/gamma", "bn2/beta", "bn2/moving_mean", "bn2/moving_variance",
    ]
    private static let head: Set<String> = ["classes/kernel", "classes/bias"]

    // MARK: - Layers

    @Test(arguments: TestBackend.allCases, [true, false])
    func aFrozenLayerKeepsItsBits(on backend: TestBackend, weightsExist: Bool) throws {
        let network = try smallNetwork(on: smallBody(), backend)
        if weightsExist { _ = try network.predict(x) }
        for name in ["conv1", "bn1"] { try network.layer(named: name).setTrainable(false) }
        #expect(network.trainableParameterCount == network.parameterCount - (3 * 3 * 3 * 4 + 4 + 4 * 4) - 2 * 6)
        let changed = try network.changes { try $0.trainOnBatch(smallBatch()) }
        #expect(changed == Self.body.union(Self.head).filter { !$0.hasPrefix("conv1") && !$0.hasPrefix("bn1") })
    }

    /// A layer's own value, a place of it in a model, and the initializer's argument.
    @Test func aLayerIsFrozenByItsValueItsPlaceOrItsInitializer() throws {
        func network(_ freeze: (Dense, Model) throws -> Void, isTrainable: Bool = true) throws -> Model {
            let dense = Dense(3, isTrainable: isTrainable, name: "dense"), input = Input(shape: [4])
            let model = try Model(inputs: input, outputs: Dense(2, name: "out")(dense(input))).on(.any)
            try freeze(dense, model)
            return model
        }
        let models = [
            try network { dense, _ in dense.setTrainable(false) },
            try network { _, model in try model.layer(named: "dense").setTrainable(false) },
            try network({ _, _ in }, isTrainable: false),
        ]
        for model in models {
            #expect(try !model.layer(named: "dense").isTrainable && model.layer(named: "out").isTrainable)
            #expect(model.trainableParameterCount == 3 * 2 + 2)
            model.compile(loss: .meanSquaredError, optimizer: SGD())
            let changed = try model.changes {
                try $0.trainOnBatch(
                    Batch(
                        inputs: [Tensor(repeating: 1, shape: [2, 4])], targets: [Tensor(repeating: 9, shape: [2, 2])]))
            }
            #expect(changed == ["out/kernel", "out/bias"])
        }
    }

    /// In every model that has the layer.
    @Test func freezingALayerFreezesItInAllModels() throws {
        let body = smallBody(), network = try smallNetwork(on: body, .any)
        let input = Input(shape: [8, 8, 3])
        let outer = Model(inputs: input, outputs: body(input))
        try body.layer(named: "conv2").setTrainable(false)
        for model in [body, network, outer] {
            let frozen = model.graph.parameters.filter { !$0.isTrainable && !$0.name.contains("moving") }.map(\.name)
            #expect(frozen.allSatisfy { $0.contains("conv2/") } && frozen.count == 2)
        }
    }

    @Test func aFrozenModelFreezesItsLayersInAllModels() throws {
        let body = smallBody(), network = try smallNetwork(on: body, .any)
        body.setTrainable(false)
        #expect(network.trainableParameterCount == 6 * 3 + 3)
        body.setTrainable(true)
        #expect(network.trainableParameterCount == network.parameterCount - 20)
        network.setTrainable(false)
        #expect(network.trainableParameterCount == 0 && body.trainableParameterCount == 0)
    }

    /// The layer that is called as a model is one of its outer model's layers.
    @Test func aNestedModelIsFrozenByItsPlace() throws {
        let body = smallBody(), input = Input(shape: [8, 8, 3])
        let outer = try Model(inputs: input, outputs: smallHead(body(input))).on(.any)
        outer.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1))
        try outer.layer(named: "body").setTrainable(false)
        #expect(try outer.changes { try $0.trainOnBatch(smallBatch()) } == Self.head)
        // A layer inside is freed by itself, as in Keras 3.
        try outer.layer(named: "body").setTrainable(true)
        try #require(outer.layer(named: "body").layers.first { $0.name == "conv1" }).setTrainable(false)
        let changed = try outer.changes { try $0.trainOnBatch(smallBatch()) }
        #expect(!changed.contains("body/conv1/kernel") && changed.contains("body/conv2/kernel"))
    }

    /// Keras 3 trains a weight if its layer and the outermost model are trainable. The models between do not count.
    @Test func theLayersAndTheOutermostModelDecide() throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        func trained(_ model: Model) -> [String] { model.graph.parameters.filter(\.isTrainable).map(\.name) }

        let body = smallBody(), network = try smallNetwork(on: body, .any)
        network.setTrainable(false)
        try network.layer(named: "conv2").setTrainable(true)
        #expect(trained(network) == [] && trained(body) == ["conv2/kernel", "conv2/bias"])
        try network.save(path)
        let loaded = try Model.load(path)
        #expect(trained(loaded) == [] && !loaded.isTrainable)
        #expect(try trained(network.withoutDropout()) == [])
        loaded.identity.isTrainable = true
        #expect(trained(loaded) == ["conv2/kernel", "conv2/bias"])

        let input = Input(shape: [8, 8, 3])
        let outer = try Model(inputs: input, outputs: smallHead(body(input))).on(.any)
        try outer.layer(named: "body").setTrainable(false)
        try #require(outer.layer(named: "body").layers.first { $0.name == "conv1" }).setTrainable(true)
        let free = ["body/conv1/kernel", "body/conv1/bias", "classes/kernel", "classes/bias"]
        #expect(trained(outer) == free)
        outer.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1))
        #expect(try outer.changes { try $0.trainOnBatch(smallBatch()) } == Set(free))
        try outer.save(path)
        #expect(try trained(Model.load(path)) == free)
    }

    /// A normalization of a frozen model keeps its statistics, even if its layer is freed again.
    @Test func theOutermostModelDecidesForNormalizationsToo() throws {
        let input = Input(shape: [8, 8, 3])
        let model = Model(inputs: input, outputs: BatchNormalization(name: "bn")(input))
        func isFrozen() -> Bool {
            model.graph.nodes.contains { node in
                if case .batchNormalization(let settings) = node.operation { settings.isFrozen } else { false }
            }
        }
        #expect(!isFrozen())
        model.setTrainable(false)
        try model.layer(named: "bn").setTrainable(true)
        #expect(isFrozen())
    }

    // MARK: - Between steps

    /// With the momentum that it had: the weights of a layer that is frozen for a while, and the optimizer's slots of
    /// all, are those of before.
    @Test(arguments: TestBackend.allCases)
    func slotsStayWhenLayersAreFrozenAndFreed(on backend: TestBackend) throws {
        let network = try smallNetwork(on: smallBody(), backend)
        func slots() throws -> [String: Tensor] {
            let storage = try network.parameters(), graph = network.graph
            return Dictionary(
                uniqueKeysWithValues: graph.parameterIDs.map { (graph[$0].name, storage.slot(0, of: $0)) })
        }
        for number in 0..<2 { try network.trainOnBatch(smallBatch(number)) }
        let before = try slots(), iterations = network.state.iterations
        #expect(before["conv1/kernel"]?.scalars.contains { $0 != 0 } == true)
        try network.layer(named: "conv1").setTrainable(false)
        #expect(try slots() == before)
        #expect(network.state.iterations == iterations)

        let frozen = try network.weight("conv1/kernel")
        try network.trainOnBatch(smallBatch(2))
        #expect(try network.weightsByName()["conv1/kernel"] == frozen)
        #expect(try slots()["conv1/kernel"] == before["conv1/kernel"])
        #expect(try slots()["conv2/kernel"] != before["conv2/kernel"])

        try network.layer(named: "conv1").setTrainable(true)
        try network.trainOnBatch(smallBatch(3))
        let slotsAfter = try slots()
        let velocity = try #require(slotsAfter["conv1/kernel"])
        let after = try network.weight("conv1/kernel")
        #expect(Difference("step", after, frozen + velocity, absolute: 1e-7).isWithinTolerance)
    }

    /// Freezing what another step freed: the same bits as a run that froze nothing until then.
    @Test func freezingAndFreeingBetweenStepsLeavesNoTrace() throws {
        let plain = try smallNetwork(on: smallBody(), .any), touched = try smallNetwork(on: smallBody(), .any)
        for number in 0..<4 {
            try touched.layer(named: "conv2").setTrainable(false)
            _ = try touched.predict(x)
            try touched.layer(named: "conv2").setTrainable(true)
            #expect(try plain.trainOnBatch(smallBatch(number)) == touched.trainOnBatch(smallBatch(number)))
        }
        #expect(try plain.weights() == touched.weights())
    }

    /// Compiling again starts the optimizer anew; freezing does not need it.
    @Test func compilingAgainResetsTheOptimizer() throws {
        let network = try smallNetwork(on: smallBody(), .any)
        try network.trainOnBatch(smallBatch())
        let weights = try network.weights()
        network.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1, momentum: 0.9))
        let storage = try network.parameters()
        #expect(network.state.iterations == 0)
        #expect(network.graph.parameterIDs.allSatisfy { storage.slot(0, of: $0).scalars.allSatisfy { $0 == 0 } })
        #expect(try network.weights() == weights)
    }

    // MARK: - A frozen body

    @Test(arguments: TestBackend.allCases)
    func aFrozenBodyTrainsOnlyTheHead(on backend: TestBackend) throws {
        let body = smallBody(), network = try smallNetwork(on: body, backend)
        body.setTrainable(false)
        let features = try body.on(backend).predict(x), start = try network.weights()
        let changed = try network.changes { for number in 0..<3 { try $0.trainOnBatch(smallBatch(number)) } }
        #expect(changed == Self.head)
        #expect(try body.predict(x) == features)

        // The head alone, on the body's features, learns the same.
        let trained = try network.weights()
        try network.setWeights(start)
        let alone = try Model(inputs: body.outputs, outputs: network.outputs).on(backend)
        alone.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1, momentum: 0.9))
        for number in 0..<3 {
            let batch = smallBatch(number)
            try alone.trainOnBatch(Batch(inputs: [body.predict(batch.inputs[0])], targets: batch.targets))
        }
        for (name, (weight, expected)) in zip(network.graph.parameters.map(\.name), zip(try network.weights(), trained))
        {
            let difference = Difference(name, weight, expected, absolute: 1e-6)
            #expect(difference.isWithinTolerance, "\(difference)")
        }
    }

    /// The backward pass ends at the first layer that is trained.
    @Test func nothingBelowTheFirstTrainedLayerHasAGradient() throws {
        let body = smallBody(), network = try smallNetwork(on: body, .any)
        body.setTrainable(false)
        let graph = network.graph
        let analyzed = try AnalyzedGraph(graph, batchSize: 2, mode: .training(network.objectives()))
        let needing = graph.nodeIDs.filter(analyzed.needsGradient).map { graph[$0].name }
        #expect(Set(needing.map { String($0.prefix { $0 != "/" }) }) == ["classes"])
        try body.layer(named: "bn2").setTrainable(true)
        let more = try AnalyzedGraph(network.graph, batchSize: 2, mode: .training(network.objectives()))
        let names = Set(graph.nodeIDs.filter(more.needsGradient).map { String(graph[$0].name.prefix { $0 != "/" }) })
        #expect(names == ["bn2", "relu2", "average", "classes"])
    }

    // MARK: - Normalizations, dropout, penalties

    /// Training a network whose normalizations are all frozen computes what inference computes.
    @Test(arguments: TestBackend.allCases)
    func aFrozenNormalizationComputesAsInInference(on backend: TestBackend) throws {
        let network = try smallNetwork(on: smallBody(), backend)
        for number in 0..<5 { try network.trainOnBatch(smallBatch(number)) }
        func losses() throws -> (training: Double, inference: Double) {
            let inference = try network.evaluatedLoss(smallBatch(9))
            return (try network.trainOnBatch(smallBatch(9)), inference)
        }
        let free = try losses()
        #expect(abs(free.training - free.inference) > 1e-3)
        for name in ["bn1", "bn2"] { try network.layer(named: name).setTrainable(false) }
        let before = try network.weightsByName()
        let frozen = try losses()
        #expect(abs(frozen.training - frozen.inference) < 1e-5)
        let after = try network.weightsByName()
        for name in ["gamma", "beta", "moving_mean", "moving_variance"] {
            #expect(after["bn1/\(name)"] == before["bn1/\(name)"] && after["bn2/\(name)"] == before["bn2/\(name)"])
        }
        #expect(after["conv1/kernel"] != before["conv1/kernel"])
    }

    /// Frozen weights are not those of an optimizer, but chance is not a weight.
    @Test func aFrozenDropoutStillDrops() throws {
        let input = Input(shape: [50])
        let model = try Model(inputs: input, outputs: Dense(1, name: "out")(Dropout(0.5, name: "drop")(input))).on(.any)
        model.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 1e-6))
        try model.layer(named: "drop").setTrainable(false)
        let batch = Batch(inputs: [Tensor(repeating: 1, shape: [2, 50])], targets: [Tensor(shape: [2, 1])])
        let losses = try (0..<4).map { try model.trainOnBatch(batch, step: $0) }
        #expect(Set(losses).count == 4)
    }

    @Test(arguments: TestBackend.allCases)
    func penaltiesOfFrozenLayersAreNotInTheLoss(on backend: TestBackend) throws {
        let network = try smallNetwork(on: smallBody(), backend)
        func penalty(_ name: String, _ factor: Double) throws -> Double {
            let kernel = try network.weight(name)
            return factor * kernel.scalars.reduce(0) { $0 + Double($1) * Double($1) }
        }
        func evaluated() throws -> Double { try network.evaluatedLoss(smallBatch()) }
        let all = try evaluated()
        try network.layer(named: "conv1").setTrainable(false)
        #expect(abs(try all - evaluated() - penalty("conv1/kernel", 0.01)) < 1e-6)
        try network.layer(named: "classes").setTrainable(false)
        let none = try evaluated()
        #expect(abs(try all - none - penalty("conv1/kernel", 0.01) - penalty("classes/kernel", 0.02)) < 1e-6)
        // In training too: the normalizations, which remain free, use the batch.
        for name in ["conv2", "bn1", "bn2"] { try network.layer(named: name).setTrainable(name != "conv2") }
        let free = try network.gradients(of: smallBatch())
        try network.layer(named: "conv1").setTrainable(true)
        #expect(abs(try network.gradients(of: smallBatch()) - free - penalty("conv1/kernel", 0.01)) < 1e-6)
    }

    // MARK: - Files

    @Test func whatIsFrozenIsInTheFile() throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let body = smallBody(), input = Input(shape: [8, 8, 3])
        let outer = try Model(inputs: input, outputs: smallHead(body(input))).on(.any)
        try body.layer(named: "conv1").setTrainable(false)
        outer.compile(loss: .categoricalCrossentropy, optimizer: Adam())
        try outer.trainOnBatch(smallBatch())
        try outer.save(path)
        let loaded = try Model.load(path)
        #expect(loaded.graph.parameters.map(\.isTrainable) == outer.graph.parameters.map(\.isTrainable))
        #expect(try loaded.trainOnBatch(smallBatch(1)) == outer.trainOnBatch(smallBatch(1)))
        #expect(try loaded.weights() == outer.weights())
        outer.setTrainable(false)
        try outer.save(path)
        #expect(try Model.load(path).trainableParameterCount == 0)
    }
}

extension Model {
    /// Leaves the gradients of a batch beside the weights.
    ///
    /// - Returns: the loss, penalties included.
    @discardableResult
    func gradients(of batch: Batch) throws -> Double {
        var metrics = Metrics(outputNames: outputNames, metrics: compilation?.metrics ?? [])
        return try gradients(of: batch, epoch: 0, step: 0, metrics: &metrics)
    }
}
