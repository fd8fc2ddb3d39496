import CDNNL
import ComputeGraph
import Tensors

extension PlanBuilder {
    /// Backward draws the mask again instead of keeping it: it is a function of the step.
    func dropout(_ index: Int, rate: Float) throws -> (Memory, Backward?) {
        guard isTraining, rate > 0 else { return try identity(index) }
        let input = graph.nodes[index].inputs[0]
        let source = try arranged(value(input), as: plainLayout(input))
        let output = try memory(source.layout)
        let count = batchSize * shape(of: index).count
        let name = graph.nodes[index].name

        func apply(from source: Memory, to destination: Memory) {
            add([source, destination]) { [randomness] in
                guard let stream = randomness.stream else {
                    throw BackendError("\(name) drops out, but training was given no random numbers")
                }
                let from = source.floats, to = destination.floats
                let blocks = 0..<RandomStream.dropoutBlocks(of: count)
                stream.forEachDropoutFactor(of: count, blocks: blocks, rate: rate, node: index) { i, factor in
                    to[i] = from[i] * factor
                }
            }
        }
        apply(from: source, to: output)
        return (
            output,
            { [unowned self] gradient in
                let inputGradient = try memory(source.layout)
                apply(from: gradient, to: inputGradient)
                contribute(inputGradient, to: input)
            }
        )
    }
}
