import Foundation

/// The global heap of a file: collections of bytes, in which strings of variable length are kept.
///
/// libhdf5 1.10 believes the sizes in them: it reads past their end, or never comes to an end at all. So they are
/// looked at before it is asked. The format is that of the HDF5 File Format Specification, III.E.
struct GlobalHeap {
    /// For messages.
    static let doesNotFit = "the sizes of the strings in it do not fit together"

    private static let headerSize = 16
    /// Of collections that lie within each other there can be endlessly many.
    private static let mostObjects = 1 << 24
    /// Larger files are data sets, of which not every byte can be read to open them.
    private static let largestFile = 1 << 32
    /// "GCOL", version 1, and three bytes of nothing: enough not to be met by chance.
    private static let signature = 0x0000_0001_4C4F_4347

    private let file: Data
    /// The sizes of the objects in the collections that have been asked for, by the addresses of those.
    private var collections: [UInt64: [UInt32: Int]] = [:]
    private var objects = 0

    /// - Parameter file: all of it, from the superblock on.
    init(of file: Data) {
        self.file = file
    }

    /// The size in bytes of an object; nil where there is no such one, or where what lies around it does not fit
    /// together.
    mutating func size(ofObject index: UInt32, inCollectionAt address: UInt64) -> Int? {
        if let collection = collections[address] { return collection[index] }
        guard let start = Int(exactly: address), let collection = readCollection(at: start) else { return nil }
        collections[address] = collection
        return collection[index]
    }

    /// Looks at every collection, wherever in the file it lies: libhdf5 reads some when it only opens something, and a
    /// file's author is not bound to where it would have put them.
    ///
    /// - Parameter image: all of the file, from its first byte on.
    /// - Throws: `HDF5Error.library` for a file whose collections do not fit together.
    static func check(_ image: Data, of path: String) throws {
        guard image.count <= largestFile else { return }
        var heap = GlobalHeap(of: image)
        var start = 0
        while let collection = heap.signature(from: start) {
            guard heap.readCollection(at: collection) != nil else {
                throw HDF5Error.library(message: doesNotFit, doing: "open the file", file: path)
            }
            start = collection + 1
        }
    }

    private func signature(from start: Int) -> Int? {
        file.withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
            var start = start
            while bytes.count - start >= 8,
                let found = memchr(base + start, Int32(UInt8(ascii: "G")), bytes.count - start - 7)
            {
                start = UnsafeRawPointer(found) - base
                if UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)) == Self.signature {
                    return start
                }
                start += 1
            }
            return nil
        }
    }

    /// The objects of a collection fill it from its header to its end, one after the other.
    private mutating func readCollection(at start: Int) -> [UInt32: Int]? {
        guard integer(at: start) == Self.signature, let size = integer(at: start + 8), size >= Self.headerSize,
            size <= file.count - start
        else { return nil }
        let end = start + size
        var object = start + Self.headerSize
        var sizes: [UInt32: Int] = [:]
        // What is too short for another object is left over.
        while end - object >= Self.headerSize {
            guard let head = integer(at: object), let length = integer(at: object + 8), length <= end - object else {
                return nil
            }
            let index = UInt32(head & 0xFFFF)
            // Object 0 is the free space, whose size is that of its header too; others are padded to eight bytes.
            let taken = index == 0 ? length : Self.headerSize + (length + 7) / 8 * 8
            guard taken >= Self.headerSize, taken <= end - object, sizes.updateValue(length, forKey: index) == nil
            else { return nil }
            object += taken
            objects += 1
            guard objects <= Self.mostObjects else { return nil }
        }
        return sizes
    }

    /// Eight bytes of the file; nil beyond its end, and for what no size can be.
    private func integer(at offset: Int) -> Int? {
        guard offset >= 0, offset <= file.count - 8 else { return nil }
        return file.withUnsafeBytes {
            Int(exactly: UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
    }
}
