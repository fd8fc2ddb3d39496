import NeuralNetwork

/// The inception module of Szegedy et al. (2015), figure 2(b): four branches of the same input, concatenated.
///
/// They are 1x1; 1x1 then 3x3; 1x1 then 5x5; max pooling then 1x1. All of them keep the image's size.
struct InceptionModule {
    /// The names of a module's layers: the prefix, the module's name, and what follows it.
    struct LayerNames {
        var prefix = ""
        var conv1x1: String
        var reduce3x3: String
        var conv3x3: String
        var reduce5x5: String
        var conv5x5: String
        var pool: String
        var projection: String
        var concatenation: String
    }

    /// The unit that the branches consist of.
    var conv: ConvUnit
    var layerNames: LayerNames

    /// Applies a new module. The numbers of filters are a row of the paper's table 1.
    ///
    /// - Parameters:
    ///   - name: of the module: `3a`.
    ///   - conv1x1: filters of the first branch.
    ///   - conv3x3: filters of the second branch: of its 1x1 convolution, then of its 3x3 convolution.
    ///   - conv5x5: filters of the third branch: of its 1x1 convolution, then of its 5x5 convolution.
    ///   - projection: filters of the 1x1 convolution after the pooling.
    func callAsFunction(
        _ x: KerasTensor, _ name: String, _ conv1x1: Int, _ conv3x3: (reduce: Int, filters: Int),
        _ conv5x5: (reduce: Int, filters: Int), _ projection: Int
    ) -> KerasTensor {
        module(name, .inception) {
            let stage = layerNames.prefix + name
            let first = conv(x, conv1x1, (1, 1), name: stage + layerNames.conv1x1)

            var second = conv(x, conv3x3.reduce, (1, 1), name: stage + layerNames.reduce3x3)
            second = conv(second, conv3x3.filters, (3, 3), name: stage + layerNames.conv3x3)

            var third = conv(x, conv5x5.reduce, (1, 1), name: stage + layerNames.reduce5x5)
            third = conv(third, conv5x5.filters, (5, 5), name: stage + layerNames.conv5x5)

            var fourth = MaxPooling2D((3, 3), strides: (1, 1), padding: .same, name: stage + layerNames.pool)(x)
            fourth = conv(fourth, projection, (1, 1), name: stage + layerNames.projection)

            return Concatenate(name: stage + layerNames.concatenation)([first, second, third, fourth])
        }
    }
}

extension InceptionModule.LayerNames {
    /// The book's.
    static let book = Self(
        conv1x1: "_first", reduce3x3: "_second1", conv3x3: "_second2", reduce5x5: "_third1", conv5x5: "_third2",
        pool: "_pool", projection: "_fourth", concatenation: "_mixed")
    /// After the headings of the paper's table.
    static let paper = Self(
        prefix: "inception_", conv1x1: "_1x1", reduce3x3: "_3x3_reduce", conv3x3: "_3x3", reduce5x5: "_5x5_reduce",
        conv5x5: "_5x5", pool: "_pool", projection: "_pool_projection", concatenation: "")
}
