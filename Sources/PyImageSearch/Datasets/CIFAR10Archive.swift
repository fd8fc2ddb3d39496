import Files
import Foundation

/// The official archive of the binary files, and how it gets into a folder.
struct CIFAR10Archive: Sendable {
    var url: String
    var md5: String

    static let official = CIFAR10Archive(
        url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", md5: "c32a1d4ab5d03f1284b67883e8d87530")

    /// Downloads, checks and unpacks the archive into `folder`, which then holds `cifar-10-batches-bin`.
    ///
    /// - Throws: ``DatasetError``, ``DownloadError`` or `FileError`; what was in the folder before is still there.
    func install(into folder: String) throws {
        guard let address = URL(string: url) else { throw DatasetError("\(url) is not an address") }
        try WholeFile.makeFolder(folder)
        let archive = "\(folder)/\(address.lastPathComponent)"
        if !FileManager.default.fileExists(atPath: archive) {
            try Download(url: address, path: archive).run()
        }
        let found = try PyImageSearch.md5(ofFile: archive)
        guard found == md5 else {
            try? FileManager.default.removeItem(atPath: archive)
            throw DatasetError("\(url) has MD5 \(found), but \(md5) is published; the file was thrown away, try again")
        }
        try unpack(archive, into: folder)
        try? FileManager.default.removeItem(atPath: archive)
    }

    /// Only the files that are expected are taken out, into a folder that is renamed when all are there.
    private func unpack(_ archive: String, into folder: String) throws {
        let temporary = "\(folder)/\(CIFAR10.folderName).\(ProcessInfo.processInfo.processIdentifier).tmp"
        try WholeFile.makeFolder(temporary)
        defer { try? FileManager.default.removeItem(atPath: temporary) }
        let members = (CIFAR10.trainFiles + [CIFAR10.testFile, CIFAR10.namesFile]).map { "\(CIFAR10.folderName)/\($0)" }
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-xzf", archive, "-C", temporary] + members
        let errors = Pipe()
        tar.standardError = errors
        do { try tar.run() } catch { throw DatasetError("cannot run tar to unpack \(archive)") }
        let messages = errors.fileHandleForReading.readDataToEndOfFile()
        tar.waitUntilExit()
        guard tar.terminationStatus == 0 else {
            let reason = String(decoding: messages, as: UTF8.self).split(separator: "\n").first ?? "no reason given"
            throw DatasetError("\(archive) cannot be unpacked: \(reason)")
        }
        let target = "\(folder)/\(CIFAR10.folderName)"
        guard rename("\(temporary)/\(CIFAR10.folderName)", target) == 0 else {
            throw DatasetError("cannot put \(target) in its place: \(String(cString: strerror(errno)))")
        }
    }
}
