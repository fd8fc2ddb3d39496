import Testing
@testable import System

@Suite struct ProgressLineTests {
    /// The line of Inception v1: three outputs, seven numbers.
    private static let inception = ProgressLine(
        count: "12/195", share: 12.0 / 195, secondsLeft: 65, runSecondsLeft: 2050, speed: "512 images/s",
        numbers: ["loss: 3.8234", "output_acc: 0.1250", "output_loss: 2.3355"]
            + [1, 2].flatMap { ["auxilliary_output_\($0)_acc: 0.1250", "auxilliary_output_\($0)_loss: 2.8414"] })
    private static let validating = ProgressLine(
        title: "validating", count: "12/30", share: 0.4, secondsLeft: 3, numbers: ["loss: 1.2500", "acc: 0.5000"])
    private static let building = ProgressLine(
        title: "images decoded for train:", count: "1200000/1281167", share: 0.93, secondsLeft: 3661, speed: "81/s")
    private static let download = ProgressLine(
        title: "\u{732B}\u{306E}\u{5199}\u{771F}.tar.gz:", count: "12.3 MB", speed: "5.0 MB/s")

    @Test(arguments: [inception, validating, building, download])
    func noLineReachesTheLastColumn(line: ProgressLine) {
        for width in 0...200 {
            #expect(line.text(width: width).displayWidth <= max(width - 1, 0), "\(width)")
        }
    }

    @Test func wideTerminalsShowEverything() {
        #expect(
            Self.validating.text(width: 200)
                == "validating 12/30 [============..................] - ETA: 3s - loss: 1.2500 - acc: 0.5000")
        let line = Self.inception.text(width: 280)
        #expect(
            line.hasPrefix(
                "12/195 [=.............................] - ETA: 1:05 - run: 34:10 - 512 images/s - loss: 3.8"))
        #expect(line.hasSuffix("auxilliary_output_2_loss: 2.8414"))
    }

    /// From the widest terminal to the narrowest, each part is dropped at some width and does not return.
    @Test func partsAreDroppedInOrder() {
        let parts = [
            "images/s", "output_2_loss", "output_2_acc", "output_1_loss", "output_1_acc", "- output_loss", "run:", "[",
            "- output_acc", "ETA:", "12/195", "loss: 3.8234",
        ]
        let narrowest = parts.map { part in
            let shown = (20...280).map { Self.inception.text(width: $0).contains(part) }
            #expect(shown == shown.sorted { !$0 && $1 }, "\(part) comes back")
            return shown.firstIndex(of: true) ?? shown.count
        }
        #expect(narrowest == narrowest.sorted(by: >), "\(Array(zip(parts, narrowest)))")
        #expect(narrowest.last == 0)
    }

    @Test func eightyColumnsShowTheImportantParts() {
        #expect(
            Self.inception.text(width: 80)
                == "12/195 [.........] - ETA: 1:05 - run: 34:10 - loss: 3.8234 - output_acc: 0.1250")
        #expect(
            Self.building.text(width: 80)
                == "images decoded for train: 1200000/1281167 [==================..] - ETA: 1:01:01")
    }

    @Test func narrowTerminalsShortenTheTitle() {
        #expect(Self.building.text(width: 45) == "images dec... 1200000/1281167 - ETA: 1:01:01")
        #expect(Self.building.text(width: 20) == "1200000/1281167")
        #expect(Self.validating.text(width: 20) == "loss: 1.2500")
    }

    @Test func aRecordIsNeverCut() {
        let numbers = ["782/782", "1:05", "loss: 1.0000", "acc: 0.7500", "val_loss: 2.0000", "val_acc: 0.5000"]
        #expect(ProgressLine.record(numbers, width: nil) == numbers.joined(separator: " - "))
        for width in 24...200 {
            let lines = ProgressLine.record(numbers, width: width).split(separator: "\n").map(String.init)
            #expect(lines.allSatisfy { $0.displayWidth < width })
            let read = lines.flatMap { line in line.components(between: " - ").map { String($0.drop { $0 == " " }) } }
            #expect(read == numbers)
        }
        #expect(
            ProgressLine.record(numbers, width: 60)
                == "782/782 - 1:05 - loss: 1.0000 - acc: 0.7500\n    val_loss: 2.0000 - val_acc: 0.5000")
    }

    @Test func timesAndSpeedsAreReadable() {
        #expect(
            [0.4, 59.4, 185, 3727, 1e300, .nan, .infinity, -1].map(ProgressLine.duration) == [
                "0s", "59s", "3:05", "1:02:07", "?", "?", "?", "?",
            ])
        #expect(ProgressLine.speed(1024, in: 2, of: "images") == "512 images/s")
        #expect(ProgressLine.speed(5, in: 2) == "2.5/s" && ProgressLine.speed(1, in: 4) == "0.25/s")
        #expect(ProgressLine.speed(1, in: 0) == nil && ProgressLine.speed(-1, in: 1) == nil)
    }

    @Test func charactersHaveTheirWidthOnATerminal() {
        #expect("abc".displayWidth == 3 && "\u{732B}".displayWidth == 2 && "\u{AC00}\u{FF21}".displayWidth == 4)
        #expect("e\u{301}".displayWidth == 1 && "\u{E9}".displayWidth == 1 && "\u{1F600}".displayWidth == 2)
        #expect("\u{2764}\u{FE0F}".displayWidth == 2 && "\u{200B}".displayWidth == 0)
        #expect("\u{732B}\u{732B}".prefix(displayWidth: 3) == "\u{732B}")
        // A file's name cannot control the terminal.
        #expect(ProgressLine(title: "a\u{1B}[2J\n", count: "1").text(width: 80) == "a?[2J? 1")
    }
}

extension String {
    func components(between separator: String) -> [Substring] {
        var (parts, rest) = ([Substring](), self[...])
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
