import ComputeGraph
import Tensors

/// Gives each layer a learning rate in proportion to its weights: LARS, You et al., "Large Batch Training of Convolutional
/// Networks" (2017).
///
/// In large batches gradients are precise and rates high; then the layers whose gradients are large beside their weights
/// diverge first. Each gradient g of a kernel w is scaled by `trustCoefficient * ||w|| / ||g||`, so that with SGD and
/// momentum every kernel moves by the same share of its size. g contains the penalty's gradient. Biases, and the factors
/// and summands of normalizations, keep their gradients, as is usual.
public struct LARS: GradientStep {
    /// The share of its size by which a kernel moves at a learning rate of 1.
    public let trustCoefficient: Double

    /// - Parameter trustCoefficient: the paper's eta; 0.001 there.
    public init(trustCoefficient: Double = 0.001) { self.trustCoefficient = trustCoefficient }

    /// Scales the gradients of kernels.
    public func apply(
        to gradients: UnsafeMutableBufferPointer<Float>, ranges: [Range<Int>], weight: (Int) -> Tensor
    ) {
        for (index, range) in ranges.enumerated() {
            let weight = weight(index)
            guard weight.shape.rank > 1 else { continue }
            let size = norm(weight.scalars), slope = norm(gradients[range])
            // A kernel of zeros has to begin to move, and one without a gradient stays.
            guard size > 0, slope > 0 else { continue }
            let factor = Float(trustCoefficient * size / slope)
            for i in range { gradients[i] *= factor }
        }
    }

    private func norm(_ numbers: some Sequence<Float>) -> Double {
        numbers.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    /// Class and coefficient.
    public var described: JSON { JSON(className: "LARS", config: ["trust_coefficient": .number(trustCoefficient)]) }
}
