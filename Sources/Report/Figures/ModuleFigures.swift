import NeuralNetwork
import Plotting
import PyImageSearch

extension Figure {
    /// The modules of the GoogLeNet family, and the network made of the smallest ones.
    static let moduleFigures: [Figure] = [
        Figure(
            name: "11.1",
            caption: """
                The Inception module of GoogLeNet (Szegedy et al., 2015), with the numbers of module 3a. Four branches \
                look at the same input: 1x1 convolutions; 1x1 convolutions that reduce the channels before the costly \
                3x3; the same before 5x5; and max pooling, followed by a projection to fewer channels. Every branch \
                keeps height and width, so the outputs can be concatenated along the channels.
                """
        ) { _ in
            try moduleDiagram(of: NetworkOutline(Networks.deeperGoogLeNet.build()).module(.inception, named: "3a"))
        },
        Figure(
            name: "11.2",
            caption: """
                MiniGoogLeNet (after Zhang et al., 2017, figure 3). Above: the layers of a convolution module, an \
                Inception module and a downsample module, each the first of its kind in the network; every convolution \
                is followed by batch normalization and ReLU. Below: the network, row by row, as a chain of such \
                modules, with the filters of their branches and the size of their outputs (height, width, channels). A \
                row ends with the module that halves the image; its name has the number of the next stage.
                """
        ) { _ in
            let outline = NetworkOutline(Networks.miniGoogLeNet.build())
            let modules = [
                try moduleDiagram(of: outline.module(.convolution), title: "convolution module"),
                try moduleDiagram(of: outline.module(.inception), title: "inception module"),
                try moduleDiagram(of: outline.module(.downsample), title: "downsample module"),
            ]
            let stages = outline.parts.split(after: { $0.module?.kind == .downsample })
            let chains = try stages.enumerated().map { index, stage in
                [try networkDiagram(of: stage, title: "MiniGoogLeNet, stage \(index + 1) of \(stages.count)")]
            }
            var sheet = Panels([modules] + chains)
            sheet.hasLetters = false
            return sheet
        },
        Figure(
            name: "11.3",
            caption: """
                The conv_module of MiniGoogLeNet: convolution, batch normalization, ReLU. This is the first one, whose \
                input is the images.
                """
        ) { _ in
            try plotModel(
                Networks.miniGoogLeNet.build(), showShapes: true, showSettings: true, from: "input_layer",
                to: "activation")
        },
        Figure(
            name: "11.4",
            caption: """
                The inception_module of MiniGoogLeNet: a 1x1 and a 3x3 conv_module of the same input, concatenated \
                along the channels. This is the first one: 32 + 32 = 64 channels.
                """
        ) { _ in
            try plotModel(
                Networks.miniGoogLeNet.build(), showShapes: true, showSettings: true, from: "activation",
                to: "concatenate")
        },
        Figure(
            name: "11.5",
            caption: """
                The downsample_module of MiniGoogLeNet halves height and width in two ways at once, by a 3x3 \
                conv_module with strides of 2 and by max pooling, and concatenates both results. This is the first \
                one: 80 filters beside the 80 channels of its input.
                """
        ) { _ in
            try plotModel(
                Networks.miniGoogLeNet.build(), showShapes: true, showSettings: true, from: "concatenate_1",
                to: "concatenate_2")
        },
    ]
}

extension Array {
    /// Slices that each end with an element that `isLast`, except the final one.
    fileprivate func split(after isLast: (Element) -> Bool) -> [ArraySlice<Element>] {
        let ends = indices.filter { isLast(self[$0]) && $0 != endIndex - 1 }.map { $0 + 1 }
        return zip([startIndex] + ends, ends + [endIndex]).map { self[$0..<$1] }
    }
}
