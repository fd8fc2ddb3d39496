import Foundation

/// The global heap of a file: collections of objects, which hold the variable-length strings.
///
/// libhdf5 1.10 trusts the sizes in a collection. Wrong sizes make it read past the end or loop forever, so they are
/// checked before libhdf5 reads. The format is in the HDF5 File Format Specification, section III.E.
struct GlobalHeap {
    /// The message for a file with wrong sizes.
    static let doesNotFit = "the sizes of its strings are inconsistent"

    private static let headerSize = 16
    /// A limit on the work: overlapping collections could hold any number of objects.
    private static let mostObjects = 1 << 24
    /// Larger files are not checked on opening: reading every byte of a data set would take too long.
    private static let largestFile = 1 << 30
    /// "GCOL", version 1 and three zero bytes: too long to occur by chance.
    private static let signature = 0x0000_0001_4C4F_4347

    private let file: Data
    /// The objects' sizes in bytes, by the address of their collection and their index in it.
    private var collections: [UInt64: [UInt32: Int]] = [:]
    private var objects = 0

    /// - Parameter file: the whole file from its superblock on.
    init(of file: Data) {
        self.file = file
    }

    /// The size of an object in bytes, or nil if there is no such object or its collection is inconsistent.
    mutating func size(ofObject index: UInt32, inCollectionAt address: UInt64) -> Int? {
        if let collection = collections[address] { return collection[index] }
        guard let start = Int(exactly: address), let collection = readCollection(at: start) else { return nil }
        collections[address] = collection
        return collection[index]
    }

    /// Checks every collection anywhere in the file. libhdf5 reads some as soon as it opens an object, and a hostile
    /// file may place them anywhere.
    ///
    /// The file is searched piece by piece: the pages of a mapped file would count as the program's memory.
    ///
    /// - Parameters:
    ///   - image: the whole file from its first byte on.
    ///   - descriptor: of the same file.
    /// - Throws: `HDF5Error.library` for a file with an inconsistent collection.
    static func check(_ image: Data, descriptor: Int32, of path: String) throws {
        guard image.count <= largestFile else { return }
        var heap = GlobalHeap(of: image)
        var piece = [UInt8](repeating: 0, count: min(pieceSize, image.count))
        var start = 0
        while case let count = pread(descriptor, &piece, piece.count, off_t(start)), count >= signatureSize {
            for place in places(ofSignatureIn: piece[..<count]) where heap.readCollection(at: start + place) == nil {
                throw HDF5Error.library(message: doesNotFit, doing: "open the file", file: path)
            }
            // A signature may lie across the end of a piece.
            start += count - signatureSize + 1
        }
    }

    private static let pieceSize = 1 << 22
    private static let signatureSize = 8

    private static func places(ofSignatureIn piece: ArraySlice<UInt8>) -> [Int] {
        piece.withUnsafeBytes { bytes in
            var places: [Int] = [], start = 0
            while let base = bytes.baseAddress, bytes.count - start >= signatureSize,
                let found = memchr(
                    base + start, Int32(UInt8(ascii: "G")), bytes.count - start - signatureSize + 1)
            {
                let place = UnsafeRawPointer(found) - base
                if UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) == signature {
                    places.append(place)
                }
                start = place + 1
            }
            return places
        }
    }

    /// The sizes of a collection's objects by their index, or nil if they do not fill it. They follow each other from
    /// its header to its end.
    private mutating func readCollection(at start: Int) -> [UInt32: Int]? {
        guard integer(at: start) == Self.signature, let size = integer(at: start + 8), size >= Self.headerSize,
            size <= file.count - start
        else { return nil }
        let end = start + size
        var object = start + Self.headerSize
        var sizes: [UInt32: Int] = [:]
        // A rest too short for another header is unused.
        while end - object >= Self.headerSize {
            guard let head = integer(at: object), let length = integer(at: object + 8), length <= end - object else {
                return nil
            }
            let index = UInt32(head & 0xFFFF)
            // Object 0 is the free space, whose length includes its header. Others are padded to eight bytes.
            let taken = index == 0 ? length : Self.headerSize + (length + 7) / 8 * 8
            guard taken >= Self.headerSize, taken <= end - object, sizes.updateValue(length, forKey: index) == nil
            else { return nil }
            object += taken
            objects += 1
            guard objects <= Self.mostObjects else { return nil }
        }
        return sizes
    }

    /// Eight bytes of the file as a number, or nil past its end and for numbers beyond `Int.max`.
    private func integer(at offset: Int) -> Int? {
        guard offset >= 0, offset <= file.count - 8 else { return nil }
        return file.withUnsafeBytes {
            Int(exactly: UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
    }
}
