import ArgumentParser
import MPICommunicator
import Runs
import System

/// Which model a training chapter begins with, and which files it may replace: the same flags in every chapter.
public struct ResumeOptions: ParsableArguments {
    @Flag(
        help: """
            Resume the run from the checkpoint with the most training, with the settings of its run; begin anew if there \
            is none.
            """)
    public var resume = false

    @Option(
        name: [.customShort("s"), .long, .customLong("start_epoch")],
        help: "Continue from the model file after this many epochs; unlike --resume, settings may be changed.")
    public var startEpoch: Int?

    @Flag(help: FlagHelp.overwrite)
    public var overwrite = false

    public init() {}

    public func validate() throws {
        if let startEpoch, startEpoch < 0 { throw ValidationError("--start-epoch must not be negative") }
        guard !resume || startEpoch == nil else {
            throw ValidationError("--resume finds the epoch by itself; leave --start-epoch out")
        }
    }

    /// The model that training begins with.
    ///
    /// - Parameter model: the file to continue from, if it is not the run's own.
    func start(continuing model: String?) -> RunOptions.Start {
        if resume { return .resuming }
        guard startEpoch != nil || model != nil else { return .anew }
        let epoch = startEpoch ?? 0
        // The original's default is 0 and means a new model, if there is none to continue.
        return epoch == 0 && model == nil && overwrite ? .anew : .continuing(path: model, epochs: epoch)
    }

    /// - Throws: `ValidationError` if no epoch is left to train.
    public func validate(epochs: Int) throws {
        guard let startEpoch, startEpoch >= epochs else { return }
        throw ValidationError("--start-epoch must be below the \(counted(epochs, "epoch")) to train, not \(startEpoch)")
    }

    /// The command that resumes what `command` was doing, from its furthest checkpoint.
    ///
    /// - Parameter options: more options that choose the model to begin with. Each has a value, and is left out.
    static func commandLine(
        for command: any ParsableCommand.Type, without options: [String], arguments: [String] = ProgramArguments.all
    ) -> String {
        let dropped = ["-s", "--start-epoch", "--start_epoch"] + options
        let launcher = MPICommunicator.current.map { ["mpirun", "-n", "\($0.size)"] } ?? []
        var words = launcher + ["swift", "run", command.configuration.commandName ?? command._commandName]
        var arguments = arguments.dropFirst()
        while let argument = arguments.popFirst() {
            if dropped.contains(argument) { _ = arguments.popFirst() }
            let isDropped = dropped.contains { option in
                argument == option || argument.hasPrefix("\(option)=")
                    // `-m FILE` may also be written `-mFILE`.
                    || (!option.hasPrefix("--") && argument.hasPrefix(option))
            }
            if !isDropped, !["--resume", "--overwrite"].contains(argument) { words.append(argument.shellQuoted) }
        }
        return (words + ["--resume"]).joined(separator: " ")
    }
}
