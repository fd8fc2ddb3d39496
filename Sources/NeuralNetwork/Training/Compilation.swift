import ComputeGraph
import System
import Tensors

/// What training needs to know beside the network.
public struct Compilation: Sendable {
    /// One for each output.
    public let losses: [Loss]
    public let lossWeights: [Double]
    public var optimizer: any Optimizer
}

extension Model {
    /// Says what to train towards, and how.
    ///
    /// - Parameters:
    ///   - loss: one for all outputs.
    ///   - lossWeights: one for each output; all 1 where not given.
    public func compile(loss: Loss, lossWeights: [Double]? = nil, optimizer: any Optimizer) {
        compile(
            losses: [Loss](repeating: loss, count: outputNames.count), lossWeights: lossWeights, optimizer: optimizer)
    }

    /// The program ends with one line where there are not as many losses and weights as outputs.
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

    /// The optimizer's learning rate; `nan` before ``compile(loss:lossWeights:optimizer:)``.
    public var learningRate: Double {
        get { compilation?.optimizer.learningRate ?? .nan }
        set { compilation?.optimizer.learningRate = newValue }
    }

    /// What to do before `task`, where the model is not compiled.
    func notCompiled(before task: String) -> TrainingError {
        TrainingError("compile the model before \(task) it" + (unknownTraining.map { ", since \($0)" } ?? ""))
    }

    /// Where each output's loss is taken: at the output, or before its activation where the loss works on logits.
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

struct LossHead {
    let loss: Loss
    let node: Int
    let fromLogits: Bool

    /// What the output of a single unit is above where it says yes. A softmax of one unit says nothing else.
    var threshold: Float {
        guard fromLogits else { return 0.5 }
        return loss.fusedActivation == .softmax ? -.infinity : 0
    }
}
