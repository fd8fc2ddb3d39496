import ArgumentParser
import MPICommunicator
import NeuralNetwork

/// How several processes train together, if `mpirun` has started them: the same flags in every training chapter.
public struct ParallelOptions: ParsableArguments {
    @Flag(
        name: .customLong("sync-batch-norm"),
        help: """
            Batch normalization uses the statistics of the whole batch, and not those of each process's part: the results \
            are then those of one process.
            """)
    public var synchronizesBatchNormalization = false

    @Option(
        name: .customLong("gradient-format"),
        help: "Numbers in which gradients travel between processes: float32, or bfloat16 for half of the bytes.")
    public var gradientFormat = GradientFormat.float32

    @Option(
        help: "Seconds that a process waits for the others before it ends all and names who does not answer.",
        allowing: .patience)
    public var patience = 120

    public init() {}

    /// The processes that `mpirun` has started, which begin here; `nil` if it has started none.
    ///
    /// - Parameter threads: of each process; by default a machine's processors are divided evenly.
    /// - Throws: `MPIError` if they cannot begin, `TrainingError` if they are not the same program.
    public func begin(threads: Int?) throws -> DataParallelism? {
        guard let processes = try MPICommunicator.started(threads: threads) else { return nil }
        processes.patience = Double(patience)
        let parallelism = DataParallelism(
            processes, synchronizesBatchNormalization: synchronizesBatchNormalization, gradientFormat: gradientFormat)
        try parallelism.requireAgreement(on: [
            SharedSetting("version", PackageVersion.number), SharedSetting("MPI", processes.library),
        ])
        return parallelism
    }
}

extension GradientFormat: ExpressibleByArgument {}
