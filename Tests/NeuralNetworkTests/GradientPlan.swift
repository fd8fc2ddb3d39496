import ComputeGraph
import FixtureSupport
import HostMemory
import Tensors

extension PlanMode {
    /// Minimizes the sum of every output times its target, so that the targets are the gradients that go into the
    /// network. Returns the outputs, and the gradients of the inputs.
    static func weightedSum(of graph: Graph) -> PlanMode {
        .training(graph.outputs.map { Objective($0, .weightedSum) }, outputs: graph.outputs, gradients: graph.inputs)
    }
}

extension Graph {
    /// Weights made from the parameters' names: small ones, but variances and gammas around 1.
    func hashedWeight(_ parameter: ParameterID, within limit: Double) -> Tensor {
        let (name, shape) = (self[parameter].name, self[parameter].shape)
        let isPositive = name.hasSuffix("variance") || name.hasSuffix("gamma")
        return hashUniform(name, shape: shape, isPositive ? 0.5 : -limit, isPositive ? 1.5 : limit)
    }
}

extension LossFunction {
    /// The sum of the rows' losses, and the gradient of the mean over them, as the backends on the CPU compute them.
    func evaluate(_ output: Tensor, target: Tensor) -> (sum: Double, gradient: Tensor) {
        let (rows, units) = (output.shape[0], output.shape[output.shape.rank - 1])
        var gradient = Tensor(shape: output.shape)
        let score = output.scalars.withUnsafeBufferPointer { output in
            target.scalars.withUnsafeBufferPointer { target in
                gradient.scalars.withUnsafeMutableBufferPointer { gradient in
                    Objective(NodeID(0), self).evaluate(
                        output, target: target, gradient: gradient, samples: rows, units: units)
                }
            }
        }
        return (score.loss, gradient)
    }
}

extension ParameterStorage {
    /// Puts a gradient in the place of the one that a step has left.
    func setGradient(_ parameter: ParameterID, to scalars: [Float]) {
        withGradients { block in
            for (place, value) in zip(gradientRange(of: parameter), scalars) { block[place] = value }
        }
    }
}
