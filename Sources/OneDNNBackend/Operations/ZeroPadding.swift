import CDNNL
import ComputeGraph

extension PlanBuilder {
    func zeroPadding(_ index: NodeID, top: Int, left: Int) throws -> (Memory, Backward?) {
        let input = graph[index].inputs[0]
        let source = try value(input)
        // Blocks of channels stay blocks, which the next layers compute fastest with.
        let blocked = try Planes(source.layout).map {
            try Layout.blocked(shape(of: index), batchSize: batchSize, block: $0.block)
        }
        let output = try memory(blocked ?? plainLayout(index))
        let dimensions = Layout.dimensions(shape(of: input), batchSize: batchSize)
        guard let inner = output.layout.slice(dimensions, at: [0, 0, top, left]) else {
            throw BackendError("oneDNN cannot slice a padded image")
        }
        let count = output.layout.size / 4
        add([output]) { [engine] in
            engine.forEachPart(of: count, grain: 4096) { part in
                (output.floats + part.lowerBound).update(repeating: 0, count: part.count)
            }
        }
        try add(
            primitives.reorder(from: source.layout, to: inner),
            [(.source, source), (.destination, try memory(inner, in: output.buffer))])
        return (
            output,
            { [unowned self] gradient in
                let inputGradient = try memory(source.layout)
                try add(
                    primitives.reorder(from: inner, to: source.layout),
                    [(.source, try memory(inner, in: gradient.buffer)), (.destination, inputGradient)])
                contribute(inputGradient, to: input)
            }
        )
    }
}
