import Foundation
import System
import Testing
@testable import PyImageSearch

/// Malformed lists from outside: each is read, or refused in one line that names it.
@Suite struct HostileTextTests {
    private func lines(_ text: String) throws -> [String] { try lines(Array(text.utf8)) }

    private func lines(_ bytes: [UInt8]) throws -> [String] {
        let folder = try TemporaryFolder()
        try folder.write(bytes, to: "list.txt")
        return try TextLines.read("\(folder.path)/list.txt")
    }

    private func refusal(of bytes: [UInt8]) -> String {
        do { return "accepted: \(try lines(bytes))" } catch { return "\(error)" }
    }

    @Test func everySystemsLines() throws {
        #expect(try lines("a\nb\n") == ["a", "b"])
        #expect(try lines("a\r\nb\r\n\r\n") == ["a", "b"])
        #expect(try lines("a\rb") == ["a", "b"])
        #expect(try lines("\u{FEFF}a\n\n b ") == ["a", "", " b "])
        #expect(try lines("") == [] && lines("\n\n") == [])
        // In Unicode these end lines too; in the lists they do not.
        #expect(try lines("a\u{2028}b\u{85}c") == ["a\u{2028}b\u{85}c"])
    }

    @Test func aLineThatIsNotTextIsNamed() throws {
        #expect(refusal(of: Array("a\n".utf8) + [0xFF, 0xFE]).hasSuffix("list.txt, line 2: it is not text in UTF-8"))
        #expect(refusal(of: [0xFF, 0xFE, 0x61, 0]).contains("line 1: it holds a NUL"))
        #expect(refusal(of: Array("a\nb\0c".utf8)).contains("line 2: it holds a NUL"))
        let long = [UInt8](repeating: 0x61, count: 5000)
        #expect(refusal(of: Array("a\r\n".utf8) + long).contains("line 2: it has 5000 bytes, more than the 4096"))
    }

    /// A gigabyte without a line break is refused before a byte is read, and the reader does not wait for a pipe.
    @Test func onlyAListIsRead() throws {
        let folder = try TemporaryFolder()
        let huge = "\(folder.path)/huge", pipe = "\(folder.path)/pipe", loop = "\(folder.path)/loop"
        try folder.write([], to: "huge")
        try FileHandle(forWritingTo: URL(fileURLWithPath: huge)).truncate(atOffset: 1 << 30)
        #expect(mkfifo(pipe, 0o600) == 0 && symlink(loop, loop) == 0)
        for (path, reason) in [
            (huge, "it has \(1 << 30) bytes, more than"), (pipe, "it is not a regular file"), (loop, "symbolic link"),
            (folder.path, "it is a folder"), ("/dev/zero", "it is not a regular file"),
        ] {
            let error = #expect(throws: FileError.self) { try TextLines.read(path) }
            #expect(error?.description.contains(reason) == true, "\(path): \(error?.description ?? "")")
            let history = #expect(throws: FileError.self) { try md5(ofFile: path == huge ? pipe : path) }
            #expect(history?.description.contains("\n") == false)
        }
    }

    // MARK: - The data sets' lists

    /// An empty tree of both data sets: the pictures are never opened.
    private func makeTree(wnids: String = "n01\nn02\n", annotations: String = "a.JPEG\tn02\n") throws -> TemporaryFolder
    {
        let folder = try TemporaryFolder()
        for name in ["n01", "n02"] {
            try folder.write([], to: "train/\(name)/images/\(name)_0.JPEG")
            try folder.write([], to: "train/\(name)/\(name)_0.JPEG")
        }
        for name in ["a", "b"] {
            try folder.write([], to: "val/images/\(name).JPEG")
            try folder.write([], to: "val/\(name).JPEG")
        }
        try folder.write(Array(wnids.utf8), to: "wnids.txt")
        try folder.write(Array(annotations.utf8), to: "val/val_annotations.txt")
        return folder
    }

    private func tiny(wnids: String = "n01\nn02\n", annotations: String = "a.JPEG\tn02\n") throws -> String {
        let folder = try makeTree(wnids: wnids, annotations: annotations)
        do {
            let dataset = try TinyImageNet(folder.path)
            return dataset.validation.map { "\($0.path.dropFirst(folder.path.count + 1)) \($0.label)" }
                .joined(separator: ", ")
        } catch { return "\(error)" }
    }

    @Test func listsWithWindowsLineEndsAreRead() throws {
        #expect(
            try tiny(wnids: "\u{FEFF}n01\r\nn02\r\n", annotations: "a.JPEG\tn02\t0\t0\r\nb.JPEG\tn01\r\n")
                == "val/images/a.JPEG 1, val/images/b.JPEG 0")
    }

    /// A list names files in a folder, not elsewhere. A slash with a combining accent is another character in Swift,
    /// but not for the system.
    @Test(arguments: ["../n01", "..", ".", "/etc", "n01/../n01", "n01/", "../\u{301}x", "/\u{301}"])
    func namesThatLeadElsewhereAreRefused(name: String) throws {
        let classes = try tiny(wnids: "n01\nn02\n\(name)\n")
        #expect(classes.contains("is not the name of a folder"), "\(classes)")
        let files = try tiny(annotations: "\(name)\tn01\n")
        #expect(
            files.contains("val_annotations.txt, line 1") && files.contains("is not the name of a file"), "\(files)")
    }

    @Test func annotationsWithoutColumnsAreRefused() throws {
        #expect(try tiny(annotations: "a.JPEG n01\n").contains("line 1: not a file name and a class"))
        #expect(try tiny(annotations: "a.JPEG\t\n").contains("line 1: the class "))
        #expect(try tiny(annotations: "\tn01\n").contains("line 1:  is not the name of a file"))
        #expect(try tiny(annotations: "a.JPEG\tn01\u{301}\n").contains("is not in wnids.txt"))
        #expect(try tiny(wnids: "").contains("lists no classes"))
        #expect(try tiny(wnids: "n01\nn01\n").contains("lists a class twice"))
    }

    private func imageNet(_ groundTruth: String, wnids: String = "n01\nn02\n") throws -> String {
        let folder = try makeTree(wnids: wnids)
        try folder.write(Array(groundTruth.utf8), to: ImageNet.groundTruthName)
        do {
            let dataset = try ImageNet(folder.path)
            return dataset.validation.map { "\($0.label)" }.joined(separator: ", ") + " of \(try dataset.train().count)"
        } catch { return "\(error)" }
    }

    /// The smallest integer has no predecessor, and a number beyond all integers is a name.
    @Test(arguments: ["-9223372036854775808", "9223372036854775807", "0", "-1", "3"])
    func numbersThatCountNoClassAreRefused(number: String) throws {
        let refused = try imageNet("1\n\(number)\n")
        #expect(refused.contains("line 2: there is no class \(number); they go from 1 to 2"), "\(refused)")
        // In an empty list there are no classes at all.
        #expect(try imageNet("1\n2\n", wnids: "").contains("line 1: there is no class 1"))
    }

    @Test func groundTruthsOfOtherKindsAreRefused() throws {
        #expect(try imageNet("2\r\n 1 \r\n") == "1, 0 of 2")
        #expect(try imageNet("9223372036854775808\n1\n").contains("\"9223372036854775808\" of a.JPEG is not in"))
        #expect(try imageNet("nan\n1\n").contains("the class \"nan\""))
        #expect(try imageNet("1\n1\n1\n").contains("has 3 lines"))
        #expect(try imageNet("").contains("has 0 lines"))
    }

    // MARK: - CIFAR-10's files

    @Test func filesThatAreNotCIFAR10AreRefused() throws {
        let folder = try TemporaryFolder()
        for file in CIFAR10.trainFiles + [CIFAR10.testFile] {
            try folder.write([3] + [UInt8](repeating: 9, count: 3072), to: file)
        }
        func refusal() -> String {
            do { return "\(try CIFAR10.load(from: folder.path).trainLabels)" } catch { return "\(error)" }
        }
        #expect(refusal() == "[3, 3, 3, 3, 3]")
        try folder.write(Array("\u{FEFF}a\r\nb\nc\rd\ne\nf\ng\nh\ni\n j \n\n".utf8), to: CIFAR10.namesFile)
        #expect(try CIFAR10.load(from: folder.path).classNames == "abcdefghij".map(String.init))
        try folder.write(Array("airplane\0".utf8), to: CIFAR10.namesFile)
        #expect(refusal().contains("batches.meta.txt, line 1: it holds a NUL"))
        try FileManager.default.removeItem(atPath: "\(folder.path)/\(CIFAR10.namesFile)")

        let third = "\(folder.path)/data_batch_3.bin"
        try FileHandle(forWritingTo: URL(fileURLWithPath: third)).truncate(atOffset: 3073 << 30)
        #expect(refusal().contains("data_batch_3.bin: it has"))
        try FileManager.default.removeItem(atPath: third)
        #expect(mkfifo(third, 0o600) == 0)
        #expect(refusal().contains("data_batch_3.bin: it is not a regular file"))
        try FileManager.default.removeItem(atPath: third)
        #expect(symlink(third, third) == 0)
        #expect(refusal().contains("data_batch_3.bin"))
    }

    // MARK: - JSON

    /// JSON that is nested too deep, has a key twice, or numbers that are not numbers.
    @Test(arguments: [
        String(repeating: "[", count: 100_000), String(repeating: "{\"R\":", count: 100_000), "", "[]", "null",
        "{\"R\": 1, \"G\": 1e999, \"B\": 1}", "{\"R\": NaN, \"G\": 1, \"B\": 1}", "{\"R\": -1, \"G\": 1, \"B\": 1}",
        "{\"R\": 1, \"G\": 1, \"B\": \"1\"}", "{\"R\": 1, \"G\": 1, \"B\": 1", "{\"R\": 1, \"G\": 1, \"B\": 256}", "\0",
    ])
    func meansThatAreNone(text: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(Array(text.utf8), to: "means.json")
        let error = #expect(throws: DatasetError.self) { try ChannelMeans(contentsOf: "\(folder.path)/means.json") }
        #expect(error?.description.contains("means.json") == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test func aKeyTwiceIsOneKey() throws {
        let folder = try TemporaryFolder()
        try folder.write(Array("{\"R\": 1, \"G\": 2, \"B\": 3, \"B\": 4}".utf8), to: "means.json")
        let means = try ChannelMeans(contentsOf: "\(folder.path)/means.json")
        #expect(means.red == 1 && means.green == 2 && [3, 4].contains(means.blue))
    }
}
