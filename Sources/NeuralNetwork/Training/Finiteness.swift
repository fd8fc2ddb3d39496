import ComputeGraph
import Tensors

/// Weights that were found to be finite.
struct FiniteWeights {
    /// ``ParameterStorage/version``: those that have not changed are not looked at again.
    let version: Int
    /// Inputs up to this magnitude stay finite all the way through the network.
    let inputLimit: Float
}

/// A batch that is not finite itself, or makes an output or a loss that is not.
struct NotFinite: Error {
    let batch: Batch
    var loss = Double.nan
}

extension Model {
    /// Far more than pixels are.
    private static let expectedMagnitude: Float = 0x1p16

    /// Refuses to predict with a weight that is not finite: what comes out would be a number all the same where a ReLU
    /// makes 0 of a NaN, or a softmax a certainty of an infinity.
    ///
    /// - Throws: ``TrainingError`` naming the weight.
    func checkWeights() throws -> FiniteWeights {
        let storage = try parameters()
        if let finiteWeights, finiteWeights.version == storage.version { return finiteWeights }
        if let index = try firstWeightThatIsNotFinite() {
            throw TrainingError(
                "the weight \"\(graph.parameters[index].name)\" holds an infinity or a NaN: the model predicts nothing; load "
                    + "another file, or train it anew")
        }
        let stays = graph.staysFinite(inputsWithin: Double(Self.expectedMagnitude), weight: storage.weight)
        let found = FiniteWeights(version: storage.version, inputLimit: stays ? Self.expectedMagnitude : 0)
        finiteWeights = found
        return found
    }

    /// What the network makes of a batch, in inference.
    ///
    /// The library's ReLU makes 0 of a NaN. Where it cannot be ruled out beforehand that numbers grow too large, what goes
    /// into every ReLU is looked at.
    ///
    /// - Throws: ``NotFinite``; ``TrainingError`` naming a weight.
    func finiteOutputs(of nodes: [Int], for batch: Batch) throws -> [Tensor] {
        guard dataAnomaly(in: batch) == nil else { throw NotFinite(batch: batch) }
        let limit = try checkWeights().inputLimit
        let isWithin = batch.inputs.allSatisfy { $0.largestMagnitude <= limit }
        let looked = isWithin ? [] : graph.nodesThatMayBeHidden
        let plan = try plan(batchSize: batch.count, mode: .inference(outputs: nodes + looked))
        let outputs = try plan.forward(batch.inputs, dropout: nil)
        guard outputs.allSatisfy(\.isFinite) else { throw NotFinite(batch: batch) }
        return Array(outputs.prefix(nodes.count))
    }

    /// - Throws: in place of ``NotFinite``, a ``TrainingError`` naming the sample that is not finite, or the first layer
    ///   whose output is not.
    func explaining<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let fault as NotFinite {
            let anomaly = try dataAnomaly(in: fault.batch) ?? networkAnomaly(in: fault.batch, dropout: nil)
            throw TrainingError(anomaly.description(in: fault.batch))
        }
    }
}
