import Foundation

/// The global heap: the collections of bytes in which a file keeps its strings of variable length.
///
/// libhdf5 1.10 believes the sizes in them: it reads past their end, or never comes to an end at all. So they are
/// looked at before it is. The format is that of the HDF5 File Format Specification, III.E.
enum GlobalHeap {
    /// Larger files are data sets, whose few strings are not worth reading all of them for.
    private static let largestFile = 1 << 28
    private static let headerSize = 16
    private static let mostObjects = 1 << 24

    /// - Throws: `HDF5Error.library` for a file whose collections do not fit together.
    static func check(_ path: String) throws {
        guard let file = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped),
            file.count <= largestFile
        else { return }
        // "GCOL", version 1, and three bytes of nothing: enough not to be met by chance. Anywhere, for a file's author is
        // not bound to where libhdf5 would have put it.
        let signature = Data("GCOL\u{1}\0\0\0".utf8)
        var rest = file.startIndex..<file.endIndex
        var fitsTogether = true
        var objects = 0
        while fitsTogether, let found = file.range(of: signature, in: rest) {
            fitsTogether = file.withUnsafeBytes { isSound($0, collection: found.lowerBound, &objects) }
            rest = found.upperBound..<file.endIndex
        }
        guard fitsTogether else {
            throw HDF5Error.library(
                message: "the sizes of the strings in it do not fit together", doing: "open the file", file: path)
        }
    }

    /// Whether the objects of a collection fill it from its header to its end, one after the other.
    ///
    /// - Parameter objects: counts them, in all collections: of a few that lie within each other there can be millions.
    private static func isSound(
        _ bytes: UnsafeRawBufferPointer, collection start: Int, _ objects: inout Int
    ) -> Bool {
        func number(at offset: Int) -> Int? {
            Int(exactly: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        guard bytes.count - start >= headerSize, let size = number(at: start + 8), size >= headerSize,
            size <= bytes.count - start
        else { return false }
        let end = start + size
        var object = start + headerSize
        // What is too short for another object is left over.
        while end - object >= headerSize {
            let index = bytes.loadUnaligned(fromByteOffset: object, as: UInt16.self)
            guard let length = number(at: object + 8), length <= end - object else { return false }
            // Object 0 is the free space, whose size is that of its header too; others are padded to eight bytes.
            let taken = index == 0 ? length : headerSize + (length + 7) / 8 * 8
            guard taken >= headerSize, taken <= end - object else { return false }
            object += taken
            objects += 1
            guard objects <= mostObjects else { return false }
        }
        return true
    }
}
