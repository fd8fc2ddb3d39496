import ArgumentParser
import PyImageSearch
import System
import Testing
@testable import CommandLine

/// What flags take, and what they say about what they do not take.
@Suite struct ArgumentTests {
    private struct Flags: ParsableArguments {
        @Option(name: .shortAndLong, help: "Threads.", allowing: .threads) var jobs = 3
        @Option(help: "Images.", allowing: .count) var limit: Int?
        @Option(help: "Views.", allowing: .oneOf(1, 10, 144)) var crops = 1
        @Option(help: "A rate.", allowing: .learningRate) var learningRate = 0.01
        @Option(help: "A file.", transform: Path.existingFile) var model: String?
    }

    @Test func whatIsAllowedIsTaken() throws {
        let none = try Flags.parse([])
        #expect((none.jobs, none.limit == nil, none.crops, none.learningRate) == (3, true, 1, 0.01))
        let all = try Flags.parse(
            "-j 1024 --limit 1 --crops 144 --learning-rate 1e-9 --model=/etc/passwd".split(separator: " ").map(
                String.init))
        #expect((all.jobs, all.limit, all.crops, all.learningRate) == (1024, 1, 144, 1e-9))
        #expect(Flags.helpMessage().contains("Threads. (default: 3)"))
        #expect(Flags.helpMessage().contains("A rate. (default: 0.01)"))
    }

    static let refusals = [
        ("--jobs", "0", "--jobs must be from 1 to 1024, not 0"),
        ("-j", "1025", "-j must be from 1 to 1024, not 1025"),
        ("--jobs", "1.5", "--jobs must be a whole number, from 1 to 1024, not 1.5"),
        ("--limit", "0", "--limit must be at least 1, not 0"),
        ("--limit", "99999999999999999999", "--limit must be a whole number, at least 1, not 99999999999999999999"),
        ("--crops", "3", "--crops must be 1, 10 or 144, not 3"),
        ("--learning-rate", "0", "--learning-rate must be above 0, not 0"),
        ("--learning-rate", "nan", "--learning-rate must be above 0, not nan"),
        ("--learning-rate", "inf", "--learning-rate must be above 0, not inf"),
        ("--learning-rate", "it's", "--learning-rate must be a number, above 0, not it's"),
        ("--model", "", "The value '' is invalid for '--model <model>': a path must not be empty"),
    ]

    @Test(arguments: refusals)
    func whatIsNotAllowedIsNamed(flag: String, value: String, message: String) {
        #expect {
            try Flags.parse([flag, value])
        } throws: {
            NumberRefusal.reworded(Flags.message(for: $0)) == message
        }
    }

    @Test(arguments: ["/nowhere", "/etc/nowhere.hdf5"]) func aFileHasToExist(path: String) {
        #expect { try Flags.parse(["--model", path]) } throws: { Flags.message(for: $0).contains(path) }
    }

    @Test func adviceNamesTheFlag() {
        #expect(Advice.about(HDF5DatasetError.exists("x"))?.contains("--overwrite") == true)
        #expect(Advice.about(HDF5DatasetError.incomplete(found: "x", missing: "y"))?.contains("--overwrite") == true)
        #expect(Advice.about(HDF5DatasetError.interrupted(set: "train")) == nil)
    }
}
