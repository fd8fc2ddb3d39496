import Tensors

extension Graph {
    /// Refuses an inconsistent graph, because backends compute through pointers without checks.
    ///
    /// - Throws: ``BackendError`` naming the first inconsistent node.
    public func validate() throws {
        for parameter in parameters {
            guard parameter.shape.dimensions.allSatisfy({ $0 > 0 }), parameter.shape.isCountable else {
                throw BackendError(
                    "\(parameter.name) of shape \(parameter.shape) does not have from 1 to \(Shape.largestCount) elements"
                )
            }
        }
        for (index, node) in nodes.enumerated() {
            func refuse(_ reason: String) -> BackendError {
                BackendError("node \(index) '\(node.name)' (\(node.operation)): \(reason)")
            }
            guard node.inputs.allSatisfy({ (0..<index).contains($0.index) }) else {
                throw refuse("inputs \(node.inputs.map(\.index)) are not all earlier nodes")
            }
            guard node.parameters.allSatisfy({ parameters.indices.contains($0.index) }) else {
                throw refuse(
                    "parameters \(node.parameters.map(\.index)) are not all among the \(parameters.count) of the graph")
            }
            guard node.shape.rank > 0, node.shape.dimensions.allSatisfy({ $0 > 0 }) else {
                throw refuse("expected a shape with positive dimensions, found \(node.shape)")
            }
            guard node.shape.isCountable else {
                throw refuse("a sample's output of shape \(node.shape) has more than \(Shape.largestCount) elements")
            }
            do {
                let inputShapes = node.inputs.map { self[$0].shape }
                let output = try node.operation.outputShape(for: inputShapes)
                guard node.shape == output else {
                    throw BackendError("expected an output of shape \(output), found \(node.shape)")
                }
                let expected = node.operation.parameterShapes(for: inputShapes)
                let found = node.parameters.map { self[$0].shape }
                guard found == expected else {
                    throw BackendError("expected parameters of shapes \(expected), found \(found)")
                }
            } catch let error as BackendError {
                throw refuse(error.description)
            }
        }
        guard Set(inputs).count == inputs.count else { throw BackendError("an input of the graph is listed twice") }
        for input in inputs {
            guard nodes.indices.contains(input.index), self[input].operation.isInput else {
                throw BackendError("input \(input.index) of the graph is not a node whose operation is input")
            }
        }
        for (index, node) in nodes.enumerated() where node.operation.isInput && !inputs.contains(NodeID(index)) {
            throw BackendError("node \(index) '\(node.name)' is an input that the graph does not list")
        }
    }
}
