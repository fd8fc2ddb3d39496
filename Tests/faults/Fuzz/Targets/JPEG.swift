import FixtureSupport
import HDF5
import Imaging

extension FuzzTarget {
    /// JPEG files of every kind: gray, color, CMYK, progressive, with restarts and with EXIF.
    static let jpeg = FuzzTarget(
        name: "jpeg", starts: { try Pictures.files(endingIn: ".jpg") }, read: { input, _ in try Pictures.decode(input) }
    )
}

/// The images of the decoder's own tests.
enum Pictures {
    static func files(endingIn ending: String) throws -> [[UInt8]] {
        let group = try HDF5File(reading: Fixtures.own("../ImagingTests/Fixtures/opencv.hdf5")).root.group("files")
        return try group.names().filter { $0.hasSuffix(ending) }.map { name in
            try group.dataset("\(name)/file").read(as: UInt8.self)
        }
    }

    /// Decodes twice: if a pixel was never written, the two differ.
    static func decode(_ bytes: [UInt8]) throws {
        let (first, second) = (Result { try Image(decoding: bytes) }, Result { try Image(decoding: bytes) })
        let image = try first.get()
        let again = try second.get()
        if image != again { fatalError("the same file, decoded twice, gave two images") }
        if image.pixels.count > 3 * Image.largestArea { fatalError("more pixels than the bound") }
    }
}
