/// Pictures in rows and columns, each with a letter below it: (a), (b), and so on.
public struct Panels: Picture {
    /// The pictures, `[rows][columns]`. A narrower row is centered.
    public var rows: [[any Picture]]
    /// Whether each picture has a letter below it.
    public var hasLetters = true
    /// Whether the pictures of a row begin at the same height. Otherwise they end at the same height.
    public var alignsTops = false

    /// Combines pictures, given row by row.
    public init(_ rows: [[any Picture]]) { self.rows = rows }

    private static let letterSize = 25.0
    private var letterHeight: Double { hasLetters ? Self.letterSize * 1.5 : 0 }

    private static func width(of row: [any Picture]) -> Double { row.reduce(0) { $0 + $1.width } }
    private static func height(of row: [any Picture]) -> Double { row.map(\.height).max() ?? 0 }

    /// The width of the widest row in points.
    public var width: Double { max(rows.map(Self.width).max() ?? 0, 1) }
    /// The height of all rows with their letters in points.
    public var height: Double { max(rows.reduce(0) { $0 + Self.height(of: $1) + letterHeight }, 1) }

    /// Draws all pictures.
    public func draw(on canvas: Canvas) {
        canvas.fill(Rectangle(left: 0, top: 0, width: width, height: height), with: ChartStyle.paper)
        var top = 0.0, count = 0
        for row in rows {
            var left = (width - Self.width(of: row)) / 2
            for picture in row {
                let room = Self.height(of: row) - picture.height
                canvas.inset(
                    Rectangle(
                        left: left, top: top + (alignsTops ? 0 : room), width: picture.width, height: picture.height)
                ) {
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

    /// The letters at this index: a to z, then aa, ab, and so on.
    static func letter(_ index: Int) -> String {
        let last = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index % 26)))
        return index < 26 ? last : letter(index / 26 - 1) + last
    }
}
