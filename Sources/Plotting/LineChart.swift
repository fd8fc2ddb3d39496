import Files
import Foundation

/// Curves over a common axis, in the look of matplotlib's `ggplot` style.
public struct LineChart: Sendable {
    /// One curve. Points beyond the shorter of `x` and `y` are ignored; NaN and infinite values leave gaps.
    public struct Series: Sendable {
        public var label: String
        public var x: [Double]
        public var y: [Double]
        /// Nil takes the next colour of a palette that colour-blind readers can tell apart.
        public var color: Color?
        public var isDashed: Bool

        public init(label: String, x: [Double], y: [Double], color: Color? = nil, isDashed: Bool = false) {
            self.label = label
            self.x = x
            self.y = y
            self.color = color
            self.isDashed = isDashed
        }
    }

    public var title: String
    public var xLabel: String
    public var yLabel: String
    public var series: [Series]

    /// Size in points.
    public var width = 800.0
    public var height = 600.0
    /// Pixels per point of a PNG file; SVG files have none.
    public var pixelScale = 2.0

    public init(title: String, xLabel: String, yLabel: String, series: [Series]) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.series = series
    }

    /// Writes the chart as PNG. The file appears whole or not at all.
    public func writePNG(to path: String) throws(PlottingError) {
        try write(as: .png(pixelScale: pixelScale), to: path)
    }

    /// Writes the chart as SVG. The file appears whole or not at all.
    public func writeSVG(to path: String) throws(PlottingError) {
        try write(as: .svg, to: path)
    }

    private func write(as format: ImageFormat, to path: String) throws(PlottingError) {
        if let reason = format.objection(toWidth: width, height: height) {
            throw .invalidSize(path: path, reason: reason)
        }
        let image: [UInt8]
        do {
            image = try Canvas.encode(format, width: width, height: height) { canvas in
                ChartRenderer(chart: self, canvas: canvas).draw()
            }
        } catch {
            throw .drawingFailed(path: path, reason: error.reason)
        }
        do {
            try WholeFile.write(Data(image), to: path)
        } catch {
            throw .writingFailed(path: path, reason: "\(error)")
        }
    }
}
