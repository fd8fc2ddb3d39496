import Foundation
import PyImageSearch
import Testing
@testable import Report

@Suite struct DefaultRunTests {
    @Test func everyChapterHasOne() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        #expect(try DefaultRun.all.map(\.chapter).sorted() == ReportFolder(root: root).chapterNames().sorted())
        #expect(try DefaultRun.named("Chapter11Train").commandLine == "swift run Chapter11Train --epochs 3")
        #expect(throws: ReportError.self) { try DefaultRun.named("Chapter99") }
    }

    /// Both loaders of folders take what is drawn.
    @Test func drawnFoldersAreDataSets() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: root) }
        try DrawnFolder(name: "tiny", width: 16, height: 16, perClass: 5).draw(in: root)
        let tiny = try TinyImageNet("\(root)/tiny")
        #expect(tiny.wordNetIDs.count == 10 && tiny.train.count == 50 && tiny.validation.count == 10)
        #expect(tiny.isValidationSorted)
        try DrawnFolder(name: "imagenet", width: 24, height: 16, perClass: 5).draw(in: root)
        let imageNet = try ImageNet("\(root)/imagenet")
        #expect(imageNet.wordNetIDs == tiny.wordNetIDs && imageNet.validation.count == 10)
    }
}
