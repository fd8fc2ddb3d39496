import ComputeGraph
import FixtureSupport
import Tensors
import Testing
@testable import NeuralNetwork

/// Plans are compiled when something that they depend on has changed, and only then.
@Suite struct PlanReuseTests {
    private let x = smallBatch().inputs[0], targets = smallBatch().targets[0]

    private func network() throws -> (Model, CountingBackend.Counts) {
        let backend = CountingBackend(TestBackend.any.backend)
        let network = try smallNetwork(on: smallBody(), .any)
        try network.move(to: backend)
        return (network, backend.counts)
    }

    @Test func nothingIsCompiledBeforeItIsNeeded() throws {
        let (network, counts) = try network()
        try network.setWeights(network.weights())
        network.compile(loss: .meanSquaredError, optimizer: Adam())
        #expect(counts.plans.load(ordering: .relaxed) == 0)
        #expect(counts.graphs.load(ordering: .relaxed) == 1)
    }

    @Test func aPlanIsKeptForItsBatchSize() throws {
        let (network, counts) = try network()
        #expect(try counts.plans { _ = try network.predict(x) } == 1)
        #expect(try counts.plans { for _ in 0..<3 { _ = try network.predict(x) } } == 0)
        #expect(try counts.plans { _ = try network.predict(x, batchSize: 4) } == 2)
        #expect(try counts.plans { _ = try network.predict(x, batchSize: 2) } == 0)
        #expect(try counts.plans { try network.trainOnBatch(smallBatch()) } == 1)
        #expect(
            try counts.plans {
                for number in 0..<3 { try network.trainOnBatch(smallBatch(number)) }
                try network.fit(x, targets, epochs: 3, verbose: false)
                _ = try network.predict(x)
            } == 0)
    }

    /// An inference of training data, for a loss, is another plan than one for predictions.
    @Test func fittingWithValidationCompilesTwoPlans() throws {
        let (network, counts) = try network()
        #expect(
            try counts.plans {
                try network.fit(x, targets, epochs: 3, validation: (x, targets), verbose: false)
            } == 2)
        #expect(try counts.plans { _ = try network.evaluate(x, targets) } == 0)
    }

    private enum Change: CaseIterable {
        case weights, sameFlag, layerWithoutWeights, learningRate, optimizer, seed, anotherModel, sharedTraining,
            aNewModelOfItsLayers
    }

    /// No plan depends on these.
    @Test func whatPlansDoNotDependOnCompilesNothing() throws {
        let (network, counts) = try network()
        func use() throws {
            _ = try network.predict(x)
            try network.trainOnBatch(smallBatch())
        }
        try use()
        let other = try smallNetwork(on: smallBody(), .any)
        let sharing = try Model(inputs: network.inputs, outputs: network.outputs).on(.any)
        sharing.compile(loss: .categoricalCrossentropy, optimizer: SGD())
        for change in Change.allCases {
            switch change {
            case .weights: try network.setWeights(network.weights().map { $0 + $0 })
            case .sameFlag: try network.layer(named: "conv1").setTrainable(true)
            case .layerWithoutWeights: try network.layer(named: "relu1").setTrainable(false)
            case .learningRate: network.learningRate = 0.001
            case .optimizer: network.compile(loss: .categoricalCrossentropy, optimizer: Adam())
            case .seed: network.seed = 5
            case .anotherModel: other.setTrainable(false)
            case .sharedTraining: try sharing.trainOnBatch(smallBatch(1))
            case .aNewModelOfItsLayers:
                _ = try Model(inputs: network.inputs, outputs: [network.layer(named: "pool").output]).on(.any).predict(
                    x)
            }
            let graphs = counts.graphs.load(ordering: .relaxed)
            #expect(try counts.plans { try use() } == 0, "\(change)")
            #expect(counts.graphs.load(ordering: .relaxed) == graphs, "\(change)")
        }
    }

    @Test func freezingAndFreeingCompileAnew() throws {
        let (network, counts) = try network()
        func use() throws {
            _ = try network.predict(x)
            try network.trainOnBatch(smallBatch())
        }
        #expect(try counts.plans { try use() } == 2)
        try network.layer(named: "conv1").setTrainable(false)
        #expect(try counts.plans { try use() } == 2)
        #expect(try counts.plans { try use() } == 0)
        // Freezing and freeing in between leaves all as it was.
        try network.layer(named: "conv2").setTrainable(false)
        try network.layer(named: "conv2").setTrainable(true)
        #expect(try counts.plans { try use() } == 0)
        network.setTrainable(true)
        #expect(try counts.plans { try use() } == 2)
    }

    @Test func anotherLossCompilesATrainingPlan() throws {
        let (network, counts) = try network()
        _ = try network.predict(x)
        try network.trainOnBatch(smallBatch())
        _ = try network.evaluate(x, targets)
        network.compile(loss: .meanSquaredError, optimizer: SGD())
        // The plans for the old loss are gone, and their memory with them.
        #expect(counts.livingPlans.load(ordering: .relaxed) == 1)
        #expect(try counts.plans { _ = try network.predict(x) } == 0)
        #expect(try counts.plans { try network.trainOnBatch(smallBatch()) } == 1)
    }

    @Test func anotherBackendCompilesAnew() throws {
        let (network, counts) = try network()
        _ = try network.predict(x)
        let other = CountingBackend(TestBackend.any.other.backend)
        try network.move(to: other)
        #expect(try other.counts.plans { for _ in 0..<2 { _ = try network.predict(x) } } == 1)
        #expect(try counts.plans { _ = try network.predict(x) } == 0)
    }
}
