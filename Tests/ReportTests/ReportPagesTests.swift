import Foundation
import Imaging
import Runs
import Testing
@testable import Report

/// A checkout with one chapter and one page. The check accepts what was written, and finds every difference.
@Suite struct ReportPagesTests {
    private static let chapter = """
        //: # A chapter
        //:
        //: @figure 11.6

        print("hello")
        """

    private func withCheckout(_ body: (ReportFolder, (_ path: String, _ text: String) throws -> Void) throws -> Void)
        throws
    {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: root) }
        func write(_ path: String, _ text: String) throws {
            let url = URL(fileURLWithPath: "\(root)/\(path)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        try write("Chapters/Chapter1/Chapter1.swift", Self.chapter)
        try write("report/prose/report.md", "# Report\n\n[one](chapters/Chapter1.md)\n\n@table cifar10\n")
        let folder = ReportFolder(root: root)
        for figure in Figure.all where figure.name == "11.6" { try figure.write(in: folder) }
        try keepRun(in: folder)
        try body(folder, write)
    }

    private func build(_ folder: ReportFolder) throws {
        for (path, text) in try ReportPages(folder).texts {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }
    }

    /// Without the figures that this small checkout has not drawn.
    private func faults(_ folder: ReportFolder) throws -> [String] {
        try ReportPages(folder).faults().filter { !$0.contains("/figures/") || $0.contains("/11.6.") }
            .map { $0.replacing(folder.root + "/", with: "") }
    }

    @Test func aWrittenReportHasNoFaults() throws {
        try withCheckout { folder, _ in
            #expect(try faults(folder).contains("report/report.md differs from what its sources make"))
            try build(folder)
            #expect(try faults(folder) == [])
            let page = try folder.text("report/chapters/Chapter1.md")
            #expect(page.hasPrefix("# A chapter\n\nRun it with `swift run Chapter1`;"))
            #expect(page.contains("](../../figures/11.6.svg)") && page.contains("```swift\nprint(\"hello\")\n```"))
            #expect(page.contains("(../../Chapters/Chapter1/Chapter1.swift#L5-L5)"))
            #expect(try folder.text("report/report.md").contains("* Not run here: experiment 1 (book 87.95 %, "))
        }
    }

    /// A run of the chapter, which printed in line 5.
    private func keepRun(in folder: ReportFolder) throws {
        let source = "print(\"hello\")"
        var transcript = Transcript()
        transcript.add("[INFO] hello", line: 5, source: source)
        transcript.add(picture: "plot.png", line: 5, source: source)
        let pictures = "\(folder.root)/output/models"
        try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
        try Image(height: 300, width: 1500, pixels: [UInt8](repeating: 200, count: 300 * 1500 * 3))
            .write(to: "\(pictures)/plot.png")
        let run = ChapterRun(
            commandLine: "swift run Chapter1", started: Date(timeIntervalSince1970: 0), seconds: 75,
            transcript: transcript)
        try folder.keep(run, of: "Chapter1", picturesIn: "\(folder.root)/output")
    }

    @Test func outputsStandUnderTheCodeThatPrintedThem() throws {
        try withCheckout { folder, write in
            try build(folder)
            let page = try folder.text("report/chapters/Chapter1.md")
            #expect(page.contains("The outputs under the code are those of `swift run Chapter1`, 1:15 on "))
            #expect(
                page.contains(
                    """
                    #L5-L5)</sub>

                    ```output
                    [INFO] hello
                    ```

                    ![plot.png](../../report/outputs/Chapter1/plot.png)
                    <sub>output of [this run](../../report/outputs/Chapter1.json)</sub>
                    """))
            let picture = try Image(contentsOf: "\(folder.root)/report/outputs/Chapter1/plot.png")
            #expect(picture.width == 1000 && picture.height == 200 && picture.pixels.allSatisfy { $0 == 200 })

            // The line moves: that is a fault until the report is built again.
            try write("Chapters/Chapter1/Chapter1.swift", Self.chapter.replacing("//:\n", with: "//:\n//: more\n//:\n"))
            let moved =
                "report/outputs/Chapter1.json: line 5 of the chapter, which printed, is not `print(\"hello\")` any more"
            #expect(try faults(folder).contains(moved))
            try folder.moveOutputs("Chapter1", source: folder.text("Chapters/Chapter1/Chapter1.swift"))
            try build(folder)
            #expect(try faults(folder) == [])

            // The line changes: only another run mends that.
            try write("Chapters/Chapter1/Chapter1.swift", Self.chapter.replacing("hello", with: "goodbye"))
            try folder.moveOutputs("Chapter1", source: folder.text("Chapters/Chapter1/Chapter1.swift"))
            try build(folder)
            #expect(try faults(folder).count == 1)
        }
    }

    @Test func aChapterThatNeverRanIsAFault() throws {
        try withCheckout { folder, _ in
            try FileManager.default.removeItem(atPath: "\(folder.report)/outputs")
            try build(folder)
            #expect(
                try faults(folder) == ["report/outputs/Chapter1.json does not exist: swift run Report run Chapter1"])
        }
    }

    @Test func differencesBetweenCodeAndPageAreFound() throws {
        try withCheckout { folder, write in
            try build(folder)
            try write("Chapters/Chapter1/Chapter1.swift", Self.chapter.replacing("hello", with: "good-bye"))
            #expect(try faults(folder).contains("report/chapters/Chapter1.md differs from what its sources make"))
            try write("Chapters/Chapter1/Chapter1.swift", Self.chapter)
            let report = try folder.text("report/report.md")
            try write("report/report.md", report.replacing("87.95", with: "97.95"))
            #expect(try faults(folder) == ["report/report.md differs from what its sources make"])
        }
    }

    @Test func missingFilesAreFound() throws {
        try withCheckout { folder, write in
            try build(folder)
            try FileManager.default.removeItem(atPath: "\(folder.figures)/11.6.svg")
            #expect(
                try Set(faults(folder)) == [
                    "figures/11.6.svg does not exist",
                    "report/chapters/Chapter1.md links to ../../figures/11.6.svg, which does not exist",
                ])
            try Figure.named("11.6").write(in: folder)
            try write("report/chapters/Gone.md", "")
            #expect(try faults(folder) == ["report/chapters/Gone.md belongs to no chapter"])
            try FileManager.default.removeItem(atPath: "\(folder.chapters)/Gone.md")
            try write("report/prose/report.md", "[two](chapters/Chapter2.md)\n")
            try build(folder)
            #expect(
                try faults(folder) == ["report/report.md links to chapters/Chapter2.md, which does not exist"])
        }
    }

    @Test func everyFileOfProseBecomesAPage() throws {
        try withCheckout { folder, write in
            try write("Library.swift", "import Foundation\n\nstruct A {\n    func b() {\n        c()\n    }\n}\n")
            try write(
                "report/prose/Chapter07.md",
                "# Prose\n\n@figure 11.6\n\n@source Library.swift A.b\n\n@source Library.swift\n")
            try build(folder)
            #expect(try faults(folder) == [])
            let page = try folder.text("report/chapters/Chapter07.md")
            #expect(page.hasPrefix("# Prose\n") && page.contains("](../../figures/11.6.svg)"))
            #expect(
                page.contains(
                    "```swift\nfunc b() {\n    c()\n}\n```\n<sub>[Library.swift, lines 4 to 6](../../Library.swift#L4-L6)</sub>"
                ))
            #expect(
                page.contains("```swift\nstruct A {\n") && page.contains("<sub>[Library.swift](../../Library.swift)"))

            try write("report/prose/Chapter07.md", "# Other prose\n")
            #expect(try faults(folder) == ["report/chapters/Chapter07.md differs from what its sources make"])
            try FileManager.default.removeItem(atPath: "\(folder.root)/report/prose/Chapter07.md")
            #expect(try faults(folder) == ["report/chapters/Chapter07.md belongs to no chapter"])
        }
    }

    @Test func proseCannotHaveTheNameOfAChapter() throws {
        try withCheckout { folder, write in
            try write("report/prose/Chapter1.md", "# Prose\n")
            #expect(throws: ReportError("report/prose/Chapter1.md has the name of a chapter")) {
                _ = try ReportPages(folder)
            }
        }
    }

    @Test func unknownNamesAreReported() throws {
        try withCheckout { folder, write in
            for (prose, name) in [
                ("@figure 11.99", "11.99"), ("@table none", "none"), ("@source No.swift", "No.swift"),
                ("@source Chapters/Chapter1/Chapter1.swift Nobody", "does not declare Nobody"),
            ] {
                try write("report/prose/report.md", prose)
                let error = try #require(throws: ReportError.self) { _ = try ReportPages(folder) }
                #expect(error.description.contains(name))
            }
            try write("Chapters/Chapter1/Chapter1.swift", "print(1)")
            #expect(throws: ReportError.self) { _ = try ReportPages(folder) }
        }
    }
}
