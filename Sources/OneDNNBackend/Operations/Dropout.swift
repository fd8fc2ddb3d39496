import CDNNL
import ComputeGraph
import HostMemory
import Tensors

extension PlanBuilder {
    /// The mask is a function of the step, so the backward pass computes it again instead of keeping it.
    func dropout(_ index: Int, rate: Float) throws -> (Memory, Backward?) {
        guard isTraining, rate > 0 else { return try identity(index) }
        let input = graph.nodes[index].inputs[0]
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

    private func drop(_ source: Memory, into destination: Memory, node: Int, rate: Float) {
        let count = batchSize * shape(of: node).count
        let name = graph.nodes[node].name
        add([source, destination]) { [randomness] in
            guard let stream = randomness.stream else {
                throw BackendError("\(name) has dropout, but training was given no random numbers")
            }
            let from = source.floats, to = destination.floats
            let blocks = 0..<RandomStream.dropoutBlocks(of: count)
            stream.forEachDropoutFactor(of: count, blocks: blocks, rate: rate, node: node) { i, factor in
                to[i] = from[i] * factor
            }
        }
    }
}
