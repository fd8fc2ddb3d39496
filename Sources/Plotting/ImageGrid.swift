/// Small images in rows and columns with captions. Each pixel is a sharp square.
public struct ImageGrid: Picture {
    /// An image with its caption.
    public struct Tile: Sendable {
        /// The image, scaled to fit the tile. An image without pixels is a gray square.
        public var image: PixelImage
        /// The lines under the image. The first is black, the others are gray.
        public var caption: [String]

        /// Creates a tile.
        public init(_ image: PixelImage, caption: [String] = []) {
            self.image = image
            self.caption = caption
        }
    }

    /// The title above the grid; none if empty.
    public var title: String
    /// The tiles, `[rows][columns]`. Rows may have different lengths.
    public var rows: [[Tile]]
    /// The headings above the columns; none if empty.
    public var columnHeadings: [String] = []
    /// The headings to the left of the rows, turned upwards; none if empty.
    public var rowHeadings: [String] = []
    /// The side of a tile's square in points.
    public var tileSize: Double
    /// The distance between tiles in points.
    public var gap = 14.0

    /// Creates a grid from its rows.
    public init(title: String, rows: [[Tile]], tileSize: Double = 140) {
        self.title = title
        self.rows = rows
        self.tileSize = tileSize
    }

    /// Creates a grid with `columns` tiles in each row; the last row may be shorter.
    public init(title: String, tiles: [Tile], columns: Int, tileSize: Double = 140) {
        let columns = max(columns, 1)
        let starts = stride(from: 0, to: tiles.count, by: columns)
        self.init(
            title: title, rows: starts.map { Array(tiles[$0..<min($0 + columns, tiles.count)]) }, tileSize: tileSize)
    }

    // MARK: - Measures

    private var style: ChartStyle { ChartStyle(width: 800, height: 600) }
    private var columnCount: Int { max(rows.map(\.count).max() ?? 0, columnHeadings.count) }
    private var captionSize: Double { min(16, tileSize * 0.14) }
    private var lineHeight: Double { captionSize * 1.3 }
    private var headingSize: Double { style.legendSize }

    private var left: Double { style.outerMargin + (rowHeadings.isEmpty ? 0 : headingSize * 2) }
    private var top: Double {
        style.outerMargin + (title.isEmpty ? 0 : style.titleSize * 1.6)
            + (columnHeadings.isEmpty ? 0 : headingSize * 1.8)
    }

    private func captionHeight(_ row: [Tile]) -> Double {
        let lines = row.map(\.caption.count).max() ?? 0
        return lines == 0 ? 0 : Double(lines) * lineHeight + 0.3 * lineHeight
    }

    /// The width in points, which follows from the tiles.
    public var width: Double {
        let tiles = Double(columnCount) * (tileSize + gap) - (columnCount > 0 ? gap : 0)
        return left + max(tiles, tileSize) + style.outerMargin
    }

    /// The height in points, which follows from the tiles and captions.
    public var height: Double {
        let tiles = rows.reduce(0) { $0 + tileSize + captionHeight($1) + gap } - (rows.isEmpty ? 0 : gap)
        return top + tiles + style.outerMargin
    }

    // MARK: - Drawing

    /// Draws the grid.
    public func draw(on canvas: Canvas) {
        canvas.drawSheet(title: title, style: style)
        drawColumnHeadings(on: canvas)

        let size = canvas.commonSize(
            of: rows.joined().flatMap(\.caption), size: captionSize, smallest: captionSize * 0.7,
            width: tileSize + gap / 2)
        var y = top
        for (index, row) in rows.enumerated() {
            if rowHeadings.indices.contains(index) {
                canvas.drawLabel(
                    rowHeadings[index],
                    in: Rectangle(left: style.outerMargin, top: y, width: headingSize * 1.5, height: tileSize),
                    size: headingSize, smallest: style.smallestSize, color: ChartStyle.axis, upwards: true)
            }
            for (column, tile) in row.enumerated() {
                draw(tile, left: left + Double(column) * (tileSize + gap), top: y, captionSize: size, on: canvas)
            }
            y += tileSize + captionHeight(row) + gap
        }
    }

    private func drawColumnHeadings(on canvas: Canvas) {
        let size = canvas.commonSize(
            of: columnHeadings, size: headingSize, smallest: style.smallestSize, width: tileSize + gap / 2)
        for (column, heading) in columnHeadings.enumerated() {
            let room = Rectangle(
                left: left + Double(column) * (tileSize + gap) - gap / 4, top: top - headingSize * 1.6,
                width: tileSize + gap / 2, height: headingSize)
            canvas.drawLabel(heading, in: room, size: size, smallest: size, color: ChartStyle.axis)
        }
    }

    private func draw(_ tile: Tile, left: Double, top: Double, captionSize: Double, on canvas: Canvas) {
        let square = Rectangle(left: left, top: top, width: tileSize, height: tileSize)
        if tile.image.width > 0, tile.image.height > 0 {
            canvas.draw(tile.image, in: square.fitting(width: tile.image.width, height: tile.image.height))
        } else {
            canvas.fill(square, with: ChartStyle.panel)
        }
        for (index, line) in tile.caption.enumerated() {
            let room = Rectangle(
                left: left - gap / 4, top: square.bottom + (Double(index) + 0.15) * lineHeight,
                width: tileSize + gap / 2, height: lineHeight)
            // The first line names the image.
            canvas.drawLabel(
                line, in: room, size: captionSize, smallest: captionSize,
                color: index == 0 ? ChartStyle.text : ChartStyle.axis)
        }
    }
}

extension Rectangle {
    /// The largest rectangle with these proportions, centered in this one.
    fileprivate func fitting(width: Int, height: Int) -> Rectangle {
        let scale = min(self.width / Double(width), self.height / Double(height))
        let size = (width: Double(width) * scale, height: Double(height) * scale)
        return Rectangle(
            left: left + (self.width - size.width) / 2, top: top + (self.height - size.height) / 2, width: size.width,
            height: size.height)
    }
}
