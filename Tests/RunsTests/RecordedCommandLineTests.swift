import Testing
@testable import Runs

@Suite struct RecordedCommandLineTests {
    /// As typed, but for the places of one machine.
    @Test(arguments: [
        ("--dataset cifar10 --output output/fast", "--dataset cifar10 --output output/fast"),
        ("--output /home/me/out --experiment 3", "--experiment 3"),
        ("--experiment 3 --model=/home/me/m.hdf5 -o /tmp/x --resume", "--experiment 3 --resume"),
        ("/data/records", ""),
    ])
    func placesAreLeftOut(typed: String, recorded: String) {
        let arguments = ["/somewhere/.build/debug/Chapter"] + typed.split(separator: " ").map(String.init)
        let expected = "swift run Chapter" + (recorded.isEmpty ? "" : " " + recorded)
        #expect(RunRecorder.commandLine(arguments) == expected)
    }

    @Test func aLauncherIsNamed() {
        #expect(RunRecorder.commandLine(["Chapter", "-o", "a"], processes: 4) == "mpirun -n 4 swift run Chapter -o a")
    }

    @Test func wordsAreQuotedForAShell() {
        #expect(RunRecorder.commandLine(["Chapter", "--output", "my runs"]) == "swift run Chapter --output 'my runs'")
    }
}
