import Foundation
import System

/// Something that can be looked at: drawn by the same code as PNG and as SVG.
public protocol Picture: Sendable {
    /// Size in points.
    var width: Double { get }
    var height: Double { get }
    /// Pixels per point of a PNG file; SVG files have none.
    var pixelScale: Double { get }

    func draw(on canvas: Canvas)
}

extension Picture {
    public var pixelScale: Double { 2 }

    /// Writes the picture as PNG. The file appears whole or not at all.
    public func writePNG(to path: String) throws(PlottingError) {
        try write(as: .png(pixelScale: pixelScale), to: path)
    }

    /// Writes the picture as SVG. The file appears whole or not at all.
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
