import Foundation
import ProgramSupport
import Testing

/// A path means to a program what it means to the system, and any name works.
@Suite(.serialized) struct PlacesTests {
    private static let program = "'\(Command.folder)'/train_decay"

    /// Runs a line in a shell in its own folder, with a home folder in it; `P` is the program with its flags.
    private func shell(_ line: String, _ body: (_ folder: String) throws -> Void) throws {
        let training = try Training()
        defer { training.remove() }
        let folder = try training.make("run")
        _ = try training.make("run/home")
        let flags = training.decay("--epochs", "1").joined(separator: " ")
        let status = try Command.shell(
            "export HOME=$PWD/home; P() { \(Self.program) \(flags) \"$@\"; }; set -e; \(line)", in: folder)
        #expect(status == 0, "\(line)")
        try body(folder)
    }

    private func expectRun(in folder: String, model: String = "googlenet_tinyimagenet_decay.hdf5") throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        let name = "googlenet_tinyimagenet_decay"
        #expect(
            files == [model, "\(name).json", "\(name).png", "\(name).run.json", "\(name).svg"].sorted(), "\(files)")
        for file in files { #expect(contents("\(folder)/\(file)").count > 20, "\(file)") }
    }

    /// Also after `=`, where no shell expands it, and quoted.
    @Test(arguments: ["--output=~/runs", "--output '~/runs'", "-o '~'/runs"])
    func theTildeIsTheHomeFolder(flag: String) throws {
        try shell("P \(flag)") { folder in
            try expectRun(in: "\(folder)/home/runs")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["home"])
        }
    }

    @Test func dotsAreFollowedAfterLinks() throws {
        try shell("mkdir -p deep/er; ln -s deep/er link; P --output link/../out") { folder in
            try expectRun(in: "\(folder)/deep/out")
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/out"))
        }
    }

    /// Trains, resumes after the end, and ranks, in a place with this name.
    @Test(arguments: [
        "a b", "100%41", "#?&", "~", "file:", "ä", "$(printf 'f\\377\\200')", "-dash", "back\\slash", "new\nline",
        "$(printf '%0250d' 0)",
    ])
    func anyNameWorks(name: String) throws {
        try shell(
            """
            D="./\(name)"; P "--output=$D" > log; P "--output=$D" --resume
            '\(Command.folder)'/rank_accuracy --data ../hdf5 "--output=$D"
            test $(ls -A "$D" | wc -l) = 5
            for f in "$D"/*; do test -s "$f"; done
            """
        ) { _ in }
    }

    /// Two paths to one file are one file.
    @Test func twoNamesOfOnePlaceAreFound() throws {
        try shell(
            "mkdir -p deep/er; ln -s deep/er link; ! P --output . --model link/../../googlenet_tinyimagenet_decay.svg"
        ) { folder in
            let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(files == ["deep", "home", "link"])
        }
    }
}
