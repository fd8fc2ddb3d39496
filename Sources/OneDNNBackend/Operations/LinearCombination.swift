import CDNNL
import ComputeGraph

extension PlanBuilder {
    /// The sum of the inputs, each times its factor.
    func linearCombination(_ index: NodeID, _ factors: [Float]) throws -> (Memory, Backward?) {
        let inputs = graph[index].inputs
        let output = try sum(inputs.map { try value($0) }, times: factors)
        return (
            output,
            { [unowned self] gradient in
                for (input, factor) in zip(inputs, factors) where needsGradient(input) {
                    contribute(factor == 1 ? gradient : try sum([gradient], times: [factor]), to: input)
                }
            }
        )
    }

    private func sum(_ sources: [Memory], times factors: [Float]) throws -> Memory {
        let output = try memory(sources[0].layout)
        let arguments = sources.enumerated().map { (Argument.sources($0.offset), $0.element) }
        try add(
            primitives.sum(sources.map(\.layout), times: factors, destination: output.layout),
            arguments + [(.destination, output)])
        return output
    }
}
