import Foundation
import System

/// A picture that the same code draws as PNG and as SVG.
public protocol Picture: Sendable {
    /// The width in points, above 0.
    var width: Double { get }
    /// The height in points, above 0.
    var height: Double { get }
    /// Pixels per point of a PNG file, above 0. It does not affect SVG files.
    var pixelScale: Double { get }

    /// Draws the picture on a canvas of its width and height.
    func draw(on canvas: Canvas)
}

extension Picture {
    /// Two pixels per point.
    public var pixelScale: Double { 2 }

    /// Writes the picture as PNG. The file appears whole or not at all, and replaces one that exists.
    ///
    /// - Throws: ``PlottingError/invalidSize(path:reason:)`` for a side of no or more than 32767 pixels,
    ///   ``PlottingError/drawingFailed(path:reason:)``, ``PlottingError/writingFailed(path:reason:)``.
    public func writePNG(to path: String) throws(PlottingError) {
        try write(as: .png(pixelScale: pixelScale), to: path)
    }

    /// Writes the picture as SVG. The file appears whole or not at all, and replaces one that exists.
    ///
    /// The same picture always gives the same bytes.
    ///
    /// - Throws: ``PlottingError/invalidSize(path:reason:)`` for a side of no or more than 32767 points,
    ///   ``PlottingError/drawingFailed(path:reason:)``, ``PlottingError/writingFailed(path:reason:)``.
    public func writeSVG(to path: String) throws(PlottingError) {
        try write(as: .svg, to: path)
    }

    private func write(as format: ImageFormat, to path: String) throws(PlottingError) {
        if let reason = format.objection(toWidth: width, height: height) {
            throw .invalidSize(path: path, reason: reason)
        }
        let image: [UInt8]
        do {
            image = try Canvas.encode(format, width: width, height: height, draw: draw)
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
