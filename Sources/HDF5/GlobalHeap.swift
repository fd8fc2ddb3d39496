import Foundation

/// The global heap of a file: collections of bytes, in which strings of variable length are kept.
///
/// libhdf5 1.10 believes the sizes in them: it reads past their end, or never comes to an end at all. So they are
/// looked at before it is asked. The format is that of the HDF5 File Format Specification, III.E.
struct GlobalHeap {
    private static let headerSize = 16
    /// Of collections that lie within each other there can be endlessly many.
    private static let mostObjects = 1 << 24

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

    /// The objects of a collection fill it from its header to its end, one after the other.
    private mutating func readCollection(at start: Int) -> [UInt32: Int]? {
        // "GCOL", version 1, and three bytes of nothing.
        guard integer(at: start) == 0x0000_0001_4C4F_4347, let size = integer(at: start + 8), size >= Self.headerSize,
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
