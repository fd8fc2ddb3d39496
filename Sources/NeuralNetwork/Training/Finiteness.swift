import ComputeGraph
import Tensors

/// The result of examining weights that are finite.
struct FiniteWeights {
    /// ``ParameterStorage/version``: weights that have not changed since are not examined again.
    let version: Int
    /// The nodes whose outputs, with the inputs, show whether anything can overflow; `nil` if no nodes show that.
    let telling: [NodeID]?
}

/// A batch that is not finite, or makes an output or a loss that is not.
struct NotFinite: Error {
    let batch: Batch
    var loss = Double.nan
}

extension Model {
    /// Much larger than pixels and the outputs of networks.
    private static let expectedMagnitude: Float = 0x1p16

    /// Refuses to predict with a weight that is not finite: the predictions could still look like numbers, because a
    /// ReLU makes 0 of a NaN and a softmax makes certainty of an infinity.
    ///
    /// - Throws: ``TrainingError`` naming the weight.
    private func checkedWeights() throws -> FiniteWeights {
        let storage = try parameters()
        if let finiteWeights, finiteWeights.version == storage.version { return finiteWeights }
        if let index = try firstWeightThatIsNotFinite() {
            throw TrainingError(
                "the weight \"\(graph[index].name)\" holds an infinity or a NaN: the model cannot predict; load "
                    + "another file, or train it again")
        }
        let telling = graph.nodesToLookAt(within: Double(Self.expectedMagnitude), weight: storage.weight)
        if let finiteWeights, finiteWeights.telling != telling { dropInferencePlans() }
        let found = FiniteWeights(version: storage.version, telling: telling)
        finiteWeights = found
        return found
    }

    /// The nodes that have to be computed for ``finiteOutputs(of:for:next:)``.
    ///
    /// - Throws: ``TrainingError`` naming a weight that is not finite.
    func nodesToCompute(for nodes: [NodeID]) throws -> [NodeID] {
        try nodes + (checkedWeights().telling ?? graph.nodesThatMayBeHidden)
    }

    /// The network's outputs for a batch, in inference; all of them are finite.
    ///
    /// The library's ReLU makes 0 of a NaN. Unless it is certain that nothing overflows, the inputs of all ReLUs are
    /// examined.
    ///
    /// - Parameter next: the batch that comes after this one, if it is there already.
    /// - Throws: ``NotFinite``; ``TrainingError`` naming a weight.
    func finiteOutputs(of nodes: [NodeID], for batch: Batch, next: () -> Batch?) throws -> [Tensor] {
        try finiteResult(of: nodes, [], for: batch, next: next).outputs
    }

    /// The same with the scores of objectives, whose nodes are among `nodes`.
    func finiteResult(
        of nodes: [NodeID], _ objectives: [Objective], for batch: Batch, next: () -> Batch?
    ) throws -> StepResult {
        func isExpected(_ tensor: Tensor) -> Bool { tensor.largestMagnitude <= Self.expectedMagnitude }
        let areInputsExpected = batch.largestMagnitude <= Self.expectedMagnitude
        guard areInputsExpected && batch.targets.allSatisfy(\.isFinite) || dataAnomaly(in: batch) == nil else {
            throw NotFinite(batch: batch)
        }
        func result(_ looked: [NodeID]) throws -> StepResult {
            let mode = PlanMode.inference(outputs: nodes + looked, objectives: objectives)
            let result = try step(
                batch, mode: mode, targets: objectives.isEmpty ? [] : batch.targets, dropout: nil, next: next)
            guard result.outputs.allSatisfy(\.isFinite) else { throw NotFinite(batch: batch) }
            return result
        }
        func onlyWanted(_ result: StepResult) -> StepResult {
            StepResult(
                scores: result.scores, outputs: Array(result.outputs.prefix(nodes.count)), gradients: [])
        }
        if let telling = try checkedWeights().telling, areInputsExpected {
            let result = try result(telling)
            if result.outputs.dropFirst(nodes.count).allSatisfy(isExpected) { return onlyWanted(result) }
        }
        return onlyWanted(try result(graph.nodesThatMayBeHidden))
    }

    /// Replaces ``NotFinite`` by an error that names the cause.
    ///
    /// - Throws: ``TrainingError`` naming the sample that is not finite, or the first layer whose output is not.
    func explaining<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let fault as NotFinite {
            let anomaly = try dataAnomaly(in: fault.batch) ?? networkAnomaly(in: fault.batch, dropout: nil)
            throw TrainingError(anomaly.description(in: fault.batch))
        }
    }
}
