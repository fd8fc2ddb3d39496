import CCairo
import Foundation
import Plotting
import Testing

/// The pixels of a PNG file.
struct Bitmap {
    let width: Int
    let height: Int
    private let pixels: [UInt32]

    init(contentsOf path: String) throws {
        let surface = try #require(cairo_image_surface_create_from_png(path))
        defer { cairo_surface_destroy(surface) }
        try #require(cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
        width = Int(cairo_image_surface_get_width(surface))
        height = Int(cairo_image_surface_get_height(surface))
        let stride = Int(cairo_image_surface_get_stride(surface))
        let data = try #require(cairo_image_surface_get_data(surface))
        var pixels: [UInt32] = []
        for row in 0..<height {
            let start = UnsafeRawPointer(data + row * stride)
            pixels += (0..<width).map { start.load(fromByteOffset: 4 * $0, as: UInt32.self) & 0xFF_FFFF }
        }
        self.pixels = pixels
    }

    subscript(x: Int, y: Int) -> UInt32 { pixels[y * width + x] }

    func count(of color: UInt32) -> Int { pixels.count { $0 == color } }
}

/// Runs `body` with the path of a new folder, which is removed afterwards.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plotting-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
}

/// The names in a folder, including hidden files.
func names(in folder: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder) }

extension Bitmap {
    /// The smallest rectangle around all pixels of a color, or nil if there are none.
    func bounds(of color: UInt32) -> (columns: ClosedRange<Int>, rows: ClosedRange<Int>)? {
        let rows = (0..<height).filter { y in (0..<width).contains { self[$0, y] == color } }
        let columns = (0..<width).filter { x in rows.contains { self[x, $0] == color } }
        guard let left = columns.first, let right = columns.last, let top = rows.first, let bottom = rows.last else {
            return nil
        }
        return (left...right, top...bottom)
    }
}

extension Picture {
    /// The pixels of the picture's PNG file.
    func bitmap() throws -> Bitmap {
        var bitmap: Bitmap?
        try withTemporaryFolder { folder in
            try writePNG(to: folder + "/picture.png")
            bitmap = try Bitmap(contentsOf: folder + "/picture.png")
        }
        return try #require(bitmap)
    }

    /// The bytes of the picture's SVG file.
    func svg() throws -> Data {
        var data = Data()
        try withTemporaryFolder { folder in
            try writeSVG(to: folder + "/picture.svg")
            data = try Data(contentsOf: URL(fileURLWithPath: folder + "/picture.svg"))
        }
        return data
    }
}
