import CHDF5
import Foundation
import Testing
@testable import HDF5

/// The lifetime of files, their closing, and their use from many threads at once.
@Suite struct LifetimeTests {
    let folder = try? TemporaryFolder()

    private func path(_ name: String) throws -> String {
        try #require(folder).file(name)
    }

    @Test func objectsKeepTheirFileOpen() throws {
        let dataset = try HDF5File(reading: Fixtures.kinds).root.group("numbers").dataset("scalar")
        #expect(try dataset.read(as: Int.self) == [42])
    }

    @Test func closingAlsoClosesGroupsAndDatasets() throws {
        let path = try path("new.hdf5")
        let file = try HDF5File(creating: path)
        let root = file.root
        let dataset = try root.createDataset("x", shape: [2], type: .float32)
        try dataset.write([1, 2] as [Float])
        try file.close()
        try file.close()

        let closed = HDF5Error.closed(file: path)
        #expect(throws: closed) { try file.flush() }
        #expect(throws: closed) { try root.names() }
        #expect(throws: closed) { try file.root.group("x") }
        #expect(throws: closed) { try dataset.read(as: Float.self) }
        #expect(throws: closed) { try dataset.write([3, 4] as [Float]) }
        #expect(throws: closed) { try dataset.attributes.set("a", 1) }
        #expect(!root.contains("x"))
        #expect(!dataset.attributes.contains("a"))
        #expect(dataset.shape == [2])
        // If the file were still open, libhdf5 would refuse to create it again.
        let again = try HDF5File(creating: path)
        #expect(try again.root.names() == [])
        withExtendedLifetime((root, dataset)) {}
    }

    /// A process that is being started has copies of all descriptors until it runs its own program.
    @Test func closingReleasesTheLockAlthoughACopyOfTheDescriptorIsOpen() throws {
        let path = try path("new.hdf5")
        let file = try HDF5File(creating: path)
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
        let own = try #require(
            descriptors.first {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
            })
        let copy = dup(own)
        defer { close(copy) }
        try file.close()
        #expect(throws: Never.self) { try HDF5File(updating: path) }
    }

    /// A file that is open twice stays locked until both are closed.
    @Test func closingOneOfTwoKeepsTheLock() throws {
        let path = try path("new.hdf5")
        try HDF5File(creating: path).close()
        let first = try HDF5File(reading: path), second = try HDF5File(reading: path)
        try first.close()
        let other = open(path, O_RDWR)
        defer { close(other) }
        #expect(flock(other, LOCK_EX | LOCK_NB) != 0)
        try second.close()
        #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
    }

    @Test func theLastReferenceClosesTheFile() throws {
        let path = try path("new.hdf5")
        func write() throws {
            let root = try HDF5File(creating: path).root
            try root.createDataset("x", shape: [2], type: .float32).write([1, 2] as [Float])
        }
        try write()
        #expect(try HDF5File(updating: path).root.dataset("x").read(as: Float.self) == [1, 2])
        try write()
    }

    @Test func manyTasksReadAndWriteAtOnce() async throws {
        let folder = try #require(folder)
        let shared = try HDF5File(reading: Fixtures.keras2)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for task in 0..<16 {
                group.addTask {
                    for round in 0..<10 {
                        let kernel = try shared.root.dataset("model_weights/conv2d_1/conv2d_1/kernel:0")
                        let file = try HDF5File(creating: folder.file("\(task).hdf5"))
                        let dataset = try file.root.createDataset("a/x", shape: [100], type: .int32)
                        let values = [Int](repeating: task * 100 + round, count: 100)
                        try dataset.write(values)
                        // A failure here must not spoil the error stack of another task.
                        let missing = try? file.root.group("missing")
                        let (weights, read) = (try kernel.read(as: Float.self), try dataset.read(as: Int.self))
                        guard weights.count == 72, read == values, missing == nil else { return false }
                    }
                    return true
                }
            }
            for try await good in group { #expect(good) }
        }
    }

    @Test func noThreadPrintsErrors() async throws {
        let silent = await withCheckedContinuation { (result: CheckedContinuation<Bool, Never>) in
            // In a thread-safe build of libhdf5, a new thread has its own error stack.
            Thread.detachNewThread {
                result.resume(
                    returning: HDF5Library.locked {
                        var printer: H5E_auto2_t?
                        return H5Eget_auto2(hid_t(H5E_DEFAULT), &printer, nil) >= 0 && printer == nil
                    })
            }
        }
        #expect(silent)
    }
}
