import CHDF5
import Foundation
import Testing

@testable import HDF5

/// Files that mean harm: they are refused by name, before anything is allocated or followed.
@Suite struct HostileTests {
    let folder = try? TemporaryFolder()

    /// A file in which `body` makes what this library does not make; it is given the root group.
    private func file(_ body: (hid_t) -> Void) throws -> HDF5File {
        let path = try #require(folder).file("hostile.hdf5")
        let file = try HDF5File(creating: path)
        try file.root.object.use(body)
        try file.close()
        return try HDF5File(reading: path)
    }

    /// A dataset `x` in blocks, with whatever else `prepare` sets.
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

    /// Two kilobytes that are a terabyte when they are unpacked.
    @Test func compressionBombs() throws {
        let file = try chunkedFile(shape: [1 << 38], chunk: [1 << 16]) { H5Pset_deflate($0, 9) }
        let dataset = try file.root.dataset("x")
        #expect(message { _ = try dataset.read(as: Float.self) }.contains("declares 1099511627776 bytes"))
        #expect(message { _ = try dataset.read(as: Float.self, rows: 0..<10) }.contains("declares 1099511627776 bytes"))
    }

    /// libhdf5 would take the memory of a whole block for a single value.
    @Test func blocksThatNoFileHolds() throws {
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
            // LZF's number, which libhdf5 would look for a plugin for.
            H5Pset_filter($0, 32000, UInt32(H5Z_FLAG_OPTIONAL), 0, nil)
        }
        #expect(
            message { _ = try file.root.dataset("x") }.hasSuffix(
                "/x: expected deflate, shuffle or fletcher32, found values stored with filter 32000, which is not read here"
            ))
    }

    @Test func filtersThatNobodyUsesAreNotRun() throws {
        let file = try chunkedFile(shape: [100], chunk: [10], type: CHDF5_int32_le()) { H5Pset_nbit($0) }
        #expect(message { _ = try file.root.dataset("x") }.contains("filter 5 (nbit)"))
    }

    // MARK: Types

    @Test func numbersOfNoProcessorAreNotConverted() throws {
        for change in [
            { (type: hid_t) in _ = H5Tset_ebias(type, 100) }, { type in _ = H5Tset_fields(type, 31, 20, 11, 0, 20) },
            { type in _ = H5Tset_size(type, 8) },
        ] {
            let type = HDF5Library.locked { H5Tcopy(CHDF5_float32_le()) }
            HDF5Library.locked { change(type) }
            let file = try chunkedFile(shape: [10], chunk: [10], type: type) { _ in }
            #expect(
                message { _ = try file.root.dataset("x").read(as: Float.self) }
                    .contains("expected numbers, found floating-point numbers of no processor's format"))
        }
    }

    // MARK: Links

    /// A group that is within itself: a path through it may be as long as the file's author likes.
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

    /// libhdf5 1.10 never comes back from the first of these, and reads past the end for the second.
    @Test(arguments: [0, UInt64(1) << 40])
    func stringsOfImpossibleSizesAreRefused(size: UInt64) throws {
        let path = try #require(folder).file("strings.hdf5")
        let file = try HDF5File(creating: path)
        try file.root.createStrings("s", ["one", "two"])
        try file.close()
        #expect(try HDF5File(reading: path).root.dataset("s").readStrings() == ["one", "two"])

        // The free space behind the strings is object 0, with a size of its own.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let heap = try #require(bytes.range(of: Data("GCOL".utf8))).lowerBound
        let free = heap + 16 + 2 * (16 + 8)
        #expect(bytes[free] == 0 && bytes[free + 1] == 0)
        withUnsafeBytes(of: size.littleEndian) { bytes.replaceSubrange(free + 8..<free + 16, with: $0) }
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(
            message { _ = try HDF5File(reading: path) }.hasSuffix("the sizes of the strings in it do not fit together"))

        // One byte further on in the file it is found as well.
        bytes.insert(0, at: heap)
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(message { _ = try HDF5File(reading: path) } != "no error")
    }
}
