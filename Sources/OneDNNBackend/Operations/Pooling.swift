import CDNNL
import ComputeGraph
import Tensors

extension PlanBuilder {
    func pooling(_ index: NodeID, _ kind: Primitives.Pooling, _ window: SlidingWindow) throws -> (Memory, Backward?) {
        let input = graph[index].inputs[0]
        return try pooling(kind, window, input: input, output: shape(of: index))
    }

    /// The mean over the whole image: a pooling with a window of its size, and then without the axes of height and
    /// width.
    func globalAveragePooling(_ index: NodeID) throws -> (Memory, Backward?) {
        let input = graph[index].inputs[0]
        let image = shape(of: input)
        let size = Size2D(image[0], image[1])
        let single: Shape = [1, 1, image[2]]
        let (pooled, backward) = try pooling(
            .average, SlidingWindow(kernel: size, strides: size, padding: .valid), input: input, output: single)
        let plain = try Layout.plain(single, batchSize: batchSize)
        let output = try memory(plainLayout(index), in: arranged(pooled, as: plain).buffer)
        return (
            output,
            { [unowned self] gradient in
                let single = try memory(plain, in: gradient.buffer)
                try backward?(arranged(single, as: pooled.layout))
            }
        )
    }

    private func pooling(
        _ kind: Primitives.Pooling, _ window: SlidingWindow, input: NodeID, output shape: Shape
    ) throws -> (Memory, Backward?) {
        let image = self.shape(of: input)
        let geometry = Geometry(window, over: Size2D(image[0], image[1]))
        let source = try value(input)
        let descriptor = try primitives.pooling(
            kind, training: isTraining, source: source.layout,
            destination: .any(shape, batchSize: batchSize), geometry)
        let output = try memory(descriptor.destination())
        var arguments: [(Argument, Memory)] = [(.source, source), (.destination, output)]
        // The workspace records the largest element of each window.
        var workspace: Memory?
        if isTraining, kind == .maximum {
            let kept = try memory(descriptor.workspace())
            arguments.append((.workspace, kept))
            workspace = kept
        }
        try add(descriptor, arguments)
        return (
            output,
            { [unowned self] gradient in
                let descriptor = try primitives.poolingBackward(
                    kind, sourceGradient: source.layout, destinationGradient: gradient.layout, geometry,
                    hint: descriptor)
                let inputGradient = try memory(source.layout)
                var arguments: [(Argument, Memory)] = [
                    (.destinationGradient, gradient), (.sourceGradient, inputGradient),
                ]
                if let workspace { arguments.append((.workspace, workspace)) }
                try add(descriptor, arguments)
                contribute(inputGradient, to: input)
            }
        )
    }
}
