import CDNNL
import ComputeGraph

extension PlanBuilder {
    func addition(_ index: NodeID) throws -> (Memory, Backward?) {
        let inputs = graph[index].inputs
        let sources = try inputs.map { try value($0) }
        let output = try memory(sources[0].layout)
        let arguments = sources.enumerated().map { (Argument.sources($0.offset), $0.element) }
        try add(
            primitives.sum(sources.map(\.layout), destination: output.layout), arguments + [(.destination, output)])
        return (
            output,
            { [unowned self] gradient in
                for input in inputs where needsGradient(input) { contribute(gradient, to: input) }
            }
        )
    }
}
