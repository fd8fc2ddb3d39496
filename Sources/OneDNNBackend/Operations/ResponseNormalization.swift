import CDNNL
import ComputeGraph

extension PlanBuilder {
    func responseNormalization(
        _ index: NodeID, _ settings: Primitives.ResponseNormalization
    ) throws -> (Memory, Backward?) {
        let input = graph[index].inputs[0]
        let source = try value(input)
        let output = try memory(source.layout)
        let descriptor = try primitives.responseNormalization(settings, training: isTraining, source: source.layout)
        var arguments: [(Argument, Memory)] = [(.source, source), (.destination, output)]
        let workspaceLayout = try descriptor.workspace()
        let workspace = workspaceLayout.size > 0 ? try memory(workspaceLayout) : nil
        if let workspace { arguments.append((.workspace, workspace)) }
        try add(descriptor, arguments)
        return (
            output,
            { [unowned self] gradient in
                let descriptor = try primitives.responseNormalizationBackward(
                    settings, gradient: gradient.layout, source: source.layout, hint: descriptor)
                let inputGradient = try memory(source.layout)
                var arguments: [(Argument, Memory)] = [
                    (.source, source), (.destinationGradient, gradient), (.sourceGradient, inputGradient),
                ]
                if let workspace { arguments.append((.workspace, workspace)) }
                try add(descriptor, arguments)
                contribute(inputGradient, to: input)
            }
        )
    }
}
