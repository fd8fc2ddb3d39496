import Foundation
import HDF5
import Imaging
import Testing

/// Every case of Fixtures/scipy.hdf5, which make_scipy.py writes: SciPy's warps that take the nearest pixel.
@Suite struct WarpTests {
    @Test(arguments: ["nearest", "constant", "reflect", "wrap"])
    func theNearestPixelIsSciPys(mode: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let cases = try HDF5File(reading: folder.appendingPathComponent("Fixtures/scipy.hdf5").path).root.group(mode)
        let names = try cases.names()
        #expect(names.count >= 10)
        for name in names {
            let group = try cases.group(name)
            let m = try group.dataset("matrix").read(as: Double.self)
            let shape = try group.dataset("image").shape, image = try group.bytes("image").map { Float($0) }
            var result = [Float](repeating: -1, count: image.count)
            warp(
                image, into: &result, height: shape[0], width: shape[1], channels: shape[2],
                by: AffineTransform(m[0], m[1], m[2], m[3], m[4], m[5]), fillMode: try fillMode(mode), order: .nearest)
            #expect(result == (try group.bytes("result")).map { Float($0) }, "\(name)")
        }
    }

    private func fillMode(_ name: String) throws -> FillMode {
        switch name {
        case "nearest": .nearest
        case "constant": .constant(7)
        case "reflect": .reflect
        default: .wrap
        }
    }
}
