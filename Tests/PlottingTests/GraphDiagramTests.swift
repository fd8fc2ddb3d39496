import Foundation
import Testing
@testable import Plotting

/// A fork into `branches` chains that meet again. Each chain is one box longer than the one before.
private func fork(branches: Int, direction: GraphDiagram.Direction = .topToBottom) throws -> GraphDiagram {
    var nodes = [GraphDiagram.Node(lines: ["fork"]), GraphDiagram.Node(lines: ["a", "join"])]
    var edges: [GraphDiagram.Edge] = []
    for branch in 0..<branches {
        var last = 0
        for step in 0...branch {
            nodes.append(.init(lines: ["\(branch)", "step \(step)"], rows: [.init("input", "(None, \(step))")]))
            edges.append(.init(from: last, to: nodes.count - 1))
            last = nodes.count - 1
        }
        edges.append(.init(from: last, to: 1))
    }
    return try GraphDiagram(nodes: nodes, edges: edges, title: "A fork", direction: direction)
}

private func boxes(of diagram: GraphDiagram) -> [Rectangle] {
    diagram.layout.boxes.map { $0.moved(by: diagram.origin) }
}

private func overlap(_ one: Rectangle, _ other: Rectangle) -> Bool {
    one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom
}

/// Whether a point is within a point and a half of the border. `dot` rounds to whole points and leaves room for lines.
private func isOnBorder(_ point: Point, of box: Rectangle) -> Bool {
    box.grown(by: 1.5).contains(point) && !box.grown(by: -1.5).contains(point)
}

@Test(arguments: [GraphDiagram.Direction.topToBottom, .leftToRight])
func boxesAreApartAndArrowsEndAtThem(direction: GraphDiagram.Direction) throws {
    let diagram = try fork(branches: 4, direction: direction)
    let boxes = boxes(of: diagram)
    #expect(boxes.count == diagram.nodes.count)
    for (index, box) in boxes.enumerated() {
        #expect(box.left >= 0 && box.top >= 0 && box.right <= diagram.width && box.bottom <= diagram.height)
        #expect(!boxes[..<index].contains { overlap($0, box) })
    }
    #expect(diagram.layout.routes.count == diagram.edges.count)
    for (route, edge) in zip(diagram.layout.routes, diagram.edges) {
        let start = try #require(route.curves.first).moved(by: diagram.origin)
        #expect(isOnBorder(start, of: boxes[edge.from]))
        #expect(isOnBorder(route.tip.moved(by: diagram.origin), of: boxes[edge.to]))
        #expect(route.curves.count % 3 == 1)
    }
}

@Test func arrowsPointInTheGivenDirection() throws {
    let down = boxes(of: try fork(branches: 3)), right = boxes(of: try fork(branches: 3, direction: .leftToRight))
    #expect(down[0].bottom < down[1].top)
    #expect(right[0].right < right[1].left)
}

/// The first boxes of the branches are, from the left, in the order in which the branches are joined.
@Test func branchesKeepTheirOrder() throws {
    let diagram = try fork(branches: 4)
    let heads = diagram.nodes.indices.filter { diagram.nodes[$0].lines.last == "step 0" }
    let lefts = heads.map { diagram.layout.boxes[$0].left }
    #expect(lefts == lefts.sorted())
}

@Test func textIsInsideItsBox() throws {
    let long = String(repeating: "a very long name of a layer ", count: 40)
    let nodes = [
        GraphDiagram.Node(lines: [long, "x"], rows: [.init(long, long), .init("output", "(None, 7, 7, 3)")]),
        GraphDiagram.Node(lines: ["MaxPooling2D"], rows: [.init("input", "(None, 16, 16, 192)")]),
        GraphDiagram.Node(lines: []),
    ]
    let diagram = try GraphDiagram(nodes: nodes, edges: [])
    let overhang = try Canvas.measuring { canvas in
        zip(diagram.boxes, boxes(of: diagram)).flatMap { box, place in
            box.texts(in: place).map { placed in
                let width = canvas.width(of: placed.text.text, size: placed.text.size)
                let extents = canvas.lineExtents(size: placed.text.size)
                let left = placed.start.x - width * placed.alignment
                return max(
                    place.left - left, left + width - place.right, place.top - (placed.start.y - extents.ascent),
                    placed.start.y + extents.descent - place.bottom)
            }
        }
    }
    #expect(overhang.count == 9)
    #expect(overhang.allSatisfy { $0 <= 0 })
    #expect(diagram.width < 1000)
}

@Test func anyNameCanBeDrawn() throws {
    let names = ["\"quoted\"", "<b>html</b>", "back\\slash \\N\\l", "line\nbreak", "\0nul", "層 ∑ 🧠", "{a|b}", ""]
    let nodes = names.map { GraphDiagram.Node(lines: [$0], rows: [.init($0, $0)]) }
    let edges = names.indices.dropFirst().map { GraphDiagram.Edge(from: $0 - 1, to: $0) }
    let diagram = try GraphDiagram(nodes: nodes, edges: edges, title: names.joined())
    #expect(boxes(of: diagram).map(\.top) == boxes(of: diagram).map(\.top).sorted())
    try withTemporaryFolder { folder in
        try diagram.writePNG(to: folder + "/names.png")
        try diagram.writeSVG(to: folder + "/names.svg")
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/names.svg")).count > 1000)
    }
}

@Test func theSameGraphGivesTheSameBytes() throws {
    try withTemporaryFolder { folder in
        for name in ["one", "two"] { try fork(branches: 5).writeSVG(to: "\(folder)/\(name).svg") }
        let one = try Data(contentsOf: URL(fileURLWithPath: folder + "/one.svg"))
        #expect(try one == Data(contentsOf: URL(fileURLWithPath: folder + "/two.svg")))
    }
}

@Test func manyThreadsMayLayOutGraphs() async throws {
    let expected = try fork(branches: 4).layout
    try await withThrowingTaskGroup(of: GraphLayout.self) { group in
        for _ in 0..<16 { group.addTask { try fork(branches: 4).layout } }
        for try await layout in group { #expect(layout == expected) }
    }
}

@Test func loopsAndDoubleArrowsAreDrawn() throws {
    let nodes = [GraphDiagram.Node(lines: ["a"]), GraphDiagram.Node(lines: ["b"])]
    let edges = [(0, 1), (0, 1), (1, 0), (1, 1)].map { GraphDiagram.Edge(from: $0.0, to: $0.1) }
    let diagram = try GraphDiagram(nodes: nodes, edges: edges)
    #expect(diagram.layout.routes.allSatisfy { $0.curves.count >= 4 })
}

@Test func anEmptyGraphIsAnEmptySheet() throws {
    try withTemporaryFolder { folder in
        try GraphDiagram(nodes: [], edges: []).writePNG(to: folder + "/empty.png")
        #expect(try Bitmap(contentsOf: folder + "/empty.png").count(of: 0xFFFFFF) > 0)
    }
}

@Test func anArrowFromAMissingNodeIsAnError() {
    #expect(throws: PlottingError.self) {
        try GraphDiagram(nodes: [.init(lines: ["a"])], edges: [.init(from: 0, to: 1)])
    }
}

/// In a separate process, because Graphviz looks for its plugins only once.
@Test func missingPluginsAreReportedOnOneLine() async {
    await #expect(processExitsWith: .success) {
        setenv("GVBINDIR", "/nowhere", 1)
        let error = #expect(throws: PlottingError.self) { try GraphDiagram(nodes: [.init(lines: ["a"])], edges: []) }
        #expect(error?.description.contains("plugin") == true)
        #expect(error?.description.contains("\n") == false)
    }
}

@Test func tallDiagramsGetFewerPixels() throws {
    let nodes = (0..<200).map { GraphDiagram.Node(lines: ["\($0)"]) }
    let edges = nodes.indices.dropFirst().map { GraphDiagram.Edge(from: $0 - 1, to: $0) }
    let diagram = try GraphDiagram(nodes: nodes, edges: edges)
    try withTemporaryFolder { folder in
        try diagram.writePNG(to: folder + "/tall.png")
        #expect(try Bitmap(contentsOf: folder + "/tall.png").height == 8000)
    }
}

// MARK: - Frames

/// Boxes in a chain. Between two of them, `inside` is in a frame; the others are not.
private func framed(_ frames: [GraphDiagram.Frame], edges: [(Int, Int)], nodes: Int) throws -> GraphDiagram {
    try GraphDiagram(
        nodes: (0..<nodes).map { GraphDiagram.Node(lines: ["node \($0)"]) },
        edges: edges.map { GraphDiagram.Edge(from: $0, to: $1) }, frames: frames)
}

@Test func aFrameIsAroundItsBoxesOnly() throws {
    let edges = [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (4, 5), (0, 6), (6, 7), (7, 5)]
    // The boxes 6 and 7 are beside the frame: Graphviz may put them between those in it.
    for frames in [
        [GraphDiagram.Frame("a", nodes: [1, 2, 3, 4])],
        [GraphDiagram.Frame("a", nodes: [1, 4], frames: [.init("b", nodes: [2]), .init("c", nodes: [3])])],
        [GraphDiagram.Frame("a", nodes: [2, 6])], [GraphDiagram.Frame("a", nodes: [1, 7]), .init("b", nodes: [6])],
    ] {
        let diagram = try framed(frames, edges: edges, nodes: 8)
        let boxes = diagram.layout.boxes
        for frame in frames.flatMap({ [$0] + $0.frames }) {
            let place = try #require(diagram.placedFrames.first { $0.label == frame.label }).place
            for node in boxes.indices {
                #expect(place.overlaps(boxes[node]) == frame.allNodes.contains(node), "\(frame.label), \(node)")
            }
            let inPicture = place.moved(by: diagram.origin)
            #expect(inPicture.left >= 0 && inPicture.top >= 0)
            #expect(inPicture.right <= diagram.width && inPicture.bottom <= diagram.height)
        }
    }
}

/// Frames that are in nobody's way do not move a box.
@Test func framesKeepTheLayout() throws {
    let edges = [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4), (4, 5)]
    let plain = try framed([], edges: edges, nodes: 6)
    let diagram = try framed([.init("a", nodes: [1, 2, 3, 4])], edges: edges, nodes: 6)
    #expect(diagram.layout == plain.layout && diagram.placedFrames.count == 1)
    #expect(diagram.width > plain.width)
}

@Test func aFrameAroundAStrayNodeIsRefused() {
    #expect(
        throws: PlottingError.layoutFailed(reason: "a frame is around node 3, but there are 2 nodes, counted from 0")
    ) {
        try framed([.init("a", nodes: [0], frames: [.init("b", nodes: [3])])], edges: [], nodes: 2)
    }
}
