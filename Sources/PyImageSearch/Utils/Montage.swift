import Imaging
import Plotting
import System

/// Pictures side by side in one: imutils' `build_montages`.
public struct Montage: Sendable {
    private let grid: ImageGrid

    /// - Parameters:
    ///   - pictures: of any size, with their captions, row by row.
    ///   - columns: number of pictures in a row.
    ///   - title: above all; none if empty.
    public init(_ pictures: [(image: Image, caption: String)], columns: Int, title: String = "") {
        let tiles = pictures.map { picture in
            let pixels = PixelImage(
                width: picture.image.width, height: picture.image.height, pixels: picture.image.pixels)
            return ImageGrid.Tile(pixels, caption: [picture.caption])
        }
        grid = ImageGrid(title: title, tiles: tiles, columns: columns)
    }

    /// Writes a PNG file, whole or not at all.
    ///
    /// - Throws: `PlottingError` or `FileError` if it cannot be written.
    public func write(to path: String) throws {
        try grid.writePNG(to: path)
        Terminal.show(pictureAt: path)
    }
}
