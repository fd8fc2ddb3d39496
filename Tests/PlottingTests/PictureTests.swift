import Foundation
import Testing
@testable import Plotting

#if canImport(FoundationXML)
    import FoundationXML
#endif

private let image = PixelImage(width: 3, height: 2, pixels: (0..<18).map { UInt8($0 * 14) })

private let pictures: [any Picture] = [
    LineChart(
        title: "Line", xLabel: "x", yLabel: "y", series: [LineChart.Series(label: "curve", x: [0, 1], y: [1, 2])]),
    ImageGrid(title: "Images", tiles: [ImageGrid.Tile(image, caption: ["a"]), ImageGrid.Tile(image)], columns: 1),
    HeatMap(
        title: "Cells", xLabel: "x", yLabel: "y", rowNames: ["a", "b"], columnNames: ["a", "b"],
        values: [[1, 2], [3, 4]]),
    BarChart(title: "Bars", xLabel: "x", bars: [BarChart.Bar(label: "a", value: 1)]),
]

@Test func aPictureAlwaysHasTheSameBytes() throws {
    for picture in pictures + [Panels([pictures])] {
        let first = try picture.svg()
        #expect(XMLParser(data: first).parse())
        #expect(try picture.svg() == first)
    }
    // The same applies to a process that has drawn something else before.
    let alone = try pictures[1].svg()
    _ = try Panels([pictures, pictures]).svg()
    #expect(try pictures[1].svg() == alone)
}

@Test func identifiersAreCountedFromOne() {
    let svg =
        ##"<image id="image12"/><symbol id="glyph0-1"/><use href="#image12"/><g id="surface9" mask="url(#mask9)"/>"##
    let renumbered = String(decoding: SVGIdentifiers.renumbered(Array(svg.utf8)), as: UTF8.self)
    #expect(
        renumbered
            == ##"<image id="image1"/><symbol id="glyph0-1"/><use href="#image1"/><g id="surface2" mask="url(#mask3)"/>"##
    )
    for odd in ["", "#", "#image", "#image7", ##"id=""##, "id=\"a1"] {
        #expect(SVGIdentifiers.renumbered(Array(odd.utf8)) == Array(odd.utf8))
    }
}

@Test func emptyAndOddPicturesNeverTrap() throws {
    let nothing = PixelImage(width: 0, height: 0, pixels: [])
    let largest = Double.greatestFiniteMagnitude
    var odd: [any Picture] = [
        ImageGrid(title: "", rows: []), ImageGrid(title: "Title", rows: [[], []]),
        ImageGrid(title: "", tiles: [ImageGrid.Tile(nothing, caption: ["", "\0"])], columns: 0),
        Panels([]), Panels([[]]), Panels([[Panels([])], []]),
    ]
    for values in [[], [.nan], [0], [-largest, largest], [.infinity, 1], [1e-300], [-5, -6]] as [[Double]] {
        var bars = BarChart(title: "Odd", xLabel: "x", bars: values.map { BarChart.Bar(label: "\($0)", value: $0) })
        odd.append(bars)
        bars.reference = values.first.map { BarChart.Bar(label: "reference", value: $0) }
        bars.xRange = 5...5
        odd.append(bars)
        // Fewer and more values than names.
        for names in [[], ["a"], ["a", "b", "c"]] {
            odd.append(
                HeatMap(
                    title: "Odd", xLabel: "x", yLabel: "y", rowNames: names, columnNames: names, values: [values, []]))
        }
    }
    for picture in odd {
        _ = try picture.bitmap()
        #expect(XMLParser(data: try picture.svg()).parse())
    }
}
