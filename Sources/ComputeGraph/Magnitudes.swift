import Tensors

extension Graph {
    /// The few nodes to check so that no infinity or NaN in inference goes unnoticed. If the inputs and the outputs of
    /// these nodes are within plus or minus `limit`, nothing overflows anywhere.
    ///
    /// Computed from the weights alone: an upper bound of each channel's magnitude, as if all products had the same sign.
    /// In a deep network the bound grows without limit, and only checking a node resets it.
    ///
    /// - Returns: `nil` if there is no bound, for example for the root of a negative weight.
    public func nodesToLookAt(within limit: Double, weight: (_ parameter: ParameterID) -> Tensor) -> [NodeID]? {
        var bounds: [[Double]] = []
        var looked: [NodeID] = []
        for (index, node) in nodes.enumerated() {
            var bound = node.operation.bound(
                inputs: node.inputs.map { bounds[$0.index] }, inputShapes: node.inputs.map { self[$0].shape },
                shape: node.shape, limit: limit, weights: node.parameters.map(weight))
            // This comparison also fails for NaN.
            guard bound.allSatisfy({ $0 <= Self.safeMagnitude }) else { return nil }
            if (bound.max() ?? 0) > node.operation.worthALook {
                looked.append(NodeID(index))
                bound = bound.map { min($0, limit) }
            }
            bounds.append(bound)
        }
        return looked
    }

    /// Far enough below the largest 32-bit number for a library's intermediate results, such as Winograd's transforms of
    /// a convolution.
    private static let safeMagnitude = 1e34

    /// The nodes whose NaN may go unnoticed, because a ReLU or a pooling may turn it into a number.
    public var nodesThatMayBeHidden: [NodeID] {
        let hidden = nodes.flatMap { node -> [NodeID] in
            switch node.operation {
            case .activation, .maxPooling2D: node.inputs
            default: []
            }
        }
        return Set(hidden).sorted().filter { !self[$0].operation.isInput }
    }
}

extension Operation {
    /// The magnitude above which a node of this kind is checked. It is low where branches meet, because one check covers
    /// all of them. It is infinite where a ReLU may follow that the library computes in the same step.
    fileprivate var worthALook: Double {
        switch self {
        case .concatenate, .add, .maxPooling2D, .averagePooling2D, .globalAveragePooling2D, .flatten: 1e25
        case .activation: 1e29
        default: .infinity
        }
    }

    /// An upper bound of each channel's or unit's magnitude; infinite if it is not known.
    fileprivate func bound(
        inputs: [[Double]], inputShapes: [Shape], shape: Shape, limit: Double, weights: [Tensor]
    ) -> [Double] {
        let input = inputs.first ?? []
        switch self {
        case .input: return [Double](repeating: limit, count: shape[shape.rank - 1])
        case .conv2D(_, _, let useBias), .dense(_, let useBias):
            return Self.sums(of: weights[0], times: input, bias: useBias ? weights[1] : nil)
        case .batchNormalization(let settings):
            return input.indices.map { channel in
                let statistics = weights.suffix(2).map { $0.scalars[channel] }
                let (mean, variance) = (Double(statistics[0]), statistics[1])
                let gamma = settings.scale ? Double(weights[0].scalars[channel]) : 1
                let beta = settings.center ? Double(weights[settings.scale ? 1 : 0].scalars[channel]) : 0
                let deviation = Double(variance + settings.epsilon).squareRoot()
                // Not known for a deviation that is 0 or NaN.
                return deviation > 0
                    ? max(abs(gamma) / deviation, 1) * (input[channel] + abs(mean)) + abs(beta) : .infinity
            }
        case .activation(let function):
            switch function {
            case .linear, .relu: return input
            case .elu(let alpha): return input.map { max($0, Double(abs(alpha))) }
            case .sigmoid, .tanh, .softmax: return input.map { max($0, 1) }
            }
        case .maxPooling2D, .zeroPadding2D, .dropout: return input
        case .averagePooling2D(let window): return input.map { $0 * Double(window.kernel.area) }
        case .globalAveragePooling2D: return input.map { $0 * Double(inputShapes[0][0] * inputShapes[0][1]) }
        case .localResponseNormalization(let depthRadius, let bias, let alpha, let beta):
            guard bias >= 1, alpha >= 0, beta >= 0 else { return [.infinity] }
            // The divisor is at least 1. The sum of squares in it must not overflow either.
            let most = input.max() ?? 0
            let squares = Double(2 * depthRadius + 1) * max(Double(alpha), 1) * most * most
            return squares <= 1e34 ? input : [.infinity]
        case .concatenate: return inputs.flatMap(\.self)
        case .add: return input.indices.map { channel in inputs.reduce(0) { $0 + $1[channel] } }
        case .flatten:
            let positions = shape.count / max(input.count, 1)
            return (0..<positions).flatMap { _ in input }
        }
    }

    /// For each output, the sum over the inputs of their magnitude times their weight's. The kernel is `[..., in, out]`.
    private static func sums(of kernel: Tensor, times input: [Double], bias: Tensor?) -> [Double] {
        let outputs = kernel.shape[kernel.shape.rank - 1]
        var sums = bias?.scalars.map { Double(abs($0)) } ?? [Double](repeating: 0, count: outputs)
        kernel.scalars.withUnsafeBufferPointer { kernel in
            input.withUnsafeBufferPointer { input in
                sums.withUnsafeMutableBufferPointer { sums in
                    for row in 0..<kernel.count / outputs {
                        let magnitude = input[row % input.count]
                        for output in 0..<outputs {
                            sums[output] += magnitude * Double(abs(kernel[row * outputs + output]))
                        }
                    }
                }
            }
        }
        return sums
    }
}
