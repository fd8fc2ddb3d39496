import ArgumentParser
import Experiments
import Runs
import System

/// What to train, for how long and on how many images: the same flags in every training chapter.
public struct TrainingOptions: ParsableArguments {
    @Option(name: .customLong("experiment"), help: "One of the experiments listed above.")
    public var experimentName: String?

    @Option(help: FlagHelp.epochs, allowing: .epochs)
    public var epochs: Int?

    @Option(help: FlagHelp.batchSize(default: "the experiment's"), allowing: .batchSize)
    public var batchSize: Int?

    @Option(
        help: """
            The learning rate: the first, or the highest, of the experiment's schedule; if that is a table of stages, \
            the rate of this whole run (default: the experiment's).
            """,
        allowing: .learningRate)
    public var learningRate: Double?

    @Option(help: FlagHelp.limit, allowing: .count)
    public var limit: Int?

    @Option(help: "The first N validation images only (default: all).", allowing: .count)
    public var validationLimit: Int?

    @Option(help: FlagHelp.seed(default: "42; a resumed run keeps its own"))
    public var seed: UInt64?

    @Option(
        name: .shortAndLong, help: FlagHelp.output(default: "output"), transform: Path.argument)
    public var output = "output"

    @Flag(
        name: .customLong("detect-anomalies"),
        help: """
            Name the layer where numbers become infinite or not a number. Every step takes some thousandths longer; \
            finding the layer takes as long as some ten steps, and half as much memory again.
            """)
    public var detectsAnomalies = false

    @OptionGroup public var resumption: ResumeOptions
    @OptionGroup public var compute: ComputeOptions
    @OptionGroup public var parallel: ParallelOptions

    public init() {}
}

/// The help texts of flags that several programs have.
public enum FlagHelp {
    public static let epochs: ArgumentHelp = "Epochs in all (default: the experiment's)."
    public static let limit: ArgumentHelp = "The first N images only, to train on or to predict (default: all)."

    public static func batchSize(default value: String? = nil) -> ArgumentHelp {
        "Images in a batch\(value.map { " (default: \($0))" } ?? "")."
    }

    public static func seed(default value: String? = nil) -> ArgumentHelp {
        "The seed of everything random\(value.map { " (default: \($0))" } ?? "")."
    }

    public static let overwrite: ArgumentHelp = "Replace existing files, whatever they contain."
    public static let skipUnreadable: ArgumentHelp = "Leave out images that cannot be decoded, and count them."

    public static func classes(order: String) -> ArgumentHelp { "Only the first N classes, \(order)." }

    /// - Parameter contents: what the folder holds, or who wrote it.
    public static func data(_ contents: String, default folder: String) -> ArgumentHelp {
        "The folder of the data: \(contents) (default: \(folder))."
    }

    public static func output(default folder: String) -> ArgumentHelp {
        "The folder for the files that the program writes (default: \(folder))."
    }
}
