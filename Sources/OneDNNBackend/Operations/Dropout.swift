import CDNNL
import ComputeGraph
import HostMemory
import Tensors

extension PlanBuilder {
    /// The mask is a function of the step, so the backward pass computes it again instead of keeping it.
    func dropout(_ index: NodeID, rate: Float) throws -> (Memory, Backward?) {
        guard isTraining, rate > 0 else { return try identity(index) }
        let input = graph[index].inputs[0]
        let source = try arranged(value(input), as: plainLayout(input))
        let output = try memory(source.layout)
        drop(source, into: output, node: index, rate: rate)
        return (
            output,
            { [unowned self] gradient in
                let inputGradient = try memory(source.layout)
                drop(gradient, into: inputGradient, node: index, rate: rate)
                contribute(inputGradient, to: input)
            }
        )
    }

    private func drop(_ source: Memory, into destination: Memory, node: NodeID, rate: Float) {
        let shape = batchShape(of: node)
        add([source, destination]) { [engine, exchange] in
            // The plan has checked that there are random numbers.
            guard let mask = exchange.dropout?.mask(of: node, shape, rate: rate) else { return }
            let from = source.floats, to = destination.floats
            engine.forEachPart(of: mask.blockCount, grain: 1024) { blocks in
                mask.forEachFactor(blocks: blocks) { i, factor in to[i] = from[i] * factor }
            }
        }
    }
}
