import Foundation
import Testing
@testable import HDF5

/// Wrong files and requests throw an error with a description of one line.
@Suite struct FaultTests {
    let folder = try? TemporaryFolder()

    private func path(_ name: String) throws -> String {
        try #require(folder).file(name)
    }

    /// The message of the `.library` error that `body` throws.
    private func libraryMessage(_ body: () throws -> Void) -> String? {
        do {
            try body()
        } catch HDF5Error.library(let message, _, _) {
            return message
        } catch {
            Issue.record(error)
        }
        return nil
    }

    // MARK: Opening

    @Test func missingFilesAreReported() throws {
        let missing = try path("missing.hdf5")
        #expect(throws: HDF5Error.notFound(missing)) { try HDF5File(reading: missing) }
        #expect(throws: HDF5Error.notFound(missing)) { try HDF5File(updating: missing) }
        #expect(throws: HDF5Error.notFound(missing)) { try HDF5File(creating: missing + "/new.hdf5") }
        #expect(!FileManager.default.fileExists(atPath: missing))
    }

    @Test func foldersAreNotFiles() throws {
        let folder = try #require(folder).path
        #expect(throws: HDF5Error.isFolder(folder)) { try HDF5File(reading: folder) }
        #expect(throws: HDF5Error.isFolder(folder)) { try HDF5File(updating: folder) }
        #expect(throws: HDF5Error.isFolder(folder)) { try HDF5File(creating: folder) }
    }

    @Test(arguments: ["", "epoch,loss\n1,2.3\n", String(repeating: "\0", count: 4096)])
    func otherFilesAreNotHDF5(text: String) throws {
        let file = try path("other.hdf5")
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        #expect(throws: HDF5Error.notHDF5(file)) { try HDF5File(reading: file) }
        #expect(throws: HDF5Error.notHDF5(file)) { try HDF5File(updating: file) }
        #expect(throws: HDF5Error.notHDF5("/dev/null")) { try HDF5File(reading: "/dev/null") }
    }

    @Test func truncatedFilesAreRefused() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: Fixtures.keras2))
        let file = try path("truncated.hdf5")
        for size in [whole.count - 1, whole.count / 2, 2000, 100] {
            try whole.prefix(size).write(to: URL(fileURLWithPath: file))
            let message = libraryMessage { _ = try HDF5File(reading: file) }
            #expect(message?.contains("truncated file") == true, "\(size) bytes: \(message ?? "opened")")
        }
        try whole.prefix(40).write(to: URL(fileURLWithPath: file))
        #expect(throws: HDF5Error.self) { try HDF5File(reading: file) }
    }

    @Test func descriptionsAreOneLineWithThePath() throws {
        let file = try path("truncated.hdf5")
        try Data(contentsOf: URL(fileURLWithPath: Fixtures.keras2)).prefix(5000).write(to: URL(fileURLWithPath: file))
        let error = #expect(throws: HDF5Error.self) { try HDF5File(reading: file) }
        let description = try #require(error).description
        #expect(description.hasPrefix("\(file): cannot open the file: truncated file"))
        #expect(!description.contains("\n"))
        #expect(
            HDF5Error.missing(object: "/a", file: "x.hdf5").description == "x.hdf5: no /a")
    }

    @Test func readOnlyFoldersCanBeRead() throws {
        let locked = try path("locked")
        try FileManager.default.createDirectory(atPath: locked, withIntermediateDirectories: false)
        try FileManager.default.copyItem(atPath: Fixtures.kinds, toPath: locked + "/kinds.hdf5")
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: locked + "/kinds.hdf5")
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: locked)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: locked) }
        #expect(try HDF5File(reading: locked + "/kinds.hdf5").root.dataset("numbers/scalar").read(as: Int.self) == [42])
    }

    // MARK: Damage

    /// Opens a file with one dataset of float32 values, in which every occurrence of `sizes` is replaced.
    private func damagedFile(shape: [Int], write: Bool, replacing sizes: [Int: UInt64]) throws -> HDF5Dataset {
        let path = try path("damaged.hdf5")
        let file = try HDF5File(creating: path)
        let dataset = try file.root.createDataset("x", shape: shape, type: .float32)
        if write { try dataset.write([Float](repeating: 1, count: shape.reduce(1, *))) }
        try file.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for (old, new) in sizes {
            let pattern = withUnsafeBytes(of: UInt64(old).littleEndian) { Data($0) }
            let replacement = withUnsafeBytes(of: new.littleEndian) { Data($0) }
            while let range = bytes.range(of: pattern) { bytes.replaceSubrange(range, with: replacement) }
        }
        try bytes.write(to: URL(fileURLWithPath: path))
        return try HDF5File(reading: path).root.dataset("x")
    }

    private func isTooLarge(_ body: () throws -> Void) -> Bool {
        do {
            try body()
        } catch HDF5Error.tooLarge {
            return true
        } catch {
            Issue.record(error)
        }
        return false
    }

    @Test func declaringMoreThanIsStoredIsRefused() throws {
        #expect(
            isTooLarge {
                let dataset = try damagedFile(shape: [12345], write: true, replacing: [12345: 12_346])
                _ = try dataset.read(as: Float.self)
            })
        #expect(
            isTooLarge {
                let dataset = try damagedFile(shape: [12345], write: true, replacing: [12345: 1 << 50])
                _ = try dataset.read(as: Float.self, rows: 0..<10)
            })
    }

    @Test func storingMoreThanTheFileHasIsRefused() throws {
        #expect(
            isTooLarge {
                let dataset = try damagedFile(
                    shape: [12345], write: true, replacing: [12345: 1 << 40, 4 * 12345: 1 << 42])
                _ = try dataset.read(as: Float.self)
            })
    }

    @Test func unwrittenDatasetsThatDeclareTooMuchAreRefused() throws {
        #expect(
            isTooLarge {
                let dataset = try damagedFile(shape: [12345], write: false, replacing: [12345: 1 << 40])
                _ = try dataset.read(as: Float.self)
            })
    }

    @Test func shapesThatOverflowAreRefused() throws {
        #expect(throws: HDF5Error.self) {
            let dataset = try damagedFile(
                shape: [123, 321], write: true, replacing: [123: 1 << 40, 321: 1 << 40])
            _ = try dataset.read(as: Float.self)
        }
        #expect(throws: HDF5Error.self) {
            let dataset = try damagedFile(shape: [12345], write: true, replacing: [12345: 1 << 63])
            _ = try dataset.read(as: Float.self)
        }
    }

    // MARK: Writing

    @Test func readOnlyFilesAreNotWritten() throws {
        let root = try HDF5File(reading: Fixtures.kinds).root
        #expect(throws: HDF5Error.self) { try root.createGroup("new") }
        #expect(throws: HDF5Error.self) { try root.createDataset("new", shape: [1], type: .uint8) }
        #expect(throws: HDF5Error.self) { try root.attributes.set("a", 1) }
        #expect(throws: HDF5Error.self) { try root.group("strings").attributes.set("int", 1) }
        #expect(throws: HDF5Error.self) { try root.dataset("numbers/scalar").write([1]) }
        #expect(try HDF5File(reading: Fixtures.kinds).root.dataset("numbers/scalar").read(as: Int.self) == [42])
    }

    @Test func countsOfValuesMustFit() throws {
        let file = try path("new.hdf5")
        let root = try HDF5File(creating: file).root
        let dataset = try root.createDataset("x", shape: [4, 3], type: .float32)
        #expect(
            throws: HDF5Error.wrongShape(object: "/x", file: file, expected: "12 values", found: "11")
        ) { try dataset.write([Float](repeating: 1, count: 11)) }
        #expect(throws: HDF5Error.self) { try dataset.write([1, 2, 3, 4] as [Float], rows: 0..<1) }
        #expect(throws: HDF5Error.self) { try dataset.write([1, 2, 3] as [Float], rows: 4..<5) }
        #expect(throws: HDF5Error.self) {
            try root.createStrings("s", ["a"]); try root.dataset("s").write([1])
        }
    }

    @Test func nothingIsCreatedTwice() throws {
        let file = try path("new.hdf5")
        let root = try HDF5File(creating: file).root
        _ = try root.createDataset("a/b", shape: [1], type: .uint8)
        #expect(throws: HDF5Error.exists(object: "/a/b", file: file)) { try root.createGroup("a/b") }
        #expect(throws: HDF5Error.exists(object: "/a/b", file: file)) { try root.createStrings("a/b", ["x"]) }
        #expect(throws: HDF5Error.self) { try root.createGroup("a/b/below_a_dataset") }
        #expect(throws: HDF5Error.self) { try root.createGroup("") }
        #expect(throws: HDF5Error.self) { try root.createGroup("a\0b") }
    }

    @Test func impossibleShapesAreRefused() throws {
        let root = try HDF5File(creating: path("new.hdf5")).root
        #expect(throws: HDF5Error.self) { try root.createDataset("x", shape: [-1], type: .uint8) }
        #expect(throws: HDF5Error.self) { try root.createDataset("x", shape: [1 << 40, 1 << 40], type: .uint8) }
        let deep = [Int](repeating: 1, count: 33)
        #expect(throws: HDF5Error.self) { try root.createDataset("x", shape: deep, type: .uint8) }
        for chunk in [[], [1], [0, 1], [3, 2], [2, 2, 1]] {
            #expect(throws: HDF5Error.self) {
                try root.createDataset("x", shape: [2, 2], type: .uint8, chunk: chunk)
            }
        }
        #expect(throws: HDF5Error.self) { try root.createDataset("x", shape: [], type: .uint8, chunk: []) }
        #expect(try root.names() == [])
    }

    @Test func stringsWithNULAreNotCutOff() throws {
        let root = try HDF5File(creating: path("new.hdf5")).root
        #expect(throws: HDF5Error.self) { try root.attributes.set("a", "b\0c") }
        #expect(throws: HDF5Error.self) { try root.attributes.set("a\0", "b") }
        #expect(throws: HDF5Error.self) { try root.attributes.set("", "b") }
        #expect(throws: HDF5Error.self) { try root.createStrings("a", ["b\0"]) }
        #expect(try root.names() == [])
        #expect(try root.attributes.names() == [])
    }

    @Test func listsTooLongForAnAttributeAreRefused() throws {
        let root = try HDF5File(creating: path("new.hdf5")).root
        let message = libraryMessage { try root.attributes.set("a", [String](repeating: "x", count: 5000)) }
        #expect(message?.contains("too large") == true, "\(message ?? "no error")")
    }
}
