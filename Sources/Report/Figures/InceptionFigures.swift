import NeuralNetwork
import Plotting
import PyImageSearch

extension Figure {
    /// A module of each kind that the Inception papers have.
    static let inceptionFigures: [Figure] = [
        Figure(
            name: "inception-v1",
            caption: """
                Module 4e of GoogLeNet, Inception v1 (Szegedy et al., 2014), on 14x14 positions. The 1x1 convolutions in \
                front of the 3x3 and the 5x5 reduce the channels, and the one behind the pooling does the same for what \
                was pooled. Each is followed by a ReLU.
                """
        ) { _ in
            try sheet(
                [["4e"]],
                of: InceptionV1.build(width: 224, height: 224, depth: 3, classes: 1000, auxiliaryHeads: false))
        },
        Figure(
            name: "inception-v2",
            caption: """
                Two modules of BN-Inception, Inception v2 (Ioffe and Szegedy, 2015). Above: module 4c. Two 3x3 \
                replace the 5x5, and average pooling replaces max pooling. Below: 4e, which halves the image; it has \
                no branch of 1x1 alone, and what was pooled passes through. Each convolution is followed by batch \
                normalization and a ReLU.
                """
        ) { _ in try sheet([["4c"], ["4e"]], of: Networks.inceptionV2.build()) },
        Figure(
            name: "inception-v3",
            caption: """
                The modules of Inception v3 (Szegedy et al., 2015) for three sizes of the image. Above: 35x35 positions, \
                two 3x3 in a row; the 5x5 beside them remained in the authors' code. Middle: 17x17, where 1x7 and 7x1 in \
                turn see seven rows and columns. Below: 8x8, where branches end in a 1x3 and a 3x1 side by side and have \
                many channels.
                """
        ) { _ in try sheet([["mixed0"], ["mixed4"], ["mixed9"]], of: Networks.inceptionV3.build(training: false)) },
        Figure(
            name: "inception-v3-reduction",
            caption: """
                How Inception v3 shrinks the image: from 35x35 to 17x17 above, from 17x17 to 8x8 below. The last layer of \
                each branch has strides of 2. Convolutions and pooling stand side by side, so that the channels grow \
                while the image shrinks.
                """
        ) { _ in try sheet([["mixed3"], ["mixed8"]], of: Networks.inceptionV3.build(training: false)) },
        Figure(
            name: "inception-v4-stem",
            caption: """
                The stem of Inception v4 (Szegedy et al., 2016), which turns 299x299 pixels into 35x35 positions of 384 \
                channels. It has branches too: pooling beside a convolution where the image shrinks, and 1x7 and 7x1.
                """
        ) { _ in try sheet([["stem"]], of: Networks.inceptionV4.build()) },
        Figure(
            name: "inception-v4",
            caption: """
                The modules A, B and C of Inception v4, for 35x35, 17x17 and 8x8 positions. They have the plan of those of \
                v3 and more filters. In A no 5x5 is left; in C the longest branch has a 3x1 and a 1x3 in place of a 3x3.
                """
        ) { _ in try sheet([["a1"], ["b1"], ["c1"]], of: Networks.inceptionV4.build()) },
        Figure(
            name: "inception-v4-reduction",
            caption: """
                The two reductions of Inception v4: from 35x35 to 17x17 above, which the three networks of the paper share \
                with other numbers of filters, and from 17x17 to 8x8 below, with a 1x7 and a 7x1 in front of the last 3x3.
                """
        ) { _ in try sheet([["reduction_a"], ["reduction_b"]], of: Networks.inceptionV4.build()) },
        Figure(
            name: "inception-resnet",
            caption: """
                The residual modules A (block35), B (block17) and C (block8) of Inception-ResNet-v2, as its authors \
                published it. The branches are \
                narrow. A 1x1 convolution with neither normalization nor ReLU gives their concatenation the channels of \
                the module's input, and the sum of both passes a ReLU. What is added is multiplied by a small scale.
                """
        ) { _ in
            try sheet([["block35_1"], ["block17_1", "block8_1"]], of: Networks.inceptionResNetV2.build())
        },
        Figure(
            name: "inception-resnet-reduction",
            caption: """
                The reductions of Inception-ResNet-v2. They have no shortcut, because the input has another size. Above, \
                from 35x35 to 17x17, is that of v4 with other numbers of filters. Below, from 17x17 to 8x8, three branches \
                of convolutions reduce the channels before they halve the image.
                """
        ) { _ in try sheet([["mixed_6a"], ["mixed_7a"]], of: Networks.inceptionResNetV2.build()) },
    ]

    /// Modules of a network by their names, in rows, each with its name and the size of its image.
    private static func sheet(_ names: [[String]], of network: Model) throws -> Panels {
        let parts = NetworkOutline(network).parts
        var sheet = Panels(
            try names.map { row in
                try row.map { name in
                    guard let part = parts.first(where: { $0.module?.name == name }) else {
                        throw ReportError("\(network.name) has no module \(name)")
                    }
                    return try moduleDiagram(of: part, title: "\(name), output \(part.outputShape.inWords)")
                }
            })
        sheet.hasLetters = false
        return sheet
    }
}
