import Imaging
import Plotting
import System
import Tensors

/// A picture as a network sees it, the same with the places that speak for the first class, and beside them the classes.
public struct Explanation {
    private let panels: Panels

    /// - Parameters:
    ///   - picture: as it becomes the network's input.
    ///   - map: how much each place speaks for the class, `[rows, columns]`, 0 to 1: ``GradCAM``.
    ///   - guesses: the classes, the most probable one first.
    public init(picture: Image, map: Tensor, guesses: [PictureClassifier.Guess]) {
        // Small pictures are enlarged, so that the map is smooth.
        let factor = max(1, Self.side / max(picture.width, picture.height, 1))
        let (width, height) = (picture.width * factor, picture.height * factor)
        let enlarged = picture.resized(width: width, height: height, interpolation: .linear)
        let smooth = map.reshaped(to: [map.shape[0], map.shape[1], 1])
            .resized(width: width, height: height, interpolation: .linear)
        let pixels = smooth.scalars.enumerated().flatMap { place, heat in
            Self.blended(enlarged.pixels[3 * place..<3 * place + 3], heat)
        }
        var names = BarChart(
            title: "", xLabel: "probability, %",
            bars: guesses.prefix(10).map { BarChart.Bar(label: $0.name, value: 100 * Double($0.probability)) })
        names.xRange = 0...100
        names.width = 720
        names.height = 380
        let pictures = ImageGrid(
            title: "",
            tiles: [
                ImageGrid.Tile(
                    PixelImage(width: width, height: height, pixels: enlarged.pixels), caption: ["the picture"]),
                ImageGrid.Tile(
                    PixelImage(width: width, height: height, pixels: pixels),
                    caption: ["what speaks for", guesses.first?.name ?? ""]),
            ], columns: 2, tileSize: Double(Self.side) * 0.75)
        var panels = Panels([[pictures, names]])
        (panels.hasLetters, panels.alignsTops) = (false, true)
        self.panels = panels
    }

    /// The longer side of the pictures, in pixels.
    private static let side = 400

    /// A pixel in gray, so that no color of the picture is taken for the glow over it, which goes from nothing over red to yellow.
    private static func blended(_ pixel: ArraySlice<UInt8>, _ heat: Float) -> [UInt8] {
        let gray = zip(pixel, [0.299, 0.587, 0.114] as [Float]).reduce(0) { sum, channel in
            sum + Float(channel.0) * channel.1
        }
        let glow: [Float] = [255, max(0, 2 * heat - 1) * 230, 0]
        let opacity = 0.7 * min(max(heat, 0), 1)
        return glow.map { UInt8(min(max((1 - opacity) * gray + opacity * $0, 0), 255)) }
    }

    /// Writes a PNG, or an SVG if the name ends so.
    ///
    /// - Throws: `PlottingError`.
    public func write(to path: String) throws {
        if path.lowercased().hasSuffix(".svg") { try panels.writeSVG(to: path) } else { try panels.writePNG(to: path) }
        Terminal.show(pictureAt: path)
    }
}
