import ComputeGraph

/// The nodes that the primitive of a convolution or a normalization computes besides its own.
struct Fusion {
    /// A normalization with fixed statistics, which only changes the kernel and bias of the convolution before it.
    var normalization: Int?
    /// A ReLU of the result.
    var activation: Int?
    /// A ReLU of the input of a normalization.
    var rectifiedInput: Int?

    /// The last of the nodes that are computed together, starting with `head`.
    func last(after head: Int) -> Int { activation ?? normalization ?? head }
}

extension Graph {
    /// The fusions of the `needed` nodes, by the first node of each.
    ///
    /// A node's value need not exist if its only consumer is fused with it.
    func fusions(of needed: Set<Int>, outputs: [Int], isTraining: Bool) -> [Int: Fusion] {
        var consumers: [Int: [Int]] = [:]
        for node in needed {
            for input in nodes[node].inputs { consumers[input, default: []].append(node) }
        }
        func onlyConsumer(of node: Int) -> Int? {
            guard !outputs.contains(node), let consumers = consumers[node], consumers.count == 1 else { return nil }
            return consumers[0]
        }
        func activation(after node: Int) -> Int? {
            onlyConsumer(of: node).flatMap { nodes[$0].operation == .activation(.relu) ? $0 : nil }
        }

        var fusions: [Int: Fusion] = [:]
        var folded: Set<Int> = []
        var rectifiedInputs: [Int: Int] = [:]
        for node in needed.sorted() where !folded.contains(node) {
            switch nodes[node].operation {
            case .conv2D where !isTraining:
                let next = onlyConsumer(of: node)
                let normalization = next.flatMap { next in
                    if case .batchNormalization = nodes[next].operation { next } else { nil }
                }
                if let normalization { folded.insert(normalization) }
                fusions[node] = Fusion(
                    normalization: normalization, activation: activation(after: normalization ?? node))
            case .activation(.relu) where isTraining:
                guard let next = onlyConsumer(of: node), case .batchNormalization(_, _, false) = nodes[next].operation
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
