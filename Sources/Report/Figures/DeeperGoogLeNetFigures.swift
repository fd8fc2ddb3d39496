import NeuralNetwork
import Plotting
import PyImageSearch

extension Figure {
    static let deeperGoogLeNetFigures: [Figure] = [
        Figure(
            name: "11.9",
            caption: """
                DeeperGoogLeNet for images of 64x64, in the form of table 1 of Szegedy et al. (2015). "#3x3 reduce" and \
                "#5x5 reduce" are the 1x1 filters before the 3x3 and the 5x5 convolutions, "pool proj" those after the \
                pooling.
                """
        ) { _ in try architectureTable(of: Networks.deeperGoogLeNet.build()) },
        Figure(
            name: "11.10",
            caption: """
                A conv_module of DeeperGoogLeNet. Its layers have names, so that they can be found in the graph, in \
                the summary and in the model file.
                """
        ) { _ in
            try plotModel(
                Networks.deeperGoogLeNet.build(), showLayerNames: true, from: "block1_conv", to: "block1_act")
        },
        Figure(
            name: "11.11",
            caption: """
                The Inception module 3a of DeeperGoogLeNet, layer by layer, from the pooling before it. The names show \
                the branches: first (1x1), second (1x1, then 3x3), third (1x1, then 5x5), fourth (pooling, then 1x1).
                """
        ) { _ in
            try plotModel(
                Networks.deeperGoogLeNet.build(), showShapes: true, showLayerNames: true, from: "pool2", to: "3a_mixed")
        },
        Figure(
            name: "deepergooglenet",
            caption: """
                DeeperGoogLeNet layer by layer, from the images to the probabilities of the 200 classes, with a frame \
                around each Inception module. Enlarge it to look around.
                """
        ) { _ in
            try plotModel(Networks.deeperGoogLeNet.build(), showShapes: true, showLayerNames: true, showModules: true)
        },
    ]
}
