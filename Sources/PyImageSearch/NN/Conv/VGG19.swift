import NeuralNetwork

/// VGG19, the network with 19 layers of Simonyan and Zisserman ("Very deep convolutional networks for large-scale image
/// recognition", 2015, table 1, column E), with the layers and names of `keras.applications.VGG19`.
///
/// Departure from the paper, as in Keras: training drops nothing between the dense layers. For 224x224x3 and 1000
/// classes it has 143,667,240 parameters, without its top 20,024,384.
///
/// ``ImageNetPreprocessor`` makes its inputs, and ``PublishedWeights`` has the weights that its authors published.
public enum VGG19 {
    /// Builds the network: the parameters and the outputs are those of
    /// ``VGG16/build(width:height:depth:classes:includeTop:pooling:)``.
    public static func build(
        width: Int = 224, height: Int = 224, depth: Int = 3, classes: Int = 1000, includeTop: Bool = true,
        pooling: GlobalPooling? = nil
    ) -> Model {
        VGG(convolutions: [2, 2, 4, 4, 4], name: "vgg19").build(
            width: width, height: height, depth: depth, classes: classes, includeTop: includeTop, pooling: pooling)
    }
}
