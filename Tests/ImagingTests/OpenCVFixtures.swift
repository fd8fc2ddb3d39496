import FixtureSupport
import Foundation
import HDF5
import Imaging
import Tensors

/// The cases of Fixtures/opencv.hdf5, which make_opencv.py writes.
enum OpenCV {
    static func group(_ name: String) throws -> HDF5Group {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try HDF5File(reading: folder.appendingPathComponent("Fixtures/opencv.hdf5").path).root.group(name)
    }

    static func file(_ name: String) throws -> [UInt8] { try group("files/\(name)").bytes("file") }
}

extension HDF5Group {
    func bytes(_ name: String) throws -> [UInt8] { try dataset(name).read(as: UInt8.self) }

    /// An image stored with red first.
    func image(rgb name: String) throws -> Image {
        let dataset = try dataset(name)
        return Image(height: dataset.shape[0], width: dataset.shape[1], pixels: try dataset.read(as: UInt8.self))
    }

    /// An image stored with blue first.
    func image(bgr name: String) throws -> Image {
        var image = try image(rgb: name)
        for start in stride(from: 0, to: image.pixels.count, by: 3) { image.pixels.swapAt(start, start + 2) }
        return image
    }
}
