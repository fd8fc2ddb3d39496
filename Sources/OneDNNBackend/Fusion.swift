import ComputeGraph

/// The nodes that the primitive of a convolution or a normalization computes besides its own.
struct Fusion {
    /// A normalization with fixed statistics, which only changes the kernel and bias of the convolution before it.
    var normalization: NodeID?
    /// A ReLU of the result.
    var activation: NodeID?
    /// A ReLU of the input of a normalization.
    var rectifiedInput: NodeID?

    /// The last of the nodes that are computed together, starting with `head`.
    func last(after head: NodeID) -> NodeID { activation ?? normalization ?? head }
}

extension AnalyzedGraph {
    /// The fusions of the needed nodes, by the first node of each.
    ///
    /// A node's value need not exist if its only consumer is fused with it.
    func fusions() -> [NodeID: Fusion] {
        func onlyConsumer(of node: NodeID) -> NodeID? {
            let consumers = consumers(of: node)
            return consumers.count == 1 && !isWanted(node) ? consumers[0] : nil
        }
        func activation(after node: NodeID) -> NodeID? {
            onlyConsumer(of: node).flatMap { graph[$0].operation == .activation(.relu) ? $0 : nil }
        }

        var fusions: [NodeID: Fusion] = [:]
        var folded: Set<NodeID> = []
        var rectifiedInputs: [NodeID: NodeID] = [:]
        for node in needed where !folded.contains(node) {
            switch graph[node].operation {
            case .conv2D where !isTraining, .depthwiseConv2D where !isTraining:
                let next = onlyConsumer(of: node)
                let normalization = next.flatMap { next in
                    if case .batchNormalization = graph[next].operation { next } else { nil }
                }
                if let normalization { folded.insert(normalization) }
                fusions[node] = Fusion(
                    normalization: normalization, activation: activation(after: normalization ?? node))
            case .activation(.relu) where isTraining:
                // A normalization before it may compute it already.
                guard !fusions.values.contains(where: { $0.activation == node }), let next = onlyConsumer(of: node),
                    case .batchNormalization(let settings) = graph[next].operation, !settings.isFrozen
                else { continue }
                rectifiedInputs[next] = node
            case .batchNormalization:
                fusions[node] =
                    if let rectified = rectifiedInputs[node] {
                        Fusion(rectifiedInput: rectified)
                    } else {
                        Fusion(activation: activation(after: node))
                    }
            default: break
            }
        }
        return fusions
    }
}
