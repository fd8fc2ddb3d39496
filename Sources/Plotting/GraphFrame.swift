extension GraphDiagram {
    /// A frame around nodes that belong together. Frames may be in frames.
    public struct Frame: Sendable {
        /// The text in the upper left corner; none if empty.
        public var label: String
        /// The indices, from 0, of the nodes that are in no inner frame. A node is in one frame at most.
        public var nodes: [Int]
        /// The frames in it.
        public var frames: [Frame]

        /// Creates a frame.
        public init(_ label: String, nodes: [Int], frames: [Frame] = []) {
            self.label = label
            self.nodes = nodes
            self.frames = frames
        }

        /// The distance between a frame and what is in it. Above it there is room for the label.
        static let margin = 7.0
        private static let labelSize = 12.0

        /// The indices of all nodes in it, those of inner frames last.
        public var allNodes: [Int] { nodes + frames.flatMap(\.allNodes) }

        /// The frame, then those in it, around boxes in their places. A frame around nothing has no place.
        func placed(around boxes: [Rectangle]) -> [(label: String, place: Rectangle)] {
            let inner = frames.map { $0.placed(around: boxes) }
            let contents = nodes.map { boxes[$0] } + inner.compactMap(\.first?.place)
            guard let first = contents.first else { return [] }
            var place = contents.dropFirst().reduce(first) { $0.union($1) }.grown(by: Self.margin)
            place.top -= Self.labelSize - Self.margin + 3
            place.height += Self.labelSize - Self.margin + 3
            return [(label, place)] + inner.joined()
        }

        static func draw(_ label: String, in place: Rectangle, on canvas: Canvas) {
            canvas.fill(place, with: ChartStyle.panel, opacity: 0.5)
            canvas.outline(place, with: ChartStyle.axis, lineWidth: 1)
            let text = FittedText(
                label, size: labelSize, smallest: 9, width: place.width - 2 * margin, measure: canvas.width)
            canvas.draw(
                text.text, at: Point(x: place.left + margin / 2, y: place.top + labelSize), size: text.size,
                color: ChartStyle.axis)
        }
    }
}

extension [GraphDiagram.Frame] {
    /// Whether no frame has a foreign box in it, and no two frames overlap unless one is in the other.
    func areClear(around boxes: [Rectangle]) -> Bool {
        var before: [Rectangle] = []
        for frame in self {
            guard let place = frame.placed(around: boxes).first?.place else { continue }
            let own = Set(frame.allNodes)
            guard !before.contains(where: place.overlaps), frame.frames.areClear(around: boxes),
                boxes.indices.allSatisfy({ own.contains($0) || !place.overlaps(boxes[$0]) })
            else { return false }
            before.append(place)
        }
        return true
    }
}
