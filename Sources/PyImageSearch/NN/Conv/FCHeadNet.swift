import NeuralNetwork

/// The head of dense layers that chapter 5 of the book puts on a body whose weights are there already.
///
/// ```swift
/// let baseModel = VGG16.build(includeTop: false)
/// let headModel = FCHeadNet.build(baseModel, classes: 17, units: 256)
/// let model = Model(inputs: baseModel.inputs, outputs: [headModel])
/// ```
///
/// On ``VGG16`` for 224x224x3, with 256 units and 17 classes, the head has 6,427,153 parameters.
public enum FCHeadNet {
    /// Flattens what the body computes, and adds a dense layer with ReLU, a dropout of 0.5, and a dense layer with a
    /// softmax.
    ///
    /// The program ends with one line if a number is not positive.
    ///
    /// - Parameters:
    ///   - baseModel: the body; its first output is the head's input, of any shape.
    ///   - classes: number of outputs.
    ///   - units: of the first dense layer; the book's `D`.
    /// - Returns: the probabilities, `[classes]`.
    public static func build(_ baseModel: Model, classes: Int, units: Int) -> KerasTensor {
        var x = Flatten(name: "flatten")(baseModel.outputs[0])
        x = module("hidden", .dense) { Dense(units, activation: .relu)(x) }
        x = Dropout(0.5)(x)
        return module("classifier", .dense) { Dense(classes, activation: .softmax)(x) }
    }
}
