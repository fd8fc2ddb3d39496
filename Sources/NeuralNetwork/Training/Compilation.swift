import ComputeGraph
import System
import Tensors

/// What training needs besides the network: losses, their weights and an optimizer.
public struct Compilation: Sendable {
    /// One loss for each output.
    public let losses: [Loss]
    /// One factor for each output: the loss that is minimized is the weighted sum, plus penalties.
    public let lossWeights: [Double]
    /// The optimizer with its current learning rate.
    public var optimizer: any Optimizer
}

extension Model {
    /// Sets loss and optimizer: Keras's `compile`. The optimizer starts at step 0.
    ///
    /// - Parameters:
    ///   - loss: the loss of every output.
    ///   - lossWeights: one factor for each output; all 1 by default.
    ///   - optimizer: updates the weights.
    public func compile(loss: Loss, lossWeights: [Double]? = nil, optimizer: any Optimizer) {
        compile(
            losses: [Loss](repeating: loss, count: outputNames.count), lossWeights: lossWeights, optimizer: optimizer)
    }

    /// Sets a loss for each output, and the optimizer.
    ///
    /// The program ends with one line if the numbers of losses, weights and outputs differ.
    ///
    /// - Parameters:
    ///   - losses: one for each output, in the order of ``outputNames``.
    ///   - lossWeights: one factor for each output; all 1 by default.
    ///   - optimizer: updates the weights.
    public func compile(losses: [Loss], lossWeights: [Double]? = nil, optimizer: any Optimizer) {
        let weights = lossWeights ?? [Double](repeating: 1, count: losses.count)
        guard losses.count == outputNames.count, weights.count == losses.count else {
            stop(
                "a model of \(outputNames.count) outputs takes as many losses and loss weights, not \(losses.count) and "
                    + "\(weights.count)")
        }
        compilation = Compilation(losses: losses, lossWeights: weights, optimizer: optimizer)
        state.iterations = 0
        (unknownTraining, lostMemory) = (nil, nil)
        optimizerDidChange()
    }

    /// The optimizer's learning rate; NaN before ``compile(loss:lossWeights:optimizer:)``.
    public var learningRate: Double {
        get { compilation?.optimizer.learningRate ?? .nan }
        set { compilation?.optimizer.learningRate = newValue }
    }

    /// The error of a model that is not compiled and is asked for `task`.
    func notCompiled(before task: String) -> TrainingError {
        TrainingError("compile the model before \(task) it" + (unknownTraining.map { ", since \($0)" } ?? ""))
    }

    /// For each output the node that its loss reads: the output, or the logits before its activation if the loss takes
    /// them.
    func heads() -> [LossHead] {
        guard let compilation else { return [] }
        return zip(graph.outputs, compilation.losses).map { output, loss in
            let node = graph.nodes[output]
            if let fused = loss.fusedActivation, node.operation == .activation(fused) {
                return LossHead(loss: loss, node: node.inputs[0], fromLogits: true)
            }
            return LossHead(loss: loss, node: output, fromLogits: false)
        }
    }
}

/// The node that the loss of one output reads.
struct LossHead {
    let loss: Loss
    let node: Int
    let fromLogits: Bool

    /// Decision threshold of a one-unit output: 0 for logits, 0.5 for probabilities. A one-unit softmax is always 1.
    var threshold: Float {
        guard fromLogits else { return 0.5 }
        return loss.fusedActivation == .softmax ? -.infinity : 0
    }
}
