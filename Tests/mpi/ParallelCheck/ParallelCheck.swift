import ArgumentParser
import CommandLine
import FixtureSupport
import Foundation
import NeuralNetwork
import PyImageSearch
import Tensors

/// Trains a model from a file for a few steps, alone or with the other processes that `mpirun` starts, and saves it with
/// its losses: what the tests compare with reference numbers.
@main
struct ParallelCheck: ProgramCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a compiled model for some steps on images made from their names.")
    static let runsInProcesses = true

    @Argument(help: "The model file; it is compiled.")
    var model: String
    @Argument(help: "The file to write.")
    var result: String
    @Option(help: "The name of a step's images, without the step's number.")
    var images: String
    @Option(help: "Samples in every batch.", allowing: .batchSize)
    var batchSize = 16
    @Option(help: "Steps.", allowing: .count)
    var steps = 5
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var parallel: ParallelOptions

    func run() throws {
        let parallelism = try parallel.begin(threads: compute.chosenThreads)
        let trained = try Model.load(model, backend: compute.backend)
        trained.parallelism = parallelism
        let batches = HashBatches(
            name: images, input: trained.inputs[0].shape, classes: trained.outputs[0].shape.count,
            batchSize: batchSize, steps: steps)
        let losses = Losses()
        try trained.fit(batches, epochs: 1, callbacks: [losses], verbose: false)
        guard parallelism?.communicator.isFirst ?? true else { return }
        try trained.save(result)
        print(try JSON(losses.values).text())
    }

    /// Batches of the reference run.
    private struct HashBatches: BatchGenerator {
        let name: String
        let input: Shape
        let classes: Int
        let batchSize: Int
        let steps: Int
        var sampleCount: Int { batchSize * steps }

        func batch(epoch: Int, step: Int) throws -> Batch {
            let labels = (0..<batchSize).map { (7 * step + 3 * $0 + 1) % classes }
            return Batch(
                inputs: [hashImages("\(name)/\(step)", input.batched(batchSize))],
                targets: [oneHot(labels, classes: classes)])
        }
    }

    /// The loss of every step.
    private final class Losses: Callback {
        var values: [Double] = []

        func onBatchEnd(_ step: Int, logs: Logs, model: Model) {
            // Logs are means over the epoch so far.
            let sum = (logs["loss"] ?? .nan) * Double(step + 1)
            values.append(sum - values.reduce(0, +))
        }
    }
}
