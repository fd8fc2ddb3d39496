import Foundation
import System
import Testing
@testable import PyImageSearch

/// A tar archive, member by member, with any names and kinds.
private struct TarArchive {
    /// As in the archive's headers.
    enum Kind: Character {
        case file = "0"
        case hardLink = "1"
        case symbolicLink = "2"
        case characterDevice = "3"
        case pipe = "6"
    }

    private(set) var bytes: [UInt8] = []

    mutating func add(_ name: String, _ contents: [UInt8]) { add(name, .file, link: "", contents) }

    mutating func add(_ name: String, _ kind: Kind, link: String) { add(name, kind, link: link, []) }

    private mutating func add(_ name: String, _ kind: Kind, link: String, _ contents: [UInt8]) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at position: Int) {
            header.replaceSubrange(position..<position + text.utf8.count, with: text.utf8)
        }
        put(name, at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        let size = String(contents.count, radix: 8)
        put(String(repeating: "0", count: 11 - size.count) + size, at: 124)
        put("00000000000", at: 136)
        put(String(kind.rawValue), at: 156)
        put(link, at: 157)
        put("ustar\u{0}00", at: 257)
        // Of /dev/zero.
        put("0000001", at: 329)
        put("0000005", at: 337)
        put("        ", at: 148)
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\u{0} ", at: 148)
        bytes += header + contents + [UInt8](repeating: 0, count: (512 - contents.count % 512) % 512)
    }

    /// The expected files, with one record each, except those whose names begin with `missing`.
    mutating func addDataset(without missing: String? = nil) {
        for file in CIFAR10.trainFiles + [CIFAR10.testFile, CIFAR10.namesFile] where file != missing {
            let isText = file == CIFAR10.namesFile
            add(
                "\(CIFAR10.folderName)/\(file)",
                isText ? Array(CIFAR10.classNames.joined(separator: "\n").utf8) : TarArchive.record)
        }
    }

    static let record = [UInt8](repeating: 1, count: 3073)

    /// Compressed, without its last `cut` bytes.
    func compressed(cut: Int = 0) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(bytes + [UInt8](repeating: 0, count: 1024)).write(to: file)
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-1c", file.path]
        let output = Pipe()
        gzip.standardOutput = output
        try gzip.run()
        let compressed = output.fileHandleForReading.readDataToEndOfFile()
        gzip.waitUntilExit()
        return compressed.dropLast(cut)
    }
}

/// Malicious archives with the right checksum.
@Suite(.serialized) struct HostileArchiveTests {
    /// The archive is unpacked into a folder inside this one, beside a file that must not change.
    private let around: TemporaryFolder
    private var target: String { "\(around.path)/target" }
    private var outside: String { "\(around.path)/outside.bin" }

    init() throws {
        around = try TemporaryFolder()
        try around.write(TarArchive.record + TarArchive.record, to: "outside.bin")
    }

    /// Unpacks an archive from a file, like a downloaded one.
    private func install(_ bytes: [UInt8]) throws {
        try around.write(bytes, to: "target/a.tar.gz")
        try CIFAR10Archive(url: "http://127.0.0.1/a.tar.gz", md5: md5(ofFile: "\(target)/a.tar.gz"))
            .install(into: target)
    }

    private func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    /// Only the expected files exist, and the file outside is unchanged.
    private func expectNothingElsewhere(location: SourceLocation = #_sourceLocation) {
        #expect(names(in: around.path) == ["outside.bin", "target"], sourceLocation: location)
        #expect(
            FileManager.default.contents(atPath: outside).map(Array.init) == TarArchive.record + TarArchive.record,
            sourceLocation: location)
    }

    /// A half-unpacked file must not stay or be mistaken for a complete one.
    private func expectRefusal(
        _ archive: TarArchive, _ message: String, cut: Int = 0, location: SourceLocation = #_sourceLocation
    ) throws {
        let bytes = try archive.compressed(cut: cut)
        let error = #expect(throws: DatasetError.self, sourceLocation: location) { try install(bytes) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")", sourceLocation: location)
        #expect(names(in: target) == ["a.tar.gz"], sourceLocation: location)
        expectNothingElsewhere(location: location)
    }

    @Test func membersWithOtherPathsAreNotWritten() throws {
        var archive = TarArchive()
        archive.add("../evil", TarArchive.record)
        archive.add("\(around.path)/evil", TarArchive.record)
        archive.add("\(CIFAR10.folderName)/../../evil", TarArchive.record)
        archive.add("\(CIFAR10.folderName)", .symbolicLink, link: around.path)
        archive.addDataset()
        try install(try archive.compressed())
        #expect(try CIFAR10.load(from: target).trainLabels == [1, 1, 1, 1, 1])
        #expect(names(in: target) == [CIFAR10.folderName])
        expectNothingElsewhere()
    }

    @Test(arguments: [
        ("symbolicLink", "/dev/zero"), ("symbolicLink", "../../outside.bin"), ("hardLink", "../../outside.bin"),
        ("characterDevice", ""), ("pipe", ""),
    ])
    func linksAndDevicesAreNotMade(kind: String, link: String) throws {
        let kinds: [String: TarArchive.Kind] = [
            "symbolicLink": .symbolicLink, "hardLink": .hardLink, "characterDevice": .characterDevice, "pipe": .pipe,
        ]
        var archive = TarArchive()
        archive.add("\(CIFAR10.folderName)/data_batch_2.bin", try #require(kinds[kind]), link: link)
        archive.addDataset(without: "data_batch_2.bin")
        try expectRefusal(archive, "data_batch_2.bin")
    }

    /// A link, then a file of its name: the file must not be written through the link.
    @Test func aNameTwiceWritesThroughNoLink() throws {
        var archive = TarArchive()
        archive.add("\(CIFAR10.folderName)/data_batch_2.bin", .symbolicLink, link: outside)
        archive.addDataset()
        try install(try archive.compressed())
        #expect(try CIFAR10.load(from: target).trainLabels.count == 5)
        expectNothingElsewhere()
    }

    @Test func bombsAreNotUnpacked() throws {
        var archive = TarArchive()
        archive.add("\(CIFAR10.folderName)/data_batch_1.bin", [UInt8](repeating: 0, count: 61_000 * 3073))
        archive.addDataset(without: "data_batch_1.bin")
        try expectRefusal(archive, "data_batch_1.bin has more than the")
    }

    @Test func halfAnArchiveIsRefused() throws {
        var archive = TarArchive()
        archive.addDataset(without: "test_batch.bin")
        try expectRefusal(archive, "test_batch.bin")
        archive.add("\(CIFAR10.folderName)/test_batch.bin", Array(TarArchive.record.dropLast()))
        try expectRefusal(archive, "test_batch.bin has 3072 bytes")

        var whole = TarArchive()
        whole.addDataset()
        try expectRefusal(whole, "tar cannot extract", cut: 30)
        try around.write([], to: "target/a.tar.gz")
        #expect(throws: DatasetError.self) { try install([]) }
        #expect(throws: DatasetError.self) { try install(Array("no archive".utf8)) }
    }

    @Test func anArchiveMustBeARegularFile() throws {
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
        #expect(mkfifo("\(target)/a.tar.gz", 0o600) == 0)
        #expect(throws: (any Error).self) {
            try CIFAR10Archive(url: "http://127.0.0.1/a.tar.gz", md5: "").install(into: target)
        }
    }
}

/// Malicious servers.
@Suite(.serialized) struct HostileServerTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/a" }

    init() throws { folder = try TemporaryFolder() }

    private func failure(from server: FileServer, limit: Int = 1 << 20, attempts: Int = 1) throws -> String {
        var download = Download(url: try #require(URL(string: server.url)), path: path)
        (download.limit, download.attempts) = (limit, attempts)
        let error = #expect(throws: DownloadError.self) { try download.run() }
        #expect(!FileManager.default.fileExists(atPath: path))
        return error?.description ?? ""
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/a", "data:,a"])
    func redirectionOutOfTheWebIsNotFollowed(address: String) throws {
        let server = try FileServer([])
        server.head = "HTTP/1.1 302 Found\r\nLocation: \(address)\r\nContent-Length: 0\r\nConnection: close\r\n"
        #expect(try !failure(from: server).isEmpty)
        let kept = FileManager.default.contents(atPath: path + ".part") ?? Data()
        #expect(kept.isEmpty)
    }

    @Test func redirectionOnTheWebIsFollowedButNotForever() throws {
        let file = try FileServer(Array("the file".utf8)), server = try FileServer([])
        func redirect(to url: String) {
            server.head = "HTTP/1.1 302 Found\r\nLocation: \(url)\r\nContent-Length: 0\r\nConnection: close\r\n"
        }
        redirect(to: server.url)
        #expect(try !failure(from: server).isEmpty)
        #expect(server.requests.count < 50)
        redirect(to: file.url)
        try Download(url: try #require(URL(string: server.url)), path: path).run()
        #expect(FileManager.default.contents(atPath: path) == Data("the file".utf8))
    }

    /// Without a length, with a large one, and with one that overflows when bytes are added.
    @Test func anEndlessBodyIsRefused() throws {
        let server = try FileServer([1, 2, 3])
        server.isEndless = true
        server.head = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
        #expect(try failure(from: server).contains("has more than the \(1 << 20) bytes"))
        #expect(!FileManager.default.fileExists(atPath: path + ".part"))
        server.head = "HTTP/1.1 200 OK\r\nContent-Length: \(1 << 40)\r\nConnection: close\r\n"
        #expect(try failure(from: server).contains("has more than the \(1 << 20) bytes"))
        for length in ["\(Int64.max)", "9223372036854775808", "99999999999999999999999"] {
            server.head = "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\nConnection: close\r\n"
            #expect(try failure(from: server).contains("has more than the \(1 << 20) bytes"))
            #expect(!FileManager.default.fileExists(atPath: path + ".part"))
        }
        try folder.write([UInt8](repeating: 0, count: 5000), to: "a.part")
        server.head = "HTTP/1.1 206 Partial\r\nContent-Length: \(Int64.max - 4000)\r\nConnection: close\r\n"
        #expect(try failure(from: server).contains("has more than the \(1 << 20) bytes"))
        #expect(!FileManager.default.fileExists(atPath: path + ".part"))
    }

    @Test func nothingIsWrittenThroughALink() throws {
        let server = try FileServer(Array("evil".utf8))
        try folder.write([], to: "elsewhere")
        #expect(symlink("\(folder.path)/elsewhere", path + ".part") == 0)
        #expect(try failure(from: server).contains("not a regular file"))
        try FileManager.default.removeItem(atPath: path + ".part")
        #expect(mkfifo(path + ".part", 0o600) == 0)
        #expect(try failure(from: server).contains("not a regular file"))
        #expect(FileManager.default.contents(atPath: "\(folder.path)/elsewhere") == Data())
    }

    @Test func aBodyOfAnotherLengthThanAnnouncedIsCutOrRefused() throws {
        let server = try FileServer(Array("0123456789".utf8))
        server.head = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n"
        #expect(try !failure(from: server, attempts: 2).isEmpty)
        server.head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n"
        try? Download(url: try #require(URL(string: server.url)), path: path).run()
        // A longer body is cut there, or refused; the checksum decides.
        let taken = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        #expect(taken == nil || taken == "0123")
    }
}
