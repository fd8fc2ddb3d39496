import Foundation
import System
import Testing
@testable import PyImageSearch

/// A folder that is deleted after the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: [UInt8], to name: String) throws {
        let file = "\(path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }
}

/// A record whose pixel (row, column) has red = row, green = column, blue = label.
private func record(_ label: UInt8) -> [UInt8] {
    var bytes = [label]
    for row in 0..<32 { bytes += [UInt8](repeating: UInt8(row), count: 32) }
    for _ in 0..<32 { bytes += (0..<32).map { UInt8($0) } }
    return bytes + [UInt8](repeating: label, count: 1024)
}

/// The official layout with two records in every file.
private func makeDataset(in folder: TemporaryFolder, at place: String = CIFAR10.folderName) throws {
    for (number, file) in (CIFAR10.trainFiles + [CIFAR10.testFile]).enumerated() {
        try folder.write(record(UInt8(number)) + record(UInt8(9 - number)), to: "\(place)/\(file)")
    }
}

@Suite struct CIFAR10Tests {
    @Test func readsTheOfficialLayout() throws {
        let folder = try TemporaryFolder()
        try makeDataset(in: folder)
        try folder.write(
            Array(
                "airplane\r\nautomobile\r\nbird\r\ncat\r\ndeer\r\ndog\r\nfrog\r\nhorse\r\nship\r\ntruck\r\n\r\n".utf8),
            to: "\(CIFAR10.folderName)/\(CIFAR10.namesFile)")
        let data = try CIFAR10.load(from: folder.path)
        #expect(data.trainImages.shape == [10, 32, 32, 3])
        #expect(data.trainLabels == [0, 9, 1, 8, 2, 7, 3, 6, 4, 5])
        #expect(data.testLabels == [5, 4])
        #expect(data.classNames == CIFAR10.classNames)
        // Planes become channels: pixel (20, 7) of the second image.
        let pixel = ((1 * 32 + 20) * 32 + 7) * 3
        #expect(Array(data.trainImages.bytes[pixel..<pixel + 3]) == [20, 7, 9])
    }

    @Test func theFolderItselfMayBeNamed() throws {
        let folder = try TemporaryFolder()
        try makeDataset(in: folder, at: ".")
        #expect(try CIFAR10.load(from: folder.path).trainLabels.count == 10)
    }

    @Test func limitKeepsTheFirst() throws {
        let folder = try TemporaryFolder()
        try makeDataset(in: folder)
        var data = try CIFAR10.load(from: folder.path)
        data.limitTraining(to: 3)
        #expect(data.trainLabels == [0, 9, 1] && data.trainImages.shape[0] == 3)
        data.limitTraining(to: 100)
        #expect(data.trainLabels.count == 3)
    }

    @Test func truncatedFileIsNamedWithItsSize() throws {
        let folder = try TemporaryFolder()
        try makeDataset(in: folder)
        try folder.write(Array(record(1).dropLast()), to: "\(CIFAR10.folderName)/data_batch_3.bin")
        #expect { try CIFAR10.load(from: folder.path) } throws: {
            "\($0)".contains("data_batch_3.bin has 3072 bytes") && "\($0)".contains("3073")
        }
        try folder.write([], to: "\(CIFAR10.folderName)/data_batch_3.bin")
        #expect { try CIFAR10.load(from: folder.path) } throws: { "\($0)".contains("data_batch_3.bin has 0 bytes") }
    }

    @Test func labelTwelveIsNamedWithItsRecord() throws {
        let folder = try TemporaryFolder()
        try makeDataset(in: folder)
        try folder.write(record(3) + record(12), to: "\(CIFAR10.folderName)/test_batch.bin")
        #expect { try CIFAR10.load(from: folder.path) } throws: {
            "\($0)".contains("test_batch.bin: record 1 has label 12")
        }
    }

    @Test func missingPiecesAreNamed() throws {
        let folder = try TemporaryFolder()
        #expect { try CIFAR10.load(from: "\(folder.path)/nowhere") } throws: { "\($0)".contains("does not exist") }
        #expect { try CIFAR10.load(from: folder.path) } throws: { "\($0)".contains("holds no cifar-10-batches-bin") }
        try makeDataset(in: folder)
        let batch = "\(folder.path)/\(CIFAR10.folderName)/data_batch_2.bin"
        try FileManager.default.removeItem(atPath: batch)
        #expect { try CIFAR10.load(from: folder.path) } throws: { "\($0)".contains("data_batch_2.bin does not exist") }
        try FileManager.default.createDirectory(atPath: batch, withIntermediateDirectories: false)
        #expect { try CIFAR10.load(from: folder.path) } throws: { "\($0)".contains("data_batch_2.bin is a folder") }
        #expect { try CIFAR10.load(from: "\(folder.path)/\(CIFAR10.folderName)/test_batch.bin") } throws: {
            "\($0)".contains("is not a folder")
        }
    }

    /// The authors' other versions of the data set are named, with the one to use instead.
    @Test(arguments: [
        ("cifar-10-batches-py/data_batch_1", "Python"), ("cifar-10-python.tar.gz", "Python"),
        ("data_batch_1", "Python"), ("cifar-10-batches-mat/data_batch_1.mat", "Matlab"),
        ("cifar-10-matlab.tar.gz", "Matlab"), ("cifar-100-binary/train.bin", "CIFAR-100"),
        ("cifar-100-python/train", "CIFAR-100"),
    ])
    func otherVersionsOfTheDataSetAreNamed(file: String, version: String) throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: file)
        let inside = (file as NSString).deletingLastPathComponent
        let places = [folder.path, "\(folder.path)/\(inside.isEmpty ? file : inside)"]
        for place in places where place != "\(folder.path)/data_batch_1" {
            #expect { try CIFAR10.load(from: place) } throws: {
                "\($0)".contains(version) && "\($0)".contains("cifar-10-binary.tar.gz") && !"\($0)".contains("\n")
            }
        }
        // Also in the default folders.
        let environment = ["PYIMAGESEARCH_DATA": folder.path, "HOME": folder.path]
        #expect {
            try CIFAR10Location.find(nil, environment: environment) { _ in throw FileError("no network") }
        } throws: {
            "\($0)".contains(version) && "\($0)".contains("no network")
        }
        // Beside the binary files another version does no harm.
        try makeDataset(in: folder)
        #expect(try CIFAR10.load(from: folder.path).trainLabels.count == 10)
    }

    @Test func anArchiveThatIsStillPackedIsNamed() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "cifar-10-binary.tar.gz")
        for place in [folder.path, "\(folder.path)/cifar-10-binary.tar.gz"] {
            #expect { try CIFAR10.load(from: place) } throws: { "\($0)".contains("still packed") }
        }
    }

    @Test func classNamesOfAnotherNumberAreRefused() throws {
        let folder = try TemporaryFolder()
        try makeDataset(in: folder)
        try folder.write([66, 10, 65], to: "\(CIFAR10.folderName)/\(CIFAR10.namesFile)")
        #expect { try CIFAR10.load(from: folder.path) } throws: { "\($0)".contains("names 2 classes") }
    }

    @Test func placesAreSearchedInOrderBeforeDownloading() throws {
        let (variable, home) = (try TemporaryFolder(), try TemporaryFolder())
        let environment = ["PYIMAGESEARCH_DATA": variable.path, "HOME": home.path]
        let cache = "\(home.path)/.cache/pyimagesearch"
        var downloads = 0
        func find() throws -> String {
            try CIFAR10Location.find(nil, environment: environment) { folder in
                downloads += 1
                #expect(folder == cache)
                try makeDataset(in: home, at: ".cache/pyimagesearch/\(CIFAR10.folderName)")
            }
        }
        #expect(try find() == "\(cache)/\(CIFAR10.folderName)")
        #expect(try find() == "\(cache)/\(CIFAR10.folderName)")
        #expect(downloads == 1)
        try makeDataset(in: variable)
        #expect(try find() == "\(variable.path)/\(CIFAR10.folderName)")
    }

    @Test func theOfflineErrorNamesFourRemedies() throws {
        let home = try TemporaryFolder()
        #expect {
            try CIFAR10Location.find(nil, environment: ["HOME": home.path]) { _ in throw FileError("no network") }
        } throws: { error in
            let message = "\(error)"
            return [
                "no network", "$PYIMAGESEARCH_DATA", "data/", "\(home.path)/.cache/pyimagesearch",
            ]
            .allSatisfy { message.contains($0) } && !message.contains("\n")
                && (error as? DatasetError)?.remedy == .anotherFolderOrShapes
        }
    }
}

/// The archive, downloaded from a server on this machine.
@Suite(.serialized) struct CIFAR10ArchiveTests {
    /// A tar.gz in the official layout, and its MD5.
    private func makeArchive() throws -> (bytes: [UInt8], md5: String) {
        let folder = try TemporaryFolder()
        try makeDataset(in: folder)
        try folder.write(
            Array(CIFAR10.classNames.joined(separator: "\n").utf8), to: "\(CIFAR10.folderName)/batches.meta.txt")
        try folder.write(Array("readme".utf8), to: "\(CIFAR10.folderName)/readme.html")
        // Noise does not compress, so the download is long enough to break off.
        var noise = SystemRandomNumberGenerator()
        try folder.write(
            (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &noise) }, to: "\(CIFAR10.folderName)/noise")
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-czf", "\(folder.path)/archive.tar.gz", "-C", folder.path, CIFAR10.folderName]
        try tar.run()
        tar.waitUntilExit()
        let path = "\(folder.path)/archive.tar.gz"
        return (Array(try Data(contentsOf: URL(fileURLWithPath: path))), try md5(ofFile: path))
    }

    @Test func aDownloadIsCheckedAndUnpacked() throws {
        let (bytes, md5) = try makeArchive()
        let server = try FileServer(bytes), folder = try TemporaryFolder()
        try CIFAR10Archive(url: server.url, md5: md5).install(into: folder.path)
        #expect(try CIFAR10.load(from: folder.path).trainLabels.count == 10)
        // Only the expected files of the data set stay.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [CIFAR10.folderName])
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(CIFAR10.folderName)").count == 7)
    }

    /// Another program may have unpacked it while this one waited for the lock.
    @Test func whatIsUnpackedIsNotDownloadedAgain() throws {
        let server = try FileServer([1]), folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        try folder.write([2], to: "\(CIFAR10.folderName)/data_batch_1.bin")
        try CIFAR10Archive(url: server.url, md5: "").install(into: folder.path)
        #expect(server.requests.isEmpty)
    }

    @Test func aBrokenDownloadResumesWhereItEnded() throws {
        let (bytes, md5) = try makeArchive()
        let server = try FileServer(bytes), folder = try TemporaryFolder()
        server.breakAfter = 100_000
        try CIFAR10Archive(url: server.url, md5: md5).install(into: folder.path)
        #expect(try CIFAR10.load(from: folder.path).trainLabels.count == 10)
        #expect(server.requests.count == 2)
        #expect(server.requests.last?.contains("bytes=") == true)
        // No byte was sent twice.
        #expect(server.bytesSent <= bytes.count)
    }

    @Test func aServerThatIgnoresRangesSendsAllAgain() throws {
        let (bytes, md5) = try makeArchive()
        let server = try FileServer(bytes), folder = try TemporaryFolder()
        server.breakAfter = 100_000
        server.ignoresRanges = true
        try CIFAR10Archive(url: server.url, md5: md5).install(into: folder.path)
        #expect(try CIFAR10.load(from: folder.path).trainLabels.count == 10)
        #expect(server.bytesSent > bytes.count)
    }

    @Test func aFileWithAnotherChecksumIsDeleted() throws {
        let (bytes, md5) = try makeArchive()
        let server = try FileServer(bytes.reversed()), folder = try TemporaryFolder()
        #expect { try CIFAR10Archive(url: server.url, md5: md5).install(into: folder.path) } throws: {
            "\($0)".contains(md5) && "\($0)".contains("thrown away")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func aRefusalIsTold() throws {
        let server = try FileServer([]), folder = try TemporaryFolder()
        server.status = 404
        #expect { try CIFAR10Archive(url: server.url, md5: "").install(into: folder.path) } throws: {
            "\($0)".contains("404")
        }
        #expect(server.requests.count == 1)
    }

    @Test func noServerIsTold() throws {
        let folder = try TemporaryFolder()
        let url: String
        do { url = try FileServer([]).url }
        #expect(throws: DownloadError.self) { try CIFAR10Archive(url: url, md5: "").install(into: folder.path) }
    }
}
