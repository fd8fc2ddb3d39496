import Plotting

extension Figure {
    /// Decisions before and after a training run, from chapter 8 of the book.
    static let pathwayFigures: [Figure] = [
        Figure(
            name: "8.2",
            caption: """
                Four sets of data. Sixty percent are for training, forty for testing. A small part of the former is \
                kept back as training-validation set: it has the training set's origin, but no gradient comes from it. \
                The latter is divided into validation and test set. Each set answers a question of its own.
                """
        ) { _ in try fourSets() },
        Figure(
            name: "8.3",
            caption: """
                Which error is too high, and what helps. Read from the top, and go on to the next question only \
                if the answer is no. A test error that alone is high means that the settings were tuned too \
                closely to the validation set. After each remedy, begin again.
                """
        ) { _ in try recipe() },
        Figure(
            name: "8.4",
            caption: """
                Which form of transfer learning to try first, from the size of your data and their similarity to the \
                data of the trained network, here ImageNet.
                """
        ) { _ in try decisions() },
    ]

    private static func fourSets() throws -> GraphDiagram {
        func set(_ name: String, _ rows: [(String, String)], _ color: Color) -> GraphDiagram.Node {
            .init(lines: [name], rows: rows.map { .init($0, $1) }, color: color)
        }
        let nodes = [
            set("all images", [("share", "100 %")], Color(hex: 0x888888)),
            set("for training", [("share", "60 %")], Palette.blue),
            set("for testing", [("share", "40 %")], Palette.vermilion),
            set(
                "training", [("size", "most of the 60 %"), ("question", "does it fit the data?")], Palette.blue),
            set(
                "training-validation",
                [("size", "a small part of the 60 %"), ("question", "does it generalize?")],
                Palette.skyBlue),
            set(
                "validation",
                [("size", "part of the 40 %"), ("question", "does it hold in real use?")], Palette.orange),
            set(
                "test",
                [("size", "the rest of the 40 %"), ("question", "did we tune too closely?")],
                Palette.vermilion),
        ]
        let edges = [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6)].map { GraphDiagram.Edge(from: $0, to: $1) }
        return try GraphDiagram(nodes: nodes, edges: edges, direction: .leftToRight)
    }

    private static func recipe() throws -> GraphDiagram {
        let questions: [(error: String, remedies: [String])] = [
            (
                "training",
                ["a larger or deeper network", "longer training", "a smaller learning rate", "another architecture"]
            ),
            (
                "training-validation",
                ["more training data", "dropout, augmentation, L2", "another architecture"]
            ),
            (
                "validation",
                ["training data as in real use", "more regularization", "another architecture"]
            ),
            ("test", ["more validation data"]),
        ]
        let colors = [Palette.blue, Palette.skyBlue, Palette.orange, Palette.vermilion]
        var nodes = zip(questions, colors).map { question, color in
            GraphDiagram.Node(
                lines: ["Is the \(question.error) error high?"],
                rows: question.remedies.enumerated().map { .init($0 == 0 ? "if so" : "or", $1) }, color: color)
        }
        nodes.append(.init(lines: ["done"], color: Palette.bluishGreen))
        // Each question leads to the next one, if the answer is no.
        let edges = nodes.indices.dropFirst().map { GraphDiagram.Edge(from: $0 - 1, to: $0) }
        return try GraphDiagram(nodes: nodes, edges: edges, title: "An arrow means: no")
    }

    private static func decisions() throws -> TablePicture {
        try TablePicture(
            headings: ["your data", "like ImageNet?", "first choice"],
            rows: [
                ["few images", "similar", "features of the last layers, and a linear classifier"],
                ["few images", "different", "features of an earlier layer, and a linear classifier"],
                ["many images", "similar", "fine-tuning"],
                ["many images", "different", "fine-tuning as a baseline, then training from scratch"],
            ], wordColumns: 3)
    }
}
