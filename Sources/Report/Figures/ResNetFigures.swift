import NeuralNetwork
import Plotting
import PyImageSearch

extension Figure {
    /// The modules of ResNet.
    static let resNetFigures: [Figure] = [
        Figure(
            name: "12.1",
            caption: """
                Two residual modules (after He et al., 2015, figure 5). Left: two 3x3 convolutions of 64 channels. \
                Right: a bottleneck of 256 channels, which looks at neighborhoods with a quarter of the channels and \
                has about as many weights. Both add their input. A box of convolutions includes the normalization and \
                the ReLU before it; those before the first are drawn by themselves. (This is the order of 2016, with \
                activation first, which is explained below; in the paper of 2015 a ReLU follows the addition.)
                """
        ) { _ in
            let basic = try residualModule(.basic, channels: 64)
            let bottleneck = try residualModule(.bottleneck, channels: 256)
            var sheet = Panels([
                [
                    try moduleDiagram(of: basic, title: "residual module"),
                    try moduleDiagram(of: bottleneck, title: "bottleneck"),
                ]
            ])
            sheet.hasLetters = false
            return sheet
        },
        Figure(
            name: "12.2",
            caption: """
                Two bottlenecks in a row, in the first stage of the ResNet for Tiny ImageNet: 32, 32 and 128 filters. \
                The line from addition to addition passes no layer.
                """
        ) { _ in
            let outline = NetworkOutline(Networks.resNetTinyImageNet.build())
            return try stacked(["1.2", "1.3"].map { try moduleDiagram(of: outline.module(.residual, named: $0)) })
        },
        Figure(
            name: "12.3",
            caption: """
                The residual module of He et al. (2015), left, and with pre-activation (2016), right. On the left a \
                ReLU follows the addition and stops gradients. On the right normalization and ReLU come before each \
                convolution, and the addition is the last layer.
                """
        ) { _ in
            let network = ResNet.build(
                width: 32, height: 32, depth: 3, classes: 10, stages: [2], filters: [64, 64], modules: .basic)
            var sheet = Panels([
                [
                    try withPreviousLayer(plotModel(originalModule(), showSettings: true), title: "original"),
                    try withPreviousLayer(
                        plotModel(network, showSettings: true, from: "add", to: "add_1"), title: "pre-activation"),
                ]
            ])
            sheet.hasLetters = false
            return sheet
        },
    ]

    /// The second module of a stage, whose shortcut is the identity.
    private static func residualModule(_ modules: ResNet.Modules, channels: Int) throws -> NetworkOutline.Part {
        let network = ResNet.build(
            width: 32, height: 32, depth: 3, classes: 10, stages: [2], filters: [64, channels], modules: modules)
        return try NetworkOutline(network).module(.residual, named: "1.2")
    }

    /// Diagrams of modules one after the other. The first node of each stands for the last of the one before.
    private static func stacked(_ diagrams: [GraphDiagram]) throws -> GraphDiagram {
        var nodes = diagrams.first?.nodes.prefix(1).map { $0 } ?? []
        var edges: [GraphDiagram.Edge] = []
        for diagram in diagrams {
            let shift = nodes.count - 1
            nodes += diagram.nodes.dropFirst()
            edges += diagram.edges.map { .init(from: $0.from + shift, to: $0.to + shift) }
        }
        return try GraphDiagram(nodes: nodes, edges: edges)
    }

    /// A diagram whose first node stands for whatever is in front of a module.
    private static func withPreviousLayer(_ diagram: GraphDiagram, title: String) throws -> GraphDiagram {
        let nodes = [.init(lines: ["previous layer"])] + diagram.nodes.dropFirst()
        return try GraphDiagram(nodes: nodes, edges: diagram.edges, title: title)
    }

    /// The module of He et al. (2015), which no network of the package has.
    private static func originalModule() -> Model {
        let inputs = Input(shape: [32, 32, 64])
        func convBN(_ x: KerasTensor) -> KerasTensor {
            BatchNormalization()(Conv2D(64, kernelSize: (3, 3), padding: .same, useBias: false)(x))
        }
        let outputs = Activation(.relu)(Add()([convBN(Activation(.relu)(convBN(inputs))), inputs]))
        return Model(inputs: inputs, outputs: outputs)
    }
}
