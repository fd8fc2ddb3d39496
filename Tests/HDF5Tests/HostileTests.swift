import CHDF5
import Foundation
import Testing
@testable import HDF5

/// Hostile files are refused by name, before anything is allocated or followed.
@Suite struct HostileTests {
    let folder = try? TemporaryFolder()

    /// A file in which `body` creates objects that this library cannot create. It receives the root group.
    private func file(_ body: (hid_t) -> Void) throws -> HDF5File {
        let path = try #require(folder).file("hostile.hdf5")
        let file = try HDF5File(creating: path)
        try file.root.object.use(body)
        try file.close()
        return try HDF5File(reading: path)
    }

    /// A file with a chunked dataset `x` and the properties that `prepare` sets.
    private func chunkedFile(
        shape: [UInt64], chunk: [UInt64], type: hid_t? = nil, prepare: (_ properties: hid_t) -> Void
    ) throws -> HDF5File {
        try file { root in
            let space = H5Screate_simple(Int32(shape.count), shape, shape)
            let properties = H5Pcreate(CHDF5_dataset_create())
            H5Pset_chunk(properties, Int32(chunk.count), chunk)
            prepare(properties)
            let dataset = H5Dcreate2(
                root, "x", type ?? CHDF5_float32_le(), space, CHDF5_default(), properties, CHDF5_default())
            #expect(dataset >= 0)
            for close in [H5Dclose(dataset), H5Pclose(properties), H5Sclose(space)] { #expect(close >= 0) }
        }
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch { return "\(error)" }
    }

    // MARK: Sizes

    /// Two kilobytes that expand to a terabyte.
    @Test func compressionBombsAreRefused() throws {
        let file = try chunkedFile(shape: [1 << 38], chunk: [1 << 16]) { H5Pset_deflate($0, 9) }
        let dataset = try file.root.dataset("x")
        #expect(message { _ = try dataset.read(as: Float.self) }.contains("declares 1099511627776 bytes"))
        #expect(message { _ = try dataset.read(as: Float.self, rows: 0..<10) }.contains("declares 1099511627776 bytes"))
    }

    /// libhdf5 would allocate a whole block for a single value.
    @Test func blocksTooLargeForTheirFileAreRefused() throws {
        let file = try chunkedFile(shape: [1 << 29], chunk: [1 << 29]) { H5Pset_deflate($0, 9) }
        #expect(message { _ = try file.root.dataset("x") }.contains("impossible blocks of [536870912] elements"))
    }

    @Test func compressedDataOfAllowedSizesAreRead() throws {
        let file = try chunkedFile(shape: [1000], chunk: [100]) { properties in
            H5Pset_shuffle(properties)
            H5Pset_deflate(properties, 1)
            H5Pset_fletcher32(properties)
        }
        #expect(try file.root.dataset("x").read(as: Float.self) == [Float](repeating: 0, count: 1000))
    }

    // MARK: Filters

    @Test func unknownFiltersAreNamed() throws {
        let file = try chunkedFile(shape: [100], chunk: [10]) {
            // LZF's number, for which libhdf5 would look for a plugin.
            H5Pset_filter($0, 32000, UInt32(H5Z_FLAG_OPTIONAL), 0, nil)
        }
        #expect(
            message { _ = try file.root.dataset("x") }.hasSuffix(
                "/x: expected deflate, shuffle or fletcher32, found values stored with filter 32000, which is not supported"
            ))
    }

    @Test func unusualFiltersAreNotRun() throws {
        let file = try chunkedFile(shape: [100], chunk: [10], type: CHDF5_int32_le()) { H5Pset_nbit($0) }
        #expect(message { _ = try file.root.dataset("x") }.contains("filter 5 (nbit)"))
    }

    // MARK: Types

    @Test func numbersInUnusualFormatsAreNotConverted() throws {
        for change in [
            { (type: hid_t) in _ = H5Tset_ebias(type, 100) }, { type in _ = H5Tset_fields(type, 31, 20, 11, 0, 20) },
            { type in _ = H5Tset_size(type, 8) },
        ] {
            let type = HDF5Library.locked { H5Tcopy(CHDF5_float32_le()) }
            HDF5Library.locked { change(type) }
            let file = try chunkedFile(shape: [10], chunk: [10], type: type) { _ in }
            #expect(
                message { _ = try file.root.dataset("x").read(as: Float.self) }
                    .contains("expected numbers, found floating-point numbers in an unusual format"))
        }
    }

    // MARK: Links

    /// A group that contains itself allows paths of any length.
    @Test func endlessPathsAreNotFollowed() throws {
        let file = try file { root in
            H5Gclose(H5Gcreate2(root, "a", CHDF5_default(), CHDF5_default(), CHDF5_default()))
            H5Lcreate_hard(root, ".", root, "a/up", CHDF5_default(), CHDF5_default())
        }
        let path = [String](repeating: "a/up", count: 32).joined(separator: "/")
        #expect(try file.root.group(path).names() == ["a"])
        #expect(
            message { _ = try file.root.group(path + "/a") }.contains("a path of 65 names; at most 64 are followed"))
        #expect(!file.root.contains(path + "/a"))
        let endless = [String](repeating: "a/up", count: 100_000).joined(separator: "/")
        #expect(message { _ = try file.root.group(endless) }.utf8.count < 300)
    }

    // MARK: Strings

    private static let impossibleStrings = "the sizes of its strings are inconsistent"

    /// A file with two strings, its bytes, and the offset of its global heap.
    private func twoStrings(_ first: String = "one") throws -> (path: String, bytes: Data, heap: Int) {
        let path = try #require(folder).file("strings.hdf5")
        let file = try HDF5File(creating: path)
        try file.root.createStrings("s", [first, "two"])
        try file.close()
        #expect(try HDF5File(reading: path).root.dataset("s").readStrings() == [first, "two"])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        return (path, bytes, try #require(bytes.range(of: Data("GCOL".utf8))).lowerBound)
    }

    private func readStrings(_ bytes: Data, _ path: String) throws -> String {
        try bytes.write(to: URL(fileURLWithPath: path))
        return message { _ = try HDF5File(reading: path).root.dataset("s").readStrings() }
    }

    /// libhdf5 1.10 loops forever with the first size, and reads past the end with the second.
    @Test(arguments: [0, UInt64(1) << 40])
    func heapsOfImpossibleSizesAreRefused(size: UInt64) throws {
        var (path, bytes, heap) = try twoStrings()
        // The free space after the strings is object 0, which has its own size.
        let free = heap + 16 + 2 * (16 + 8)
        #expect(bytes[free] == 0 && bytes[free + 1] == 0)
        bytes.replace(at: free + 8, with: size)
        #expect(try readStrings(bytes, path).hasSuffix("cannot open the file: " + Self.impossibleStrings))
        // The check also works in a large empty file, and one byte further on.
        #expect(truncate(path, 1 << 29) == 0)
        #expect(message { _ = try HDF5File(reading: path) }.hasSuffix(Self.impossibleStrings))
        bytes.insert(0, at: heap)
        #expect(try readStrings(bytes, path).hasSuffix(Self.impossibleStrings))
    }

    /// A file is searched in pieces of 4 MiB, and a heap may begin at the end of one.
    @Test func heapsOfImpossibleSizesAreFoundAnywhere() throws {
        let (path, bytes, heap) = try twoStrings()
        let head = bytes[heap..<heap + 8] + Data(bytes: UInt64(1) << 40)
        for place in (1...3).flatMap({ piece in (-24...8).map { piece << 22 + $0 } }) + [14 << 20] {
            try bytes.write(to: URL(fileURLWithPath: path))
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try file.seek(toOffset: UInt64(place))
            try file.write(contentsOf: head)
            try file.close()
            #expect(message { _ = try HDF5File(reading: path) }.hasSuffix(Self.impossibleStrings), "\(place)")
        }
        #expect(truncate(path, 3 << 22) == 0)
        #expect(message { _ = try HDF5File(reading: path) } == "no error")
    }

    /// libhdf5 allocates the length in the reference, and writes the length in the heap.
    @Test(arguments: [0, 1, 4095, 99_999, 100_001, UInt32.max])
    func stringsOfOtherLengthsThanTheirReferencesAreRefused(length: UInt32) throws {
        var (path, bytes, _) = try twoStrings(String(repeating: "long", count: 25_000))
        // The long string has its own collection, after that of the other one.
        let heap = try #require(bytes.range(of: Data("GCOL".utf8), options: .backwards)).lowerBound
        let reference = Data(bytes: UInt32(100_000)) + Data(bytes: UInt64(heap))
        bytes.replace(at: try #require(bytes.range(of: reference)).lowerBound, with: length)
        #expect(try readStrings(bytes, path).hasSuffix(Self.impossibleStrings))
    }

    @Test(arguments: [(4, UInt32(0x7FFF_FFF8)), (12, 7), (12, 1 << 20)])
    func stringsOutsideTheHeapAreRefused(offset: Int, value: UInt32) throws {
        var (path, bytes, heap) = try twoStrings()
        let reference = Data(bytes: UInt32(3)) + Data(bytes: UInt64(heap))
        bytes.replace(at: try #require(bytes.range(of: reference)).lowerBound + offset, with: value)
        #expect(try readStrings(bytes, path).hasSuffix(Self.impossibleStrings))
    }

    /// A thousand references to one string of a megabyte.
    @Test func stringsThatAreLargerThanTheirFileAreRefused() throws {
        let path = try #require(folder).file("many.hdf5")
        let file = try HDF5File(creating: path)
        let long = String(repeating: "long", count: 250_000)
        try file.root.createStrings("s", [long] + [String](repeating: "-", count: 999))
        try file.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let first = Data(bytes: UInt32(long.utf8.count))
        let start = try #require(bytes.range(of: first, in: 16..<bytes.count)).lowerBound
        let reference = bytes[start..<start + 16]
        for index in 1..<1000 { bytes.replaceSubrange(start + 16 * index..<start + 16 * index + 16, with: reference) }
        #expect(try readStrings(bytes, path).hasSuffix("/s: strings larger than the file or than free memory"))
    }

    @Test func compressedStringsAreRead() throws {
        let type = try HDF5Library.locked { try StoredStrings.variableType(characters: H5T_CSET_UTF8, file: "") }
        let file = try file { root in
            let space = H5Screate_simple(1, [5], [5])
            let properties = H5Pcreate(CHDF5_dataset_create())
            H5Pset_chunk(properties, 1, [2])
            H5Pset_deflate(properties, 9)
            let dataset = H5Dcreate2(root, "s", type, space, CHDF5_default(), properties, CHDF5_default())
            _ = try? StoredStrings.withPointers(to: ["a", "", "b", "c", "déjà"], object: "s", file: "") {
                H5Dwrite(dataset, type, hid_t(H5S_ALL), hid_t(H5S_ALL), CHDF5_default(), $0)
            }
            for close in [H5Dclose(dataset), H5Pclose(properties), H5Sclose(space)] { #expect(close >= 0) }
        }
        #expect(try file.root.dataset("s").readStrings() == ["a", "", "b", "c", "déjà"])
    }

    /// Addresses are relative to the end of the user block.
    @Test func stringsAfterAUserBlockAreRead() throws {
        let (path, bytes, _) = try twoStrings()
        try (Data(count: 512) + bytes).write(to: URL(fileURLWithPath: path))
        #expect(try HDF5File(reading: path).root.dataset("s").readStrings() == ["one", "two"])
    }

    @Test func stringsThatWereNeverWrittenAreEmpty() throws {
        let type = try HDF5Library.locked { try StoredStrings.variableType(characters: H5T_CSET_UTF8, file: "") }
        let file = try chunkedFile(shape: [3], chunk: [3], type: type) { _ in }
        #expect(try file.root.dataset("x").readStrings() == ["", "", ""])
    }
}

extension Data {
    fileprivate init(bytes value: some FixedWidthInteger) {
        self = Swift.withUnsafeBytes(of: value.littleEndian) { Data($0) }
    }

    fileprivate mutating func replace(at offset: Int, with value: some FixedWidthInteger) {
        let bytes = Data(bytes: value)
        replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
}
