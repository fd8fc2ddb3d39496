import CDNNL
import ComputeGraph

extension PlanBuilder {
    /// An image in the plain layout already is its flat vector: only the shape changes, not the memory.
    func flatten(_ index: NodeID) throws -> (Memory, Backward?) {
        let input = graph[index].inputs[0]
        let plain = try plainLayout(input)
        let output = try memory(plainLayout(index), in: arranged(value(input), as: plain).buffer)
        return (
            output,
            { [unowned self] gradient in contribute(try memory(plain, in: gradient.buffer), to: input) }
        )
    }
}
