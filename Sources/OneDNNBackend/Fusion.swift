import ComputeGraph

/// The nodes that the primitive of a convolution or a normalization computes besides its own.
struct Fusion {
    /// A normalization with fixed statistics, which only changes the kernel and bias of the convolution before it.
    var normalization: (node: NodeID, settings: NormalizationSettings)?
    /// The sum of the result so far, times a factor, and of a value that is computed earlier: a residual module's.
    var sum: (node: NodeID, addend: NodeID, factor: Float)?
    /// A ReLU of the result.
    var activation: NodeID?
    /// A ReLU of the input of a normalization.
    var rectifiedInput: NodeID?

    /// The last of the nodes that are computed together, starting with `head`.
    func last(after head: NodeID) -> NodeID { activation ?? sum?.node ?? normalization?.node ?? head }

    /// Without the sum and what follows it, if there is one.
    var beforeSum: Fusion { sum == nil ? self : Fusion(normalization: normalization) }
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

        /// Fused only with the later of two addends, when the other one exists.
        func sum(after node: NodeID, head: NodeID) -> (node: NodeID, addend: NodeID, factor: Float)? {
            guard let next = onlyConsumer(of: node), graph[next].inputs.count == 2,
                let place = graph[next].inputs.firstIndex(where: { $0 != node })
            else { return nil }
            let addend = graph[next].inputs[place]
            guard addend.index < head.index else { return nil }
            return switch graph[next].operation {
            case .add: (next, addend, 1)
            // The kernel takes the factor. A kernel that learns cannot: its weights are the parameters.
            case .linearCombination(let factors) where !isTraining && factors[place] == 1:
                (next, addend, factors[1 - place])
            default: nil
            }
        }

        var fusions: [NodeID: Fusion] = [:]
        var folded: Set<NodeID> = []
        var rectifiedInputs: [NodeID: NodeID] = [:]
        for node in needed where !folded.contains(node) {
            switch graph[node].operation {
            case .conv2D, .depthwiseConv2D:
                var fusion = Fusion()
                if !isTraining, let next = onlyConsumer(of: node),
                    case .batchNormalization(let settings) = graph[next].operation
                {
                    fusion.normalization = (next, settings)
                    folded.insert(next)
                }
                fusion.sum = sum(after: fusion.last(after: node), head: node)
                if !isTraining { fusion.activation = activation(after: fusion.last(after: node)) }
                fusions[node] = fusion
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
