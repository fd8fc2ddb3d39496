import System
import ArgumentParser
import CommandLine
import Foundation
import NeuralNetwork
import PyImageSearch
import Runs
import Tensors

/// A long run of everything that a chapter's training does, which watches the resources of the process.
@main
struct Soak: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "Soak",
        abstract: "Trains a small network for thousands of steps: memory, open files and threads must not grow.",
        discussion: """
            A data set in HDF5 is shuffled, augmented and fetched ahead; after every epoch the network is validated and \
            saved, the history, its plot and the record are written, and what the process holds is measured. Where it \
            grows beyond a bound, the exit status is 1.
            """,
        version: PackageVersion.number)

    @Option(help: "Training steps in all.")
    var steps = 20_000

    @Option(help: "Steps of an epoch. Many, so that the history of all epochs stays small: it grows by nature.")
    var stepsPerEpoch = 500

    @Option(help: "Steps after which everything that is kept for good should be there.")
    var warmUp = 1_000

    @Option(help: "How much more resident memory there may be later, in percent of what there is then.")
    var tolerance = 2.0

    @Option(help: "Let memory, files or threads grow on purpose, to see that it is noticed.")
    var plant: PlantedGrowth.Kind?

    @OptionGroup var compute: ComputeOptions

    private static let batchSize = 16
    private var epochs: Int { (steps - 1) / stepsPerEpoch + 1 }

    func validate() throws {
        guard (1...10_000).contains(stepsPerEpoch) else {
            throw ValidationError("--steps-per-epoch must be from 1 to 10000, not \(stepsPerEpoch)")
        }
        guard warmUp >= stepsPerEpoch, warmUp + stepsPerEpoch <= steps, steps <= 100_000_000 else {
            throw ValidationError(
                "--warm-up must be an epoch (\(stepsPerEpoch) steps) at least, and --steps an epoch more than that, "
                    + "not \(warmUp) and \(steps)")
        }
        guard tolerance >= 0 else { throw ValidationError("--tolerance must not be negative, not \(tolerance)") }
    }

    func run() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("soak-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try writeData(to: folder)
        let batches = try HDF5DatasetGenerator(
            "\(folder)/train.hdf5", batchSize: Self.batchSize,
            augmentation: ImageDataGenerator(
                rotationRange: 18, widthShiftRange: 0.1, heightShiftRange: 0.1, zoomRange: 0.15, horizontalFlip: true),
            shuffle: true)
        let validation = try HDF5DatasetGenerator("\(folder)/val.hdf5", batchSize: Self.batchSize)

        let model = Self.network(classes: batches.classes)
        try model.move(to: compute.backend)
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 1e-3, momentum: 0.9))
        let recorder = RunRecorder("\(folder)/soak.run.json", record: record(model, batches, validation))
        let planted: [any Callback] = plant.map { [PlantedGrowth($0)] } ?? []
        let watch = ResourceWatch(stepsPerEpoch: stepsPerEpoch, epochs: epochs)
        info("\(epochs * stepsPerEpoch) steps in \(epochs) epochs, \(compute.threads) threads...")
        try model.fit(
            batches, epochs: epochs, validation: validation,
            callbacks: [
                TrainingMonitor(figurePath: "\(folder)/soak.png", jsonPath: "\(folder)/soak.json"), recorder,
                EpochCheckpoint("\(folder)/checkpoints", every: 1),
            ] + planted + [watch], verbose: false)
        print(watch.table(warmUp: warmUp))
        try watch.check(warmUp: warmUp, tolerance: tolerance)
        info("nothing grew after \(warmUp) steps")
    }

    /// Convolution, normalization, pooling, dropout: a step takes milliseconds.
    private static func network(classes: Int) -> Model {
        let input = Input(shape: [32, 32, 3])
        var x = input
        for filters in [16, 32] {
            x = Conv2D(filters, kernelSize: (3, 3), padding: .same)(x)
            x = MaxPooling2D((2, 2))(Activation(.relu)(BatchNormalization()(x)))
        }
        x = Dense(classes)(Flatten()(Dropout(0.25)(x)))
        return Model(inputs: input, outputs: Activation(.softmax)(x), name: "soak")
    }

    private func writeData(to folder: String) throws {
        let shapes = Shapes10.load(train: stepsPerEpoch * Self.batchSize, test: 20 * Self.batchSize)
        for (name, images, labels) in [
            ("train", shapes.trainImages, shapes.trainLabels), ("val", shapes.testImages, shapes.testLabels),
        ] {
            let writer = try HDF5DatasetWriter(
                dims: images.shape.dimensions, outputPath: "\(folder)/\(name).hdf5", bufferSize: 500)
            try writer.storeClassLabels(shapes.classNames)
            let bar = ProgressBar("writing \(name).hdf5", total: labels.count)
            for (row, label) in labels.enumerated() {
                try writer.add(Array(images.bytes(of: row)), labels: [label])
                bar.update(row + 1)
            }
            try writer.close()
        }
    }

    private func record(
        _ model: Model, _ training: HDF5DatasetGenerator, _ validation: HDF5DatasetGenerator
    ) -> RunRecord {
        RunRecord(
            chapter: "Soak",
            experiment: RunRecord.Experiment(name: "soak", epochs: epochs, batchSize: Self.batchSize, settings: [:]),
            network: RunRecord.Network("soak", model),
            dataset: RunRecord.Dataset(
                name: "shapes10", classes: training.classes, trainingImages: training.sampleCount,
                validationImages: validation.sampleCount, checksum: nil),
            seed: model.seed)
    }
}
