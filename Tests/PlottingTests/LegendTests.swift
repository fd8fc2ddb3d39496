import Testing
@testable import Plotting

private let panel = Rectangle(left: 0, top: 0, width: 100, height: 100)

@Test func lengthInsideARectangleIsMeasured() {
    let square = Rectangle(left: 10, top: 10, width: 10, height: 10)
    #expect(square.lengthInside(from: Point(x: 0, y: 15), to: Point(x: 30, y: 15)) == 10)
    #expect(square.lengthInside(from: Point(x: 12, y: 0), to: Point(x: 12, y: 20)) == 10)
    #expect(square.lengthInside(from: Point(x: 11, y: 11), to: Point(x: 14, y: 15)) == 5)
    #expect(square.lengthInside(from: Point(x: 0, y: 5), to: Point(x: 30, y: 5)) == 0)
    #expect(square.lengthInside(from: Point(x: 0, y: 0), to: Point(x: 5, y: 5)) == 0)
    #expect(square.lengthInside(from: Point(x: 15, y: 15), to: Point(x: 15, y: 15)) == 0)
}

@Test func legendAvoidsCurvesAndMarks() {
    func best(curves: [[Point]], marks: [Point] = []) -> Rectangle {
        LegendPlacement.best(
            width: 30, height: 20, in: panel, margin: 5, curves: curves, marks: marks, markLength: 4)
    }
    let upperRight = Rectangle(left: 65, top: 5, width: 30, height: 20)
    let upperLeft = Rectangle(left: 5, top: 5, width: 30, height: 20)
    #expect(best(curves: []) == upperRight)
    #expect(best(curves: [[Point(x: 0, y: 100), Point(x: 100, y: 0)]]) == upperLeft)
    #expect(best(curves: [[Point(x: 80, y: 15)]], marks: [Point(x: 80, y: 15)]) == upperLeft)
    let top = [Point(x: 0, y: 10), Point(x: 100, y: 10)]
    #expect(best(curves: [top]) == Rectangle(left: 5, top: 75, width: 30, height: 20))
}

@Test func curvesDifferInColorOrDash() {
    let looks = (0..<14).flatMap { index in
        [false, true].map { dashed in "\(Palette.color(of: index)) \(Palette.dash(of: index, isDashed: dashed))" }
    }
    #expect(Set(looks).count == looks.count)
}

@Test func textIsShrunkThenCut() {
    let measure = { (text: String, size: Double) in Double(text.count) * size / 2 }
    func fit(_ text: String) -> FittedText { FittedText(text, size: 20, smallest: 10, width: 100, measure: measure) }
    #expect(fit("ten chars.").text == "ten chars.")
    #expect(fit("ten chars.").size == 20)
    #expect(fit("sixteen letters.").size == 12.5)
    let cut = fit(String(repeating: "x", count: 50))
    #expect(cut.size == 10)
    #expect(cut.text == String(repeating: "x", count: 19) + "…")
    #expect(fit("a\nb\0c").text == "a b c")
}
