import Foundation
import PyImageSearch
import System
import Testing

/// Which files of a folder are pictures, which are ignored, and which class each has. No picture is opened here.
@Suite struct DatasetFoldersTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ text: String = "", to names: String...) throws {
        for name in names { try folder.write(Array(text.utf8), to: name) }
    }

    /// Paths relative to the folder, with their labels.
    private func listed(_ samples: [(path: String, label: Int)]) -> [String] {
        samples.map { "\($0.path.dropFirst(folder.path.count + 1)) \($0.label)" }
    }

    private func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing was refused"
        } catch { return "\(error)" }
    }

    // MARK: - Folders

    @Test func hiddenFilesAreIgnored() throws {
        try write(to: "b.txt", "a", ".DS_Store", "._a", ".folder/x", "__MACOSX/x", "lost+found/x", "folder/x", "__MAC")
        #expect(symlink("nowhere", "\(folder.path)/link") == 0 && symlink("folder", "\(folder.path)/linked") == 0)
        #expect(mkfifo("\(folder.path)/pipe", 0o600) == 0)
        let contents = try FolderContents(folder.path)
        #expect(contents.files == ["__MAC", "a", "b.txt", "link"])
        #expect(contents.folders == ["folder", "linked"])
        #expect(contents.hiddenCount == 5 && contents.otherCount == 1)
        #expect(refusal { _ = try FolderContents("\(folder.path)/none") }.contains("No such file"))
        #expect(refusal { _ = try FolderContents("\(folder.path)/a") }.contains("Not a directory"))
    }

    @Test func fileNamesNeedNotBeText() throws {
        let descriptor = open("\(folder.path)/", O_RDONLY)
        defer { close(descriptor) }
        let made = openat(descriptor, [CChar(bitPattern: 0xFF), 0x61, 0], O_CREAT | O_WRONLY, 0o600)
        // Some file systems have no such names.
        guard made >= 0 else { return }
        close(made)
        let contents = try FolderContents(folder.path)
        #expect(contents.otherCount == 0 && contents.files.map(\.pathBytes) == [[0xFF, 0x61]])
    }

    // MARK: - Tiny ImageNet

    private func makeTiny() throws {
        try write("n01\nn02\n", to: "wnids.txt")
        try write("a.JPEG\tn02\t0\nb.png\tn01\t0\n", to: "val/val_annotations.txt")
        try write(
            to: "train/n01/images/1.JPEG", "train/n01/images/2.PNG", "train/n01/images/3.jpg",
            "train/n01/images/4.Jpe", "train/n01/images/5.jfif", "train/n02/images/1.JPEG", "train/n01/n01_boxes.txt",
            "val/images/a.JPEG", "val/images/b.png")
    }

    @Test func tinyImageNetTakesAllFormatsOfTheDecoder() throws {
        try makeTiny()
        let plain = try TinyImageNet(folder.path)
        #expect(
            listed(plain.train)
                == ["1.JPEG", "2.PNG", "3.jpg", "4.Jpe", "5.jfif"].map { "train/n01/images/\($0) 0" } + [
                    "train/n02/images/1.JPEG 1"
                ])
        #expect(plain.passedOver.isEmpty && !plain.isValidationSorted)
        try write(
            to: "train/n01/images/._1.JPEG", "train/n01/images/.DS_Store", "train/n01/images/x.bmp",
            "train/n01/images/README", "train/n01/images/deep/6.JPEG", "val/images/._a.JPEG", "val/images/c.JPEG",
            "train/.hidden/images/1.JPEG", "train/n99/images/1.JPEG", "train/notes.txt")
        let dataset = try TinyImageNet(folder.path)
        #expect(listed(dataset.train) == listed(plain.train) && listed(dataset.validation) == listed(plain.validation))
        #expect(
            "\(dataset.passedOver)"
                == "passed over: 4 hidden, 1 folder, 3 of other kinds (without a suffix, .bmp, .txt), 2 that no list names"
        )
    }

    @Test func tinyImageNetMayLackTheFoldersOfImages() throws {
        try makeTiny()
        try FileManager.default.removeItem(atPath: "\(folder.path)/train")
        try write(to: "train/n01/1.JPEG", "train/n02/2.png")
        #expect(listed(try TinyImageNet(folder.path).train) == ["train/n01/1.JPEG 0", "train/n02/2.png 1"])
    }

    @Test(arguments: ["", "images/"])
    func tinyImageNetMayHaveValidationImagesInFoldersByClass(inner: String) throws {
        try makeTiny()
        try FileManager.default.removeItem(atPath: "\(folder.path)/val/images")
        try write(to: "val/n01/\(inner)val_2.JPEG", "val/n02/\(inner)val_1.png", "val/n01/\(inner)val_0.JPEG")
        // The list, and the emptied folder, may be left or not.
        for _ in 0..<2 {
            let dataset = try TinyImageNet(folder.path)
            #expect(dataset.isValidationSorted)
            #expect(
                listed(dataset.validation) == [
                    "val/n01/\(inner)val_0.JPEG 0", "val/n02/\(inner)val_1.png 1", "val/n01/\(inner)val_2.JPEG 0",
                ])
            try? FileManager.default.removeItem(atPath: "\(folder.path)/val/val_annotations.txt")
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/val/images", withIntermediateDirectories: true)
        }
        #expect(listed(try TinyImageNet(folder.path, classes: 1).validation).count == 2)
        try write(to: "val/n99/a.JPEG")
        #expect(refusal { _ = try TinyImageNet(folder.path) }.contains("val/n99: the class n99 is not in"))
    }

    @Test func blanksAtTheEndsOfLinesAreIgnored() throws {
        try makeTiny()
        let plain = listed(try TinyImageNet(folder.path).validation)
        try write("\u{FEFF}n01 \r\nn02\t\r\n \t\r\n\r\n", to: "wnids.txt")
        try write("a.JPEG\tn02 \r\n b.png \t n01\t0 \r\n   \r\n\r\n", to: "val/val_annotations.txt")
        #expect(listed(try TinyImageNet(folder.path).validation) == plain)
    }

    // MARK: - ImageNet

    private func makeImageNet(_ groundTruth: String?, wnids: String? = nil) throws {
        try write(
            to: "train/n01/1.JPEG", "train/n01/2.png", "train/n02/1.JPEG", "train/.DS_Store", "train/n03/images/1.JPG",
            "train/__MACOSX/1.JPEG")
        try write(to: "val/v1.JPEG", "val/v2.png", "val/v3.JPEG", "val/._v1.JPEG", "val/notes.txt")
        if let groundTruth { try write(groundTruth, to: ImageNet.groundTruthName) }
        if let wnids { try write(wnids, to: "wnids.txt") }
    }

    private func labels(sortedLabels: Bool = false) throws -> [Int] {
        try ImageNet(folder.path, sortedLabels: sortedLabels).validation.map(\.label)
    }

    @Test func imageNetTakesAllFormatsOfTheDecoder() throws {
        try makeImageNet("n03\nn01\nn02\n")
        let dataset = try ImageNet(folder.path)
        #expect(dataset.wordNetIDs == ["n01", "n02", "n03"])
        #expect(listed(dataset.validation) == ["val/v1.JPEG 2", "val/v2.png 0", "val/v3.JPEG 1"])
        try write(to: "train/n02/x.webp", "train/n02/y/z.JPEG")
        var passedOver = dataset.passedOver
        #expect("\(passedOver)" == "passed over: 3 hidden, 1 of other kinds (.txt)")
        #expect(
            listed(try dataset.train(passingOver: &passedOver)) == [
                "train/n01/1.JPEG 0", "train/n01/2.png 0", "train/n02/1.JPEG 1", "train/n03/images/1.JPG 2",
            ])
        #expect("\(passedOver)" == "passed over: 3 hidden, 1 folder, 2 of other kinds (.txt, .webp)")
    }

    /// The challenge's own numbers count in an order that the folders do not show.
    @Test func numbersNeedAnOrder() throws {
        try makeImageNet("3\n1\n2\n")
        let refused = refusal { _ = try labels() }
        for word in ["has numbers", "wnids.txt", "meta.mat"] { #expect(refused.contains(word)) }
        #expect(!refused.contains("\n"))
        #expect(try labels(sortedLabels: true) == [2, 0, 1])
        try write("n02 \r\nn03\r\nn01\r\n \r\n", to: "wnids.txt")
        #expect(try labels() == [0, 1, 2])
        #expect(try labels(sortedLabels: true) == [2, 0, 1])
        // One number among names is enough to need an order.
        try FileManager.default.removeItem(atPath: "\(folder.path)/wnids.txt")
        try write("n03\nn01\n2\n", to: ImageNet.groundTruthName)
        #expect(refusal { _ = try labels() }.contains("has numbers"))
        try write("n03 \nn01\t\nn02\n \n\n", to: ImageNet.groundTruthName)
        #expect(try labels() == [2, 0, 1])
    }

    /// An empty or doubled line would shift all numbers after it.
    @Test func anOrderThatCannotBeCountedIsRefused() throws {
        try makeImageNet("3\n1\n2\n", wnids: "n01\n\nn02\nn03\n")
        #expect(refusal { _ = try labels() }.contains("wnids.txt, line 2 is empty"))
        try write("n01\nn02\nn01\n", to: "wnids.txt")
        #expect(refusal { _ = try labels() }.contains("lists n01 twice, in lines 1 and 3"))
    }

    @Test(arguments: ["", "images/"])
    func imageNetMayHaveValidationImagesInFoldersByClass(inner: String) throws {
        try makeImageNet("3\n1\n2\n")
        try FileManager.default.removeItem(atPath: "\(folder.path)/val")
        try write(
            to: "val/n02/\(inner)v1.JPEG", "val/n01/\(inner)v2.png", "val/n02/\(inner)._v3.JPEG", "val/.x/v4.JPEG")
        let dataset = try ImageNet(folder.path)
        #expect(dataset.isValidationSorted && dataset.counting == nil)
        #expect(listed(dataset.validation) == ["val/n02/\(inner)v1.JPEG 1", "val/n01/\(inner)v2.png 0"])
        #expect(listed(try ImageNet(folder.path, classes: 1).validation) == ["val/n01/\(inner)v2.png 0"])
        let refused = refusal { _ = try ImageNet(folder.path, groundTruth: "list.txt") }
        #expect(refused.contains("folders by their classes") && refused.contains("leave list.txt out"))
        try write(to: "val/n99/v5.JPEG")
        #expect(refusal { _ = try ImageNet(folder.path) }.contains("the class n99 is not in"))
    }
}
