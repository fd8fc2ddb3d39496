import CDNNL
import ComputeGraph

extension PlanBuilder {
    /// Elements in the plain layout already are in row-major order: only the shape changes, not the memory.
    func reshape(_ index: NodeID) throws -> (Memory, Backward?) {
        let input = graph[index].inputs[0]
        let plain = try plainLayout(input)
        let output = try memory(plainLayout(index), in: arranged(value(input), as: plain).buffer)
        return (
            output,
            { [unowned self] gradient in contribute(try memory(plain, in: gradient.buffer), to: input) }
        )
    }
}
