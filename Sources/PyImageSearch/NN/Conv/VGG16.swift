import NeuralNetwork

/// VGG16, the network with 16 layers of Simonyan and Zisserman ("Very deep convolutional networks for large-scale image
/// recognition", 2015, table 1, column D), with the layers and names of `keras.applications.VGG16`.
///
/// Departure from the paper, as in Keras: training drops nothing between the dense layers. For 224x224x3 and 1000
/// classes it has 138,357,544 parameters, without its top 14,714,688.
///
/// ``ImageNetPreprocessor`` makes its inputs, and ``PublishedWeights`` has the weights that its authors published.
public enum VGG16 {
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
        VGG(convolutions: [2, 2, 3, 3, 3], name: "vgg16").build(
            width: width, height: height, depth: depth, classes: classes, includeTop: includeTop, pooling: pooling)
    }
}
