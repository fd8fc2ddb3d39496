import CDNNL
import ComputeGraph

extension PlanBuilder {
    func concatenation(_ index: Int) throws -> (Memory, Backward?) {
        let inputs = graph.nodes[index].inputs
        let sources = try inputs.map { try value($0) }
        let descriptor = try primitives.concatenation(sources.map(\.layout))
        let output = try memory(descriptor.destination())
        let arguments = sources.enumerated().map { (Argument.sources($0.offset), $0.element) }
        try add(descriptor, arguments + [(.destination, output)])
        return (
            output,
            { [unowned self] gradient in
                var channel = 0
                for (input, source) in zip(inputs, sources) {
                    let dimensions = Layout.dimensions(shape(of: input), batchSize: batchSize)
                    let offsets = dimensions.indices.map { $0 == 1 ? channel : 0 }
                    channel += dimensions[1]
                    guard needsGradient(input) else { continue }
                    // A slice that would cut through a block of channels is taken from the plain layout instead.
                    var whole = gradient
                    var slice = whole.layout.slice(dimensions, at: offsets)
                    if slice == nil {
                        whole = try arranged(gradient, as: plainLayout(index))
                        slice = whole.layout.slice(dimensions, at: offsets)
                    }
                    guard let slice else { throw BackendError("oneDNN cannot slice a concatenation's gradient") }
                    let part = try memory(slice, in: whole.buffer)
                    let inputGradient = try memory(source.layout)
                    try add(
                        primitives.reorder(from: slice, to: source.layout),
                        [(.source, part), (.destination, inputGradient)])
                    contribute(inputGradient, to: input)
                }
            }
        )
    }

    func addition(_ index: Int) throws -> (Memory, Backward?) {
        let inputs = graph.nodes[index].inputs
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
