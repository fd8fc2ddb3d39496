/// Pictures in rows and columns, each with a letter below it: (a), (b), ...
public struct Panels: Picture {
    /// Row by row; a row may end early, and then stands in the middle.
    public var rows: [[any Picture]]
    /// Whether the panels have letters.
    public var hasLetters = true

    public init(_ rows: [[any Picture]]) { self.rows = rows }

    private static let letterSize = 25.0
    private var letterHeight: Double { hasLetters ? Self.letterSize * 1.5 : 0 }

    private static func width(of row: [any Picture]) -> Double { row.reduce(0) { $0 + $1.width } }
    private static func height(of row: [any Picture]) -> Double { row.map(\.height).max() ?? 0 }

    public var width: Double { rows.map(Self.width).max() ?? 1 }
    public var height: Double { max(rows.reduce(0) { $0 + Self.height(of: $1) + letterHeight }, 1) }

    public func draw(on canvas: Canvas) {
        canvas.fill(Rectangle(left: 0, top: 0, width: width, height: height), with: ChartStyle.paper)
        var top = 0.0, count = 0
        for row in rows {
            var left = (width - Self.width(of: row)) / 2
            for picture in row {
                canvas.inset(Rectangle(left: left, top: top, width: picture.width, height: picture.height)) {
                    picture.draw(on: $0)
                }
                if hasLetters {
                    let strip = Rectangle(
                        left: left, top: top + Self.height(of: row), width: picture.width, height: Self.letterSize)
                    canvas.drawLabel(
                        "(\(Self.letter(count)))", in: strip, size: Self.letterSize, smallest: Self.letterSize,
                        color: ChartStyle.text)
                }
                left += picture.width
                count += 1
            }
            top += Self.height(of: row) + letterHeight
        }
    }

    /// a to z, then aa, ab, ...
    static func letter(_ index: Int) -> String {
        let last = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index % 26)))
        return index < 26 ? last : letter(index / 26 - 1) + last
    }
}
