import CDNNL
import ComputeGraph

extension PlanBuilder {
    func upSampling(_ index: NodeID, _ kind: UpSampling) throws -> (Memory, Backward?) {
        let input = graph[index].inputs[0]
        let source = try value(input)
        let descriptor = try primitives.resampling(
            kind, training: isTraining, source: source.layout, destination: anyLayout(index))
        let output = try memory(descriptor.destination())
        try add(descriptor, [(.source, source), (.destination, output)])
        return (
            output,
            { [unowned self] gradient in
                let descriptor = try primitives.resamplingBackward(
                    kind, sourceGradient: source.layout, destinationGradient: gradient.layout, hint: descriptor)
                let inputGradient = try memory(source.layout)
                try add(descriptor, [(.destinationGradient, gradient), (.sourceGradient, inputGradient)])
                contribute(inputGradient, to: input)
            }
        )
    }
}
