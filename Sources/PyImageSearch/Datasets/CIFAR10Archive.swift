import Foundation
import System

/// The official archive of the binary files: download and unpacking.
struct CIFAR10Archive: Sendable {
    var url: String
    var md5: String
    /// The most bytes that a server may send; the official archive has 170 MB.
    var limit = 1 << 28
    /// Whether progress is shown.
    var verbose = true

    static let official = CIFAR10Archive(
        url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", md5: "c32a1d4ab5d03f1284b67883e8d87530")

    /// Downloads, checks and unpacks the archive into `folder`, which then holds `cifar-10-batches-bin`.
    ///
    /// - Throws: ``DatasetError``, ``DownloadError`` or `FileError`; what was in the folder before is still there.
    func install(into folder: String) throws {
        guard let address = URL(string: url) else { throw DatasetError("\(url) is not an address") }
        try WholeFile.makeFolder(folder)
        let lock = try OutputLock(folder) { info("waiting for \($0), which downloads into \(folder)...") }
        defer { withExtendedLifetime(lock) {} }
        // The program that held the lock may have downloaded the same archive.
        guard !FileSystem.isFolder("\(folder)/\(CIFAR10.folderName)") else { return }
        let archive = "\(folder)/\(address.lastPathComponent)"
        var download = Download(url: address, path: archive)
        download.limit = limit
        download.verbose = verbose
        try download.run(expecting: md5)
        try unpack(archive, into: folder)
        FileSystem.remove(archive)
    }

    /// Extracts the expected files into a temporary folder, which is renamed when all of them are there, whole.
    private func unpack(_ archive: String, into folder: String) throws {
        let temporary = "\(folder)/\(CIFAR10.folderName).\(ProcessInfo.processInfo.processIdentifier).tmp"
        try WholeFile.makeFolder(temporary)
        defer {
            for file in (try? FileSystem.names(in: temporary)) ?? [] { FileSystem.remove("\(temporary)/\(file)") }
            FileSystem.remove(temporary)
        }
        for file in CIFAR10.trainFiles + [CIFAR10.testFile, CIFAR10.namesFile] {
            let contents = try member("\(CIFAR10.folderName)/\(file)", of: archive)
            let isWhole = file == CIFAR10.namesFile || contents.count % CIFAR10.recordSize == 0
            guard isWhole, !contents.isEmpty else {
                throw DatasetError(
                    "\(archive): its \(file) has \(contents.count) bytes, which is not a whole number of records")
            }
            try WholeFile.write(contents, to: "\(temporary)/\(file)")
        }
        let target = "\(folder)/\(CIFAR10.folderName)"
        guard temporary.withPath({ old in target.withPath { rename(old, $0) } }) == 0 else {
            throw DatasetError("cannot put \(target) in its place: \(String(cString: strerror(errno)))")
        }
    }

    /// The contents of one file in the archive.
    ///
    /// `tar` writes to a pipe and creates no files: links, devices and paths that lead elsewhere have no effect, and of
    /// a file without end only the beginning is read.
    private func member(_ name: String, of archive: String) throws -> Data {
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-xzOf", "-", name]
        tar.standardInput = try FileBytes.open(archive)
        let output = Pipe()
        tar.standardOutput = output
        tar.standardError = FileHandle.nullDevice
        do { try tar.run() } catch { throw DatasetError("cannot run tar to unpack \(archive)") }
        let limit = CIFAR10.mostRecords * CIFAR10.recordSize
        var contents = Data()
        while contents.count <= limit, let piece = try output.fileHandleForReading.read(upToCount: 1 << 20),
            !piece.isEmpty
        { contents += piece }
        guard contents.count <= limit else {
            tar.terminate()
            throw DatasetError("\(archive): its \(name) has more than the \(limit) bytes that are read")
        }
        tar.waitUntilExit()
        guard tar.terminationStatus == 0 else {
            throw DatasetError("\(archive): tar cannot extract \(name) from it (status \(tar.terminationStatus))")
        }
        return contents
    }
}
