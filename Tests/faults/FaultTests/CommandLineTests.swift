import ArgumentParser
import Foundation
import Testing
@testable import Benchmark
@testable import BuildImageNet
@testable import Chapter02AugmentationDemo
@testable import Chapter02MiniVGGNetFlowers17
@testable import Chapter02MiniVGGNetFlowers17DataAug
@testable import Chapter03ExtractFeatures
@testable import Chapter03TrainModel
@testable import Chapter04RankAccuracy
@testable import Chapter05FinetuneFlowers17
@testable import Chapter05InspectModel
@testable import Chapter06TestEnsemble
@testable import Chapter06TrainModels
@testable import Chapter09BuildDogsVsCats
@testable import Chapter10CropAccuracy
@testable import Chapter10ExtractFeatures
@testable import Chapter10TrainAlexNet
@testable import Chapter10TrainModel
@testable import Chapter11BuildTinyImageNet
@testable import Chapter11MiniGoogLeNet
@testable import Chapter11RankAccuracy
@testable import Chapter11Train
@testable import Chapter11TrainDecay
@testable import Chapter12RankAccuracy
@testable import Chapter12ResNetCIFAR10
@testable import Chapter12ResNetCIFAR10Decay
@testable import Chapter12Train
@testable import Chapter12TrainDecay
@testable import Classify
@testable import Fuzz
@testable import ImageNetAccuracy
@testable import InceptionV1CIFAR10
@testable import Report
@testable import TrainImageNet

/// Command lines with malicious values of flags: each is accepted, or refused with a message. `$COMMAND_LINES` sets how
/// many are tried.
///
/// They are parsed and validated, not run. This is a test and not a target of `Fuzz`, because only tests can be linked
/// with other programs.
@Suite struct CommandLineTests {
    private static let commands: [any ParsableCommand.Type] = [
        Chapter11MiniGoogLeNet.self, Chapter11BuildTinyImageNet.self, Chapter11Train.self, Chapter11TrainDecay.self,
        Chapter11RankAccuracy.self, Chapter12ResNetCIFAR10.self, Chapter12ResNetCIFAR10Decay.self, Chapter12Train.self,
        Chapter12TrainDecay.self, Chapter12RankAccuracy.self, InceptionV1CIFAR10.self, BuildImageNet.self,
        TrainImageNet.self,
        ImageNetAccuracy.self, Report.self, Benchmark.self,
        Chapter02AugmentationDemo.self, Chapter02MiniVGGNetFlowers17.self, Chapter02MiniVGGNetFlowers17DataAug.self,
        Chapter03ExtractFeatures.self, Chapter03TrainModel.self, Chapter04RankAccuracy.self,
        Chapter05FinetuneFlowers17.self, Chapter05InspectModel.self, Chapter06TestEnsemble.self,
        Chapter06TrainModels.self, Chapter09BuildDogsVsCats.self, Chapter10TrainAlexNet.self,
        Chapter10CropAccuracy.self, Chapter10ExtractFeatures.self, Chapter10TrainModel.self, Classify.self,
    ]

    private static let flags = [
        "--model", "-m", "--output", "-o", "--dataset", "--data", "--experiment", "--epochs", "--batch-size",
        "--learning-rate", "--limit", "--seed", "--start-epoch", "--start_epoch", "-s", "--backend", "--threads",
        "--checkpoints", "-c", "--resume", "--crops", "--record", "--classes", "--dtype", "--jobs", "--overwrite",
        "--skip-unreadable", "--ground-truth", "--hdf5", "--steps", "--warm-up", "--batch-normalization",
        "--no-local-response-normalization", "--help", "--version", "--generate-completion-script", "--check", "build",
        "--db", "--top", "--json", "--explain", "--scaling", "--network", "--weights", "--layer", "--num-models",
        "--image", "--lecture", "figure", "add", "run", "html", "slides", "train", "fit", "--",
        "-", "--=", "---", "-é", "--epochs=", "--model=",
    ]

    private static let values = [
        "1", "0", "-1", "2", "64", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "1e308",
        "nan",
        "inf", "-inf", "1e-400", "0x10", "1_000", " 1", "", "\u{0301}", "\n", "\u{1B}[2J", "cifar10", "shapes10", "3",
        "fast", "onednn", "openblas", "uint8", "/", "..", "/dev/null", "-", "--", String(repeating: "9", count: 400),
        String(repeating: "a", count: 10_000), "\u{FFFD}",
    ]

    /// A program's position in ``commands``, and its arguments.
    private static func commandLine(_ number: Int) -> (program: Int, arguments: [String]) {
        var random = CountedRandom(seed: 1, target: "command-line", number: number)
        var arguments: [String] = []
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            arguments.append(flags.randomElement(using: &random) ?? "")
            if Int.random(in: 0..<4, using: &random) > 0 {
                arguments.append(values.randomElement(using: &random) ?? "")
            }
        }
        if !arguments.isEmpty, Int.random(in: 0..<4, using: &random) == 0 {
            let place = arguments.indices.randomElement(using: &random) ?? 0
            let bytes = Mutation.mutate([Array(arguments[place].utf8)], using: &random)
            arguments[place] = String(decoding: bytes, as: UTF8.self)
        }
        return (number % commands.count, arguments)
    }

    @Test
    func everyCommandLineIsAcceptedOrRefused() {
        let count = ProcessInfo.processInfo.environment["COMMAND_LINES"].flatMap { Int($0) } ?? 500
        var (taken, refused) = (0, 0)
        for number in 0..<count {
            let (program, arguments) = Self.commandLine(number)
            let command = Self.commands[program]
            do {
                _ = try command.parseAsRoot(arguments)
                taken += 1
            } catch {
                refused += 1
                let isRequest = command.exitCode(for: error) == .success
                let message = isRequest ? command.fullMessage(for: error) : command.message(for: error)
                #expect(!message.isEmpty, "\(command) \(arguments)")
            }
        }
        print("command-line: \(count) inputs, \(taken) accepted, \(refused) refused")
        #expect(taken > count / 50 && refused > count / 2, "\(taken) taken, \(refused) refused")
    }
}
