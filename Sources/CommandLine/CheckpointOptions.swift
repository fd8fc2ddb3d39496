import ArgumentParser
import Runs
import System

/// Where a training chapter keeps its model, and which model it may continue.
public protocol CheckpointPlaces: ParsableArguments {
    /// - Parameter checkpoints: the folder in `output` for checkpoints that are kept, unless a flag names another one.
    func files(_ name: String, in output: String, checkpoints: String, isEvaluated: Bool) -> RunFiles
    /// The file that `--start-epoch` continues from, if it is not the run's own.
    var continued: String? { get }
    /// The flags that name another place for the files of the run.
    var placeFlags: String { get }
    /// The flag that names the file to continue from, if the program has one for this alone.
    static var continuingFlag: String? { get }
}

/// One model file, written after every epoch.
public struct ModelOptions: CheckpointPlaces {
    @Option(
        name: .shortAndLong,
        help: "The model file, written after every epoch (default: beside the others, in --output).",
        transform: Path.argument)
    public var model: String?

    public init() {}

    public func files(_ name: String, in output: String, checkpoints: String, isEvaluated: Bool) -> RunFiles {
        RunFiles(name, in: output, model: model, isEvaluated: isEvaluated)
    }

    public var continued: String? { nil }
    public var placeFlags: String { model == nil ? "--output" : "--output and --model" }
    public static var continuingFlag: String? { nil }
}

/// A folder of models, each written after every epoch of its training.
public struct ModelsOptions: CheckpointPlaces {
    @Option(
        name: .shortAndLong, help: "The folder for the models (default: models in --output).", transform: Path.argument)
    public var models: String?

    public init() {}

    public func files(_ name: String, in output: String, checkpoints: String, isEvaluated: Bool) -> RunFiles {
        RunFiles(name, in: output, model: "\(models ?? "\(output)/models")/\(name).hdf5", isEvaluated: isEvaluated)
    }

    public var continued: String? { nil }
    public var placeFlags: String { models == nil ? "--output" : "--output and --models" }
    public static var continuingFlag: String? { nil }
}

/// A folder of checkpoints that are kept for good, as the ctrl+c method needs them.
public struct CheckpointOptions: CheckpointPlaces {
    @Option(
        name: .shortAndLong,
        help:
            "The folder for checkpoints: one every five epochs, and the last two (default: checkpoints in --output; in chapter 12 a folder in it).",
        transform: Path.argument)
    public var checkpoints: String?

    @Option(
        name: .shortAndLong, help: "The checkpoint to continue from, with --start-epoch.", transform: Path.argument)
    public var model: String?

    public init() {}

    public func files(_ name: String, in output: String, checkpoints folder: String, isEvaluated: Bool) -> RunFiles {
        let folder = checkpoints ?? "\(output)/\(folder)"
        return RunFiles(
            name, in: output, model: "\(folder)/last.hdf5", checkpoints: folder, isEvaluated: isEvaluated)
    }

    /// - Throws: `ValidationError` if these flags and those for resuming contradict each other.
    public func validate(_ resumption: ResumeOptions) throws {
        if let epoch = resumption.startEpoch, epoch > 0, model == nil {
            throw ValidationError("--start-epoch \(epoch) needs the checkpoint to continue from: --model FILE")
        }
        guard model == nil || !resumption.resume else {
            throw ValidationError("--resume takes the furthest checkpoint of --checkpoints; leave --model out")
        }
    }

    public var continued: String? { model }
    public var placeFlags: String { checkpoints == nil ? "--output" : "--output and --checkpoints" }
    public static var continuingFlag: String? { "--model" }
}
