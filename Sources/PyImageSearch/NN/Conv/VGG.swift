import ComputeGraph
import NeuralNetwork

/// Table 1 of Simonyan and Zisserman ("Very deep convolutional networks for large-scale image recognition", 2015), whose
/// columns differ only in the number of convolutions in a block.
struct VGG {
    /// In each of the five blocks.
    var convolutions: [Int]
    /// Of the model.
    var name: String

    private let conv = ConvUnit(order: .conv, suffixes: .paper)

    init(convolutions: [Int], name: String) { (self.convolutions, self.name) = (convolutions, name) }

    func build(
        width: Int, height: Int, depth: Int, classes: Int, includeTop: Bool, pooling: GlobalPooling?
    ) -> Model {
        let inputs = Input(shape: [height, width, depth])
        var x = block(inputs, "block1", 64, convolutions[0])  // 112x112x64
        x = block(x, "block2", 128, convolutions[1])  // 56x56x128
        x = block(x, "block3", 256, convolutions[2])  // 28x28x256
        x = block(x, "block4", 512, convolutions[3])  // 14x14x512
        x = block(x, "block5", 512, convolutions[4])  // 7x7x512

        if includeTop { x = top(x, classes: classes) } else if let pooling { x = pooling(x) }
        return Model(inputs: inputs, outputs: x, name: name)
    }

    /// 3x3 convolutions of so many filters, then a max pooling that halves height and width.
    private func block(_ x: KerasTensor, _ name: String, _ filters: Int, _ convolutions: Int) -> KerasTensor {
        let x = (1...convolutions).reduce(x) { x, number in conv(x, filters, (3, 3), name: "\(name)_conv\(number)") }
        return MaxPooling2D((2, 2), strides: (2, 2), name: "\(name)_pool")(x)
    }

    /// The dense layers that all columns end in: the probabilities, `[classes]`.
    private func top(_ x: KerasTensor, classes: Int) -> KerasTensor {
        var x = Flatten(name: "flatten")(x)  // 25088
        x = module("fc1", .dense) { Dense(4096, activation: .relu, name: "fc1")(x) }
        x = module("fc2", .dense) { Dense(4096, activation: .relu, name: "fc2")(x) }
        return module("predictions", .dense) { Dense(classes, activation: .softmax, name: "predictions")(x) }
    }
}
