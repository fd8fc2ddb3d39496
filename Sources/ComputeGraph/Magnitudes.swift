import Foundation
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

    /// The nodes whose NaN may go unnoticed, because a ReLU, a pooling or a maximum may turn it into a number.
    public var nodesThatMayBeHidden: [NodeID] {
        let hidden = nodes.flatMap { node -> [NodeID] in
            switch node.operation {
            case .activation, .prelu, .maxPooling2D, .globalMaxPooling2D, .maximum, .minimum: node.inputs
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
        case .concatenate, .add, .linearCombination, .multiply, .maximum, .minimum, .maxPooling2D, .averagePooling2D,
            .globalAveragePooling2D, .globalMaxPooling2D, .flatten, .reshape:
            1e25
        case .activation, .prelu: 1e29
        case .input, .conv2D, .depthwiseConv2D, .dense, .batchNormalization, .rescale, .normalize,
            .localResponseNormalization, .zeroPadding2D, .cropping2D, .upSampling2D, .dropout:
            .infinity
        }
    }

    /// An upper bound of each channel's or unit's magnitude; infinite if it is not known.
    fileprivate func bound(
        inputs: [[Double]], inputShapes: [Shape], shape: Shape, limit: Double, weights: [Tensor]
    ) -> [Double] {
        let input = inputs.first ?? []
        switch self {
        case .input: return [Double](repeating: limit, count: shape[shape.rank - 1])
        case .conv2D(_, _, let groups, let useBias):
            return Self.sums(of: weights[0], times: input, groups: groups, bias: useBias ? weights[1] : nil)
        case .depthwiseConv2D(_, let multiplier, let useBias):
            // In memory this is the kernel of a convolution with a group for each channel.
            let (kernel, channels) = (weights[0], weights[0].shape[2])
            let grouped = Tensor(
                shape: [kernel.shape[0], kernel.shape[1], 1, channels * multiplier], scalars: kernel.scalars)
            return Self.sums(of: grouped, times: input, groups: channels, bias: useBias ? weights[1] : nil)
        case .dense(_, let useBias):
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
        case .activation(let function): return function.bound(input)
        case .prelu:
            let steepest = weights[0].scalars.reduce(1) { max($0, Double(abs($1))) }
            return input.map { $0 * steepest }
        case .rescale(let settings):
            return input.indices.map { channel in
                let scale = settings.scale[settings.scale.count == 1 ? 0 : channel]
                let offset = settings.offset[settings.offset.count == 1 ? 0 : channel]
                return Double(abs(scale)) * input[channel] + Double(abs(offset))
            }
        case .normalize(let invert):
            return input.indices.map { channel in
                let mean = Double(abs(weights[0].scalars[channel]))
                let deviation = max(Double(weights[1].scalars[channel]).squareRoot(), 1e-7)
                return invert ? input[channel] * deviation + mean : (input[channel] + mean) / deviation
            }
        case .maxPooling2D, .globalMaxPooling2D, .zeroPadding2D, .cropping2D, .upSampling2D, .dropout: return input
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
        case .linearCombination(let factors):
            return input.indices.map { channel in
                zip(factors, inputs).reduce(0) { $0 + Double(abs($1.0)) * $1.1[channel] }
            }
        case .multiply:
            return (0..<shape[shape.rank - 1]).map { channel in inputs.reduce(1) { $0 * $1[channel % $1.count] } }
        case .maximum, .minimum:
            return (0..<shape[shape.rank - 1]).map { channel in inputs.reduce(0) { max($0, $1[channel % $1.count]) } }
        case .flatten, .reshape:
            var bound = [Double](repeating: 0, count: shape[shape.rank - 1])
            for element in 0..<shape.count {
                let channel = element % bound.count
                bound[channel] = max(bound[channel], input[element % input.count])
            }
            return bound
        }
    }

    /// For each output, the sum over the inputs of their magnitude times their weight's. The kernel is `[..., in / groups,
    /// out]`.
    private static func sums(of kernel: Tensor, times input: [Double], groups: Int = 1, bias: Tensor?) -> [Double] {
        let outputs = kernel.shape[kernel.shape.rank - 1]
        var sums = bias?.scalars.map { Double(abs($0)) } ?? [Double](repeating: 0, count: outputs)
        kernel.scalars.withUnsafeBufferPointer { kernel in
            input.withUnsafeBufferPointer { input in
                sums.withUnsafeMutableBufferPointer { sums in
                    let (seen, filters) = (input.count / groups, outputs / groups)
                    for row in 0..<kernel.count / outputs {
                        for group in 0..<groups {
                            let magnitude = input[group * seen + row % seen]
                            for output in group * filters..<(group + 1) * filters {
                                sums[output] += magnitude * Double(abs(kernel[row * outputs + output]))
                            }
                        }
                    }
                }
            }
        }
        return sums
    }
}

extension ActivationFunction {
    /// An upper bound of each channel's magnitude. It is not below the input's: what is too large must not be hidden.
    fileprivate func bound(_ input: [Double]) -> [Double] {
        switch self {
        case .linear, .relu, .silu, .gelu, .mish, .hardSilu: input
        case .rectifier(_, let negativeSlope, let threshold):
            input.map { max($0, Double(negativeSlope) * ($0 + Double(threshold))) }
        case .elu(let alpha), .celu(let alpha): input.map { max($0, Double(abs(alpha))) }
        case .selu: input.map { 1.06 * max($0, 1.68) }
        case .sigmoid, .tanh, .softmax, .softsign, .hardSigmoid: input.map { max($0, 1) }
        // Its logarithm's magnitude is that of a difference of inputs, and of the logarithm of their number.
        case .logSoftmax: input.map { _ in 2 * (input.max() ?? 0) + log(Double(input.count)) }
        case .softplus: input.map { $0 + 1 }
        case .exponential: input.map { exp($0) }
        }
    }
}
