import ArgumentParser
import System

/// Where a training chapter keeps what it makes: the same flags in every one.
public struct OutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "The model file, written after every epoch (default: beside the others, in --output).",
        transform: Path.argument)
    public var model: String?

    @Option(
        name: .shortAndLong, help: "The folder for history, plot, record and model (default: output).",
        transform: Path.argument)
    public var output = "output"

    public init() {}
}
