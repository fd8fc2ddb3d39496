import ComputeGraph

extension Model {
    /// Number of multiplications in the kernels of all convolutions and dense layers for one sample, what papers call
    /// multiply-adds: 15,470,264,320 for VGG16 on 224x224 pixels.
    ///
    /// A kernel multiplies at every position of its output, the border included. Biases, normalizations, activations and
    /// poolings do not count.
    public var multiplicationCount: Int {
        let graph = graph
        return graph.nodes.reduce(0) { $0 + graph.multiplications(of: $1) }
    }

    /// Number of convolutions and dense layers on the longest way from an input to an output: 16 for VGG16. A separable
    /// convolution is two.
    public var depth: Int {
        let graph = graph
        var depths: [Int] = []
        for node in graph.nodes {
            let before = node.inputs.map { depths[$0.index] }.max() ?? 0
            depths.append(before + (node.operation.hasKernel ? 1 : 0))
        }
        return graph.outputs.map { depths[$0.index] }.max() ?? 0
    }
}

extension Graph {
    fileprivate func multiplications(of node: Node) -> Int {
        guard node.operation.hasKernel, let kernel = node.parameters.first, let channels = node.shape.dimensions.last
        else { return 0 }
        return node.shape.count / channels * self[kernel].shape.count
    }
}

extension ComputeGraph.Operation {
    /// Whether its first parameter is a kernel that is applied at every position of the output.
    fileprivate var hasKernel: Bool {
        switch self {
        case .conv2D, .depthwiseConv2D, .dense: true
        default: false
        }
    }
}
