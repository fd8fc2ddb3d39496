import Foundation
import HDF5
import NeuralNetwork
import Plotting
import PyImageSearch

extension Figure {
    /// Networks that were trained before: VGG16 as a source of features, and its new head, from chapters 3 and 5 of the
    /// book.
    static let transferFigures: [Figure] = [
        Figure(
            name: "3.1",
            caption: """
                VGG16 (Simonyan and Zisserman, 2015), whole on the left, and without its dense layers on the right. \
                The body ends with 7x7x512 numbers for each image: 25,088 features. The three dense layers hold \
                almost nine tenths of the parameters, and know only ImageNet's classes; the features serve other classes too.
                """
        ) { _ in
            try columns([
                ("VGG16", VGG16.build(), .parameters), ("without its top", VGG16.build(includeTop: false), .parameters),
            ])
        },
        Figure(
            name: "3.2",
            caption: """
                A file of features, as `Chapter03ExtractFeatures` writes it for n images in three classes: three data sets, \
                each with its type and shape. Row i of `features` belongs to the image whose class is row i of `labels`. \
                The label is the class's place in `label_names`. The features themselves are not shown.
                """
        ) { _ in try featuresFile() },
        Figure(
            name: "5.1",
            caption: """
                Network surgery. (a) VGG16 as it was trained on ImageNet. (b) Its body, without the dense layers. (c) \
                The body with a new head, `FCHeadNet`, for the 17 classes of Flowers-17. The body keeps the weights \
                that it has learned; the head begins with random ones.
                """
        ) { _ in
            var sheet = try columns([
                ("VGG16", VGG16.build(), .parameters), ("body", VGG16.build(includeTop: false), .parameters),
                ("body and new head", fineTuning().model, .parameters),
            ])
            sheet.hasLetters = true
            return sheet
        },
        Figure(
            name: "5.2",
            caption: """
                Fine-tuning in two stages. (a) The body is frozen, and only the new head trains, until its gradients \
                are no longer random. (b) The last block of the body, from place 15 in `model.layers` on, \
                trains together with the head, with a small learning rate. Each box states how many of its parameters \
                train; a gray box has none that do.
                """
        ) { _ in
            let warmUp = fineTuning(), second = fineTuning()
            warmUp.body.setTrainable(false)
            for layer in second.body.layers.prefix(15) { layer.setTrainable(false) }
            var sheet = try columns([
                ("warm-up", warmUp.model, .training), ("fine-tuning", second.model, .training),
            ])
            sheet.hasLetters = true
            return sheet
        },
    ]

    /// The network of chapter 5, and its body, which shares its layers with it.
    private static func fineTuning() -> (body: Model, model: Model) {
        let body = VGG16.build(includeTop: false)
        let head = FCHeadNet.build(body, classes: 17, units: 256)
        return (body, Model(inputs: body.inputs, outputs: [head]))
    }

    /// Networks side by side, with the number of their parameters, and of those that train, in the title.
    private static func columns(_ networks: [(name: String, model: Model, content: NetworkColumn.Content)]) throws
        -> Panels
    {
        let diagrams = try networks.map { name, model, content in
            let all = Model.grouped(model.parameterCount)
            let count =
                content == .training
                ? "\(Model.grouped(model.trainableParameterCount)) of \(all) train" : "\(all) parameters"
            return try NetworkColumn(model).diagram(title: "\(name): \(count)", showing: content)
        }
        var sheet = Panels([diagrams])
        (sheet.hasLetters, sheet.alignsTops) = (false, true)
        return sheet
    }

    // MARK: - The features file

    /// Writes a small file of features, and draws what a reader finds in it.
    private static func featuresFile() throws -> GraphDiagram {
        let labels = [1, 0, 2], classes = ["cats", "dogs", "panda"]
        let width = VGG16.build(includeTop: false).outputs[0].shape.count
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).hdf5").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = try HDF5DatasetWriter(
            dims: [labels.count, width], outputPath: path, dataKey: "features", elementType: .float32)
        try writer.add(floats: [Float](repeating: 0, count: labels.count * width), labels: labels)
        try writer.storeClassLabels(classes)
        try writer.close()

        let file = try HDF5File(reading: path)
        defer { try? file.close() }
        func dataset(_ name: String, _ type: String, _ size: String, _ rows: [String]) throws -> GraphDiagram.Node {
            let shape = [size] + (try file.root.dataset(name)).shape.dropFirst().map(String.init)
            return GraphDiagram.Node(
                lines: [name, "\(type) [\(shape.joined(separator: ", "))]"],
                rows: rows.enumerated().map { .init("\($0)", $1) }, color: Palette.blue)
        }
        let found = try file.root.dataset("labels").read(as: Int.self).map { "\($0)" }
        let names = try file.root.dataset("label_names").readStrings()
        let features = found.indices.map { "\(Model.grouped(width)) features of image \($0)" }
        let more = [GraphDiagram.Node.Row("...", "...")]
        var nodes = try [
            dataset("features", "\(ElementType.float32)", "n", features),
            dataset("labels", "\(ElementType.int64)", "n", found),
            dataset("label_names", "strings", "\(names.count)", names),
        ]
        for index in 0..<2 { nodes[index].rows += more }
        return try GraphDiagram(
            nodes: nodes, edges: [.init(from: 0, to: 1), .init(from: 1, to: 2)], title: "A file of features",
            direction: .leftToRight)
    }
}
