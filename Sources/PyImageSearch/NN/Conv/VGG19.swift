import ComputeGraph
import NeuralNetwork

/// VGG19, the network with 19 layers of Simonyan and Zisserman ("Very deep convolutional networks for large-scale image
/// recognition", 2015, table 1, column E), with the layers and names of `keras.applications.VGG19`.
///
/// Departure from the paper, as in Keras: training drops nothing between the dense layers. For 224x224x3 and 1000
/// classes it has 143,667,240 parameters, without its top 20,024,384.
///
/// ``ImageNetPreprocessor`` makes its inputs, and ``PublishedWeights`` has the weights that its authors published.
public enum VGG19 {
    /// Builds the network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// Without the top the output is `[height / 32, width / 32, 512]`, or `[512]` with a pooling. The program ends with
    /// one line if the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 224 in the paper; at least 32.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images, 3 for published weights.
    ///   - classes: number of outputs, 1000 for published weights. Without the top it has no effect.
    ///   - includeTop: whether the three dense layers are part of the network.
    ///   - pooling: without the top, what follows the last max pooling.
    public static func build(
        width: Int = 224, height: Int = 224, depth: Int = 3, classes: Int = 1000, includeTop: Bool = true,
        pooling: GlobalPooling? = nil
    ) -> Model {
        let conv = ConvUnit(order: .conv, suffixes: .paper)
        let inputs = Input(shape: [height, width, depth])
        var x = conv(inputs, 64, (3, 3), name: "block1_conv1")  // 224x224x64
        x = conv(x, 64, (3, 3), name: "block1_conv2")  // 224x224x64
        x = MaxPooling2D((2, 2), strides: (2, 2), name: "block1_pool")(x)  // 112x112x64

        x = conv(x, 128, (3, 3), name: "block2_conv1")  // 112x112x128
        x = conv(x, 128, (3, 3), name: "block2_conv2")  // 112x112x128
        x = MaxPooling2D((2, 2), strides: (2, 2), name: "block2_pool")(x)  // 56x56x128

        x = conv(x, 256, (3, 3), name: "block3_conv1")  // 56x56x256
        x = conv(x, 256, (3, 3), name: "block3_conv2")  // 56x56x256
        x = conv(x, 256, (3, 3), name: "block3_conv3")  // 56x56x256
        x = conv(x, 256, (3, 3), name: "block3_conv4")  // 56x56x256
        x = MaxPooling2D((2, 2), strides: (2, 2), name: "block3_pool")(x)  // 28x28x256

        x = conv(x, 512, (3, 3), name: "block4_conv1")  // 28x28x512
        x = conv(x, 512, (3, 3), name: "block4_conv2")  // 28x28x512
        x = conv(x, 512, (3, 3), name: "block4_conv3")  // 28x28x512
        x = conv(x, 512, (3, 3), name: "block4_conv4")  // 28x28x512
        x = MaxPooling2D((2, 2), strides: (2, 2), name: "block4_pool")(x)  // 14x14x512

        x = conv(x, 512, (3, 3), name: "block5_conv1")  // 14x14x512
        x = conv(x, 512, (3, 3), name: "block5_conv2")  // 14x14x512
        x = conv(x, 512, (3, 3), name: "block5_conv3")  // 14x14x512
        x = conv(x, 512, (3, 3), name: "block5_conv4")  // 14x14x512
        x = MaxPooling2D((2, 2), strides: (2, 2), name: "block5_pool")(x)  // 7x7x512

        if includeTop { x = VGGTop(classes: classes)(x) } else if let pooling { x = pooling(x) }
        return Model(inputs: inputs, outputs: x, name: "vgg19")
    }
}
