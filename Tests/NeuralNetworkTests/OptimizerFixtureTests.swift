import ComputeGraph
import FixtureSupport
import HostMemory
import Tensors
import Testing
@testable import NeuralNetwork

/// Every optimizer of optimizers.hdf5, Keras 3's and Keras 2.2.4's, twenty steps each.
@Suite struct OptimizerFixtureTests {
    @Test(arguments: try FixtureFile.optimizers.groups())
    func optimizer(_ fixtureCase: FixtureCase) throws {
        let fixture = try fixtureCase.open()
        let flavor = fixture.config["flavor"]?.string ?? "none"
        var entries = fixture.config
        if case .object(var members) = entries {
            // The optimizer's configuration lacks the decay; only the case has it.
            members["name"] = fixture.config["optimizer"]
            entries = .object(members)
        }
        let config: JSON = [
            "loss": "mse", "optimizer_config": ["class_name": fixture.config["optimizer"] ?? nil, "config": entries],
        ]
        let compilation = try Compilation(
            config: config, outputNames: ["y"], meaning: KerasMeaning(optimizersOfKeras2: flavor == "keras2.2.4"))
        let optimizer = compilation.optimizer

        let file = try FixtureGroup(fixtureCase.file.root())
        let initial = try file.tensor("initial_params"), gradients = try file.tensor("gradients")
        let after = try fixture.tensor("params_after")
        let count = initial.count
        let penalty = Penalty(l2: Float(fixture.config["l2"]?.number ?? 0))
        var graph = Graph()
        let w = graph.add(Graph.Parameter(name: "w", shape: [count], penalty: penalty))
        let storage = HostParameters(graph)
        storage.setWeight(w, to: initial)
        optimizer.makeSlots(in: storage)
        for step in 0..<gradients.shape[0] {
            storage.setGradient(w, to: gradients[rows: step..<step + 1].scalars)
            storage.update(optimizer.rule(iteration: step), addingPenalties: true)
            let difference = Difference(
                "step \(step)", storage.weight(w), after[rows: step..<step + 1].reshaped(to: [count]),
                absolute: 1e-5, relative: 1e-5)
            #expect(difference.isWithinTolerance, "\(fixtureCase), \(difference)")
        }
    }
}

/// Averages that keep nearly everything, after three steps of Keras 3.15. Their shares are `1 - rho`, rounded afterwards; of
/// Nadam, rho is rounded first. The fifth digit shows which.
@Suite struct OptimizerShareTests {
    private static let expected: [Float] = [0.0011279110331, 0.00074901024345, 0.0051510045305]

    @Test(arguments: [
        (Adam(learningRate: 1) as any Optimizer, 1, expected), (RMSprop(learningRate: 0.01, rho: 0.999), 0, expected),
        (Adadelta(learningRate: 0.5, rho: 0.999), 0, expected),
        (Nadam(learningRate: 1), 1, [0.0011278964812, 0.00074900058098, 0.0051509374753]),
    ])
    func averagesAreKeras(optimizer: any Optimizer, slot: Int, expected: [Float]) {
        var graph = Graph()
        let w = graph.add(Graph.Parameter(name: "w", shape: [3]))
        let storage = HostParameters(graph)
        storage.setWeight(w, to: Tensor(shape: [3], scalars: [1, -2, 0.5]))
        optimizer.makeSlots(in: storage)
        for (step, gradient) in [[1, -0.5, 2], [0.3, 0.7, -1], [-0.2, 0.1, 0.4]].enumerated() {
            storage.setGradient(w, to: gradient.map { Float($0) })
            storage.update(optimizer.rule(iteration: step), addingPenalties: false)
        }
        for (found, expected) in zip(storage.slot(slot, of: w).scalars, expected) {
            #expect(abs(found - expected) <= 3e-7 * expected, "\(type(of: optimizer)): \(found)")
        }
    }
}
