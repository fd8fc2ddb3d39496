import Testing
@testable import System

@Suite struct ProgressBarTests {
    /// The output of a bar, and its clock.
    private final class Screen {
        var written = ""
        var time = 0.0
        var width = 80

        func output(isInteractive: Bool) -> TerminalLine.Output {
            .recording(
                isInteractive: isInteractive, width: { self.width }, now: { self.time }, write: { self.written += $0 })
        }

        /// Counts 1,000 things in the given number of seconds, and returns how often the bar was drawn.
        func count(in seconds: Double, isInteractive: Bool, delay: Double = 0) -> Int {
            let bar = ProgressBar("things", total: 1000, delay: delay, output: output(isInteractive: isInteractive))
            for done in 1...1000 {
                time += seconds / 1000
                bar.update(done)
            }
            return written.components(between: "\r").count - 1
        }
    }

    @Test func itIsDrawnAtMostTenTimesASecond() {
        let screen = Screen()
        #expect((15...22).contains(screen.count(in: 2, isInteractive: true)))
        #expect(screen.written.hasSuffix("\r\u{1B}[K[INFO] things: 1000 in 2.0 s, 500/s\n"))
    }

    @Test func itReadsTheWidthEveryTime() {
        let screen = Screen()
        let bar = ProgressBar("things", total: 100, output: screen.output(isInteractive: true))
        for (done, width) in [(20, 200), (40, 40), (60, 200)] {
            screen.time += 10
            screen.width = width
            screen.written = ""
            bar.update(done)
            #expect(screen.written.contains("/s") == (width == 200))
        }
    }

    @Test func aFileGetsAPlainLineEveryMinuteAndAtTheEnd() {
        let short = Screen(), long = Screen()
        #expect(short.count(in: 30, isInteractive: false) == 0)
        #expect(short.written == "[INFO] things: 1000 in 30.0 s, 33/s\n")
        _ = long.count(in: 150, isInteractive: false)
        #expect(long.written.split(separator: "\n").count == 3)
        #expect(long.written.contains("/1000 - ETA: 1:30 - 6.7/s\n"))
        #expect(!long.written.contains("\u{1B}"))
    }

    @Test(arguments: [true, false])
    func shortWorkIsNotShown(isInteractive: Bool) {
        let quick = Screen(), slow = Screen()
        _ = quick.count(in: 1.9, isInteractive: isInteractive, delay: ProgressBar.patience)
        #expect(quick.written.isEmpty)
        _ = slow.count(in: 4, isInteractive: isInteractive, delay: ProgressBar.patience)
        #expect(slow.written.hasSuffix("[INFO] things: 1000 in 4.0 s, 250/s\n"))
    }

    @Test func interruptedWorkEndsItsLine() {
        let screen = Screen()
        let bar = ProgressBar("things", total: 10, output: screen.output(isInteractive: true))
        screen.time = 1
        bar.update(1)
        bar.stop()
        bar.update(2)
        #expect(screen.written.hasSuffix("s\n") && screen.written.contains("things: 1/10 ["))
        // A bar that is released after an error ends its line too.
        screen.written = ""
        do {
            let bar = ProgressBar("things", total: 10, output: screen.output(isInteractive: true))
            screen.time = 2
            bar.update(1)
        }
        #expect(screen.written.hasSuffix("\n"))
    }

    @Test func bytesAreMegabytes() {
        let screen = Screen()
        let bar = ProgressBar(
            "a.tar.gz", total: 170_498_071, first: 70_000_000, unit: .bytes, output: screen.output(isInteractive: true))
        screen.time = 10
        bar.update(120_000_000)
        #expect(screen.written.contains("a.tar.gz: 120.0 of 170.5 MB [=====") && screen.written.contains("ETA: 10s"))
        bar.update(170_498_071)
        #expect(screen.written.hasSuffix("[INFO] a.tar.gz: 170.5 MB in 10.0 s, 10 MB/s\n"))
        let endless = ProgressBar("b", total: nil, unit: .bytes, output: screen.output(isInteractive: true))
        screen.time = 12
        screen.written = ""
        endless.update(4_000_000)
        #expect(screen.written == "\r\u{1B}[Kb: 4.0 MB - 2.0 MB/s")
    }

    @Test func aTerminalWithoutCommandsIsNotInteractive() {
        #expect([nil, "", "dumb"].allSatisfy { !Terminal.understandsCommands($0) })
        #expect(["xterm-256color", "screen", "linux"].allSatisfy { Terminal.understandsCommands($0) })
    }

    @Test func theEnvironmentGivesTheWidthIfTheWindowDoesNot() {
        #expect(Terminal.width(window: 120, columns: "40") == 120)
        #expect(Terminal.width(window: 0, columns: "40") == 40)
        #expect([nil, "", "wide", "0", "-3"].allSatisfy { Terminal.width(window: 0, columns: $0) == 80 })
    }
}
