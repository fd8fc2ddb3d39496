import ArgumentParser
import ComputeGraph
import Foundation
import NeuralNetwork
import Terminal

/// How a training chapter goes on with what an earlier run has left: the same flags in every one.
public struct ResumeOptions: ParsableArguments {
    @Flag(help: "Go on from the newest whole checkpoint, with the settings of its run; begin anew where there is none.")
    public var resume = false

    @Option(
        name: [.customShort("s"), .long, .customLong("start_epoch")],
        help: "Continue from the model file after this many epochs; unlike --resume, settings may be changed.")
    public var startEpoch = 0

    public init() {}

    public func validate() throws {
        guard startEpoch >= 0 else { throw ValidationError("--start-epoch must not be negative") }
        guard !resume || startEpoch == 0 else {
            throw ValidationError("--resume finds out for itself where to go on; leave --start-epoch out")
        }
    }

    /// - Throws: `ValidationError` where there is no epoch left to train.
    public func validate(epochs: Int) throws {
        guard startEpoch < epochs else {
            throw ValidationError(
                "--start-epoch must be below the \(counted(epochs, "epoch")) to train, not \(startEpoch)")
        }
    }

    /// The model that this run goes on with; `nil` where it begins with a new one.
    ///
    /// - Parameters:
    ///   - model: what `--start-epoch` goes on from.
    ///   - checkpoints: among which `--resume` takes the newest that is whole.
    /// - Throws: why none of these is of use.
    public func checkpoint(model: String, checkpoints: [String], backend: any Backend) throws -> Checkpoint? {
        if startEpoch > 0 { return try Checkpoint(from: model, startEpoch: startEpoch, backend: backend) }
        guard resume else { return nil }
        let newest = try Model.newestCheckpoint(among: checkpoints, backend: backend) { path, reason in
            info("passing over \(path), which is not whole: \(reason)")
        }
        guard let newest else {
            info("no checkpoint to go on from; beginning anew")
            return nil
        }
        let (trained, path) = newest
        let within = trained.stepsIntoEpoch > 0 ? " and \(counted(trained.stepsIntoEpoch, "step"))" : ""
        info("going on from \(path), \(counted(trained.epochsTrained, "epoch"))\(within)")
        return Checkpoint(model: trained, path: path, epoch: trained.epochsTrained, isResumed: true)
    }

    /// What to type to go on with what `command` was doing, from its newest checkpoint.
    ///
    /// - Parameter options: more of them that say where to begin, each with a value, and are left out.
    public static func commandLine(for command: any ParsableCommand.Type, without options: [String] = []) -> String {
        let dropped = ["-s", "--start-epoch", "--start_epoch"] + options
        var words = ["swift", "run", command.configuration.commandName ?? command._commandName]
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            if dropped.contains(argument) { _ = arguments.popFirst() }
            let isDropped = dropped.contains { argument == $0 || argument.hasPrefix("\($0)=") }
            if !isDropped, argument != "--resume" { words.append(argument.shellQuoted) }
        }
        return (words + ["--resume"]).joined(separator: " ")
    }
}

/// A model that an earlier run has left.
public struct Checkpoint {
    public let model: Model
    public let path: String
    /// How many epochs it has behind it.
    public let epoch: Int
    /// Where it is to go on with the settings that it was begun with: ``path``.
    public let resumed: String?

    init(model: Model, path: String, epoch: Int, isResumed: Bool) {
        (self.model, self.path, self.epoch) = (model, path, epoch)
        resumed = isResumed ? path : nil
    }

    /// - Throws: why the file at `path` cannot be read.
    public init(from path: String, startEpoch: Int, backend: any Backend) throws {
        info("loading \(path)...")
        self.init(model: try Model.load(path, backend: backend), path: path, epoch: startEpoch, isResumed: false)
    }

    /// - Throws: `ModelFileError` where it is not a model of `network` with so many epochs behind it.
    public func checkContinues(_ network: Model) throws {
        try model.checkContinues(network, from: epoch, path: path)
    }
}

extension String {
    /// As a shell reads it back as one word.
    var shellQuoted: String {
        let harmless = allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=:,@%".contains($0)) }
        return harmless && !isEmpty ? self : "'" + replacingOccurrences(of: "'", with: "'\\''") + "'"
    }
}
