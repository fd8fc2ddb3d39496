import ComputeGraph
import Tensors

/// A layer's operations for inputs of certain shapes, and the shapes that follow.
struct PlacedOperations {
    let operations: [Operation]
    let outputShape: Shape
    /// The shapes of all weights, in their order.
    let weightShapes: [Shape]
}

extension Layer {
    /// - Throws: ``LayerError`` if inputs of these shapes do not fit, a setting is out of its range, or the output or a
    ///   weight would be too large.
    func placed(on inputs: [Shape]) throws -> PlacedOperations {
        let operations: [Operation]
        var shapes = inputs, weightShapes: [Shape] = []
        do {
            operations = try self.operations(for: inputs)
            for operation in operations {
                let output = try operation.outputShape(for: shapes)
                weightShapes += operation.parameterShapes(for: shapes)
                shapes = [output]
            }
        } catch let error as BackendError {
            throw LayerError("\(label): \(error)")
        }
        guard let shape = shapes.first, !operations.isEmpty else { throw LayerError("\(label) has no operations") }
        guard shape.rank > 0, shape.dimensions.allSatisfy({ $0 > 0 }) else {
            throw LayerError("\(label): its output would have the shape \(shape)")
        }
        // A file may ask for any size; the code after this multiplies and allocates.
        if let large = ([shape] + weightShapes).first(where: { !$0.isCountable }) {
            throw LayerError(
                "\(label) is too large: its output or a weight has the shape \(large), more than "
                    + "\(Shape.largestCount) elements")
        }
        guard weightShapes.count == weights.count else {
            throw LayerError(
                "\(label) describes \(weights.count) weights, but its operations need \(weightShapes.count)")
        }
        for weight in weights { try weight.regularizer?.check("\(label), \(weight.name)") }
        try activityRegularizer?.check(label)
        return PlacedOperations(operations: operations, outputShape: shape, weightShapes: weightShapes)
    }
}
