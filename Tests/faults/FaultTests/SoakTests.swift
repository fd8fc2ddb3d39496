import Foundation
import ProgramSupport
import Testing

/// A short soak test. `swift run Soak` finds what takes thousands of steps.
@Suite struct SoakTests {
    /// Memory grows in parts of a MiB, which is more than 2 % of a short run's. 25 % are still less than any leak of a
    /// batch or an image per step.
    @Test func nothingGrowsInSixHundredSteps() throws {
        let run = try Command.run(
            "Soak", ["--steps", "600", "--steps-per-epoch", "100", "--warm-up", "200", "--tolerance", "25"])
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("nothing grew after 200 steps"))
        #expect(run.output.contains("     600 "), "\(run.output)")
    }

    @Test(arguments: [("memory", "resident memory grew by"), ("files", "open files"), ("threads", "threads")])
    func growthIsOneClearLine(planted: String, message: String) throws {
        let run = try Command.run(
            "Soak",
            [
                "--steps", "60", "--steps-per-epoch", "20", "--warm-up", "20", "--tolerance", "25", "--plant", planted,
            ])
        #expect(run.status == 1 && run.isOneClearLine && run.errors.contains(message), "\(run.errors)")
    }
}
