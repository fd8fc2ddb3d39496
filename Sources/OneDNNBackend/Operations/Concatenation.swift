import CDNNL
import ComputeGraph

extension PlanBuilder {
    /// Inputs that could be written in place already are. The inputs get slices of the gradient, without copies.
    func concatenation(_ index: NodeID) throws -> (Memory, BackwardOfParts?) {
        let inputs = graph[index].inputs
        var channel = 0
        let channels = inputs.map { input in
            defer { channel += shape(of: input).dimensions.last ?? 0 }
            return channel
        }
        let output = try begunConcatenation(index).map { try completed($0, inputs, channels) } ?? copied(inputs)
        return (
            output,
            { [unowned self] parts in
                for part in parts {
                    for (input, channel) in zip(inputs, channels) where needsGradient(input) {
                        if let slice = try slice(of: part, channel: channel, input) {
                            contribute(slice, to: input)
                            continue
                        }
                        // Blocked layouts cannot be sliced inside a block of channels, so slice the plain layout.
                        let plain = try arranged(part, as: plainLayout(index))
                        guard let slice = try slice(of: plain, channel: channel, input) else {
                            throw BackendError("oneDNN cannot slice a concatenation's gradient")
                        }
                        contribute(slice, to: input)
                    }
                }
            }
        )
    }

    /// Copies the inputs that are not in place yet.
    private func completed(_ whole: Memory, _ inputs: [NodeID], _ channels: [Int]) throws -> Memory {
        for (input, channel) in zip(inputs, channels) {
            let source = try value(input)
            guard source.buffer !== whole.buffer else { continue }
            guard let place = try slice(of: whole, channel: channel, input) else {
                throw BackendError("oneDNN cannot write a part of a concatenation")
            }
            try add(
                primitives.reorder(from: source.layout, to: place.layout), [(.source, source), (.destination, place)])
        }
        return whole
    }

    private func copied(_ inputs: [NodeID]) throws -> Memory {
        let sources = try inputs.map { try value($0) }
        let descriptor = try primitives.concatenation(sources.map(\.layout))
        let output = try memory(descriptor.destination())
        let arguments = sources.enumerated().map { (Argument.sources($0.offset), $0.element) }
        try add(descriptor, arguments + [(.destination, output)])
        return output
    }
}
