import ComputeGraph
import Synchronization
import Tensors

/// Counts the graphs that are loaded and the plans that are compiled.
struct CountingBackend: Backend {
    /// The counts so far.
    final class Counts: Sendable {
        let graphs = Atomic<Int>(0), plans = Atomic<Int>(0)
        /// The plans that exist now.
        let livingPlans = Atomic<Int>(0)

        /// The plans that `body` compiles.
        func plans(in body: () throws -> Void) rethrows -> Int {
            let before = plans.load(ordering: .relaxed)
            try body()
            return plans.load(ordering: .relaxed) - before
        }

        /// The graphs that `body` loads.
        func graphs(in body: () throws -> Void) rethrows -> Int {
            let before = graphs.load(ordering: .relaxed)
            try body()
            return graphs.load(ordering: .relaxed) - before
        }
    }

    private final class Counted: LoadedGraph {
        let loaded: any LoadedGraph
        let counts: Counts

        init(_ loaded: any LoadedGraph, _ counts: Counts) { (self.loaded, self.counts) = (loaded, counts) }

        var parameters: any ParameterStorage { loaded.parameters }
        func plan(batchSize: Int, mode: PlanMode) throws -> any Plan {
            counts.plans.add(1, ordering: .relaxed)
            return LivingPlan(try loaded.plan(batchSize: batchSize, mode: mode), counts)
        }
    }

    private final class LivingPlan: Plan {
        let plan: any Plan
        let counts: Counts

        init(_ plan: any Plan, _ counts: Counts) {
            (self.plan, self.counts) = (plan, counts)
            counts.livingPlans.add(1, ordering: .relaxed)
        }
        deinit { counts.livingPlans.subtract(1, ordering: .relaxed) }

        func predict(_ inputs: [Tensor]) throws -> [Tensor] { try plan.predict(inputs) }
        func step(
            _ inputs: [Tensor], targets: [Tensor], sampleWeights: [Float]?, dropout: RandomStream?,
            shared: (any SharedStep)?
        ) throws -> StepResult {
            try plan.step(inputs, targets: targets, sampleWeights: sampleWeights, dropout: dropout)
        }
    }

    let backend: any Backend
    let counts = Counts()

    init(_ backend: any Backend) { self.backend = backend }

    var name: String { backend.name }
    var version: String { backend.version }
    var threads: Int { backend.threads }

    func requireMemory(_ count: Int, of size: Int, for what: String) throws {
        try backend.requireMemory(count, of: size, for: what)
    }

    func load(validated graph: Graph, sharing weights: [ParameterID: any Weight]) throws -> any LoadedGraph {
        counts.graphs.add(1, ordering: .relaxed)
        return Counted(try backend.load(validated: graph, sharing: weights), counts)
    }
}

/// Computes in a memory of its own, as a backend on a graphics card does: weights that are elsewhere are copied.
struct FarBackend: Backend {
    private final class FarWeight: Weight {
        let near: any Weight
        init(_ near: any Weight) { self.near = near }
        func read() -> Tensor { near.read() }
    }

    private final class FarGraph: LoadedGraph {
        let near: any LoadedGraph
        let parameters: any ParameterStorage

        init(_ near: any LoadedGraph, _ weights: [ParameterID: FarWeight]) {
            self.near = near
            parameters = FarParameters(near.parameters, weights)
        }

        func plan(batchSize: Int, mode: PlanMode) throws -> any Plan {
            try near.plan(batchSize: batchSize, mode: mode)
        }
    }

    private final class FarParameters: ParameterStorage {
        let near: any ParameterStorage
        var weights: [ParameterID: FarWeight]

        init(_ near: any ParameterStorage, _ weights: [ParameterID: FarWeight]) {
            (self.near, self.weights) = (near, weights)
        }

        func memory(of parameter: ParameterID) -> any Weight {
            let weight = weights[parameter] ?? FarWeight(near.memory(of: parameter))
            weights[parameter] = weight
            return weight
        }

        func weight(_ parameter: ParameterID) -> Tensor { near.weight(parameter) }
        func setWeight(_ parameter: ParameterID, to value: Tensor) { near.setWeight(parameter, to: value) }
        func gradient(_ parameter: ParameterID) -> Tensor { near.gradient(parameter) }
        var version: Int { near.version }
        func isWeightFinite(_ parameter: ParameterID) -> Bool { near.isWeightFinite(parameter) }
        func isGradientFinite(_ parameter: ParameterID) -> Bool { near.isGradientFinite(parameter) }
        func withGradients<Result>(
            _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
        ) rethrows -> Result { try near.withGradients(body) }
        func gradientRange(of parameter: ParameterID) -> Range<Int> { near.gradientRange(of: parameter) }
        func makeSlots(count: Int, value: Float) { near.makeSlots(count: count, value: value) }
        var slotCount: Int { near.slotCount }
        func slot(_ slot: Int, of parameter: ParameterID) -> Tensor { near.slot(slot, of: parameter) }
        func setSlot(_ slot: Int, of parameter: ParameterID, to value: Tensor) {
            near.setSlot(slot, of: parameter, to: value)
        }
        func penalty(includingFrozen: Bool) -> Double { near.penalty(includingFrozen: includingFrozen) }
        func addPenaltyGradients() { near.addPenaltyGradients() }
        func update(_ rule: UpdateRule, addingPenalties: Bool) { near.update(rule, addingPenalties: addingPenalties) }
    }

    let near: any Backend
    init(_ near: any Backend) { self.near = near }

    var name: String { "far" }
    var version: String { near.version }
    var threads: Int { near.threads }

    func requireMemory(_ count: Int, of size: Int, for what: String) throws {
        try near.requireMemory(count, of: size, for: what)
    }

    func load(validated graph: Graph, sharing weights: [ParameterID: any Weight]) throws -> any LoadedGraph {
        let own = weights.compactMapValues { $0 as? FarWeight }
        let loaded = try near.load(validated: graph, sharing: own.mapValues(\.near))
        for (parameter, weight) in weights where own[parameter] == nil {
            loaded.parameters.setWeight(parameter, to: weight.read())
        }
        return FarGraph(loaded, own)
    }
}
