import ArgumentParser
import CommandLine
import ComputeGraph
import Experiments
import Foundation
import Imaging
import NeuralNetwork
import PyImageSearch
import Runs
import System
import Tensors

enum Mode: String, CaseIterable, ExpressibleByArgument {
    case train, fit, predict, augment, read
}

extension Networks.Entry: ExpressibleByArgument {
    public init?(argument: String) {
        guard let network = Networks.all.first(where: { $0.flag == argument }) else { return nil }
        self = network
    }

    /// `minigooglenet`.
    var flag: String { name.lowercased() }
    public var defaultValueDescription: String { flag }
    public static var allValueStrings: [String] { Networks.all.map(\.flag) }
}

/// Times the bare work of a step: forward, softmax cross-entropy, backward, SGD with momentum 0.9, on one resident
/// batch, or forward in inference mode. No input pipeline, no augmentation.
///
/// `fit` times the same step as training really takes it: batches augmented with all that train.py asks for, on
/// threads beside it, and a progress bar. `augment` times that augmentation alone, on one thread, and `read` the reading of
/// batches from an HDF5 file. The last line that comes out is JSON.
@main
struct Benchmark: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "Benchmark", abstract: "Images per second of a network, or of a file's reading, as one JSON line.",
        version: PackageVersion.number)
    static let runsInProcesses = true

    @Argument(help: "train, fit, predict, augment or read.")
    var mode: Mode

    @Option(help: "The network.")
    var model = Networks.miniGoogLeNet

    @Option(help: FlagHelp.batchSize(), allowing: .batchSize)
    var batchSize = 64

    @Option(help: "Steps that are timed.", allowing: .from(1, to: 1_000_000))
    var steps = 20

    @Option(help: "Steps before them that are not.", allowing: .from(0, to: 1000))
    var warmUp = 3

    @Option(help: "For read: the HDF5 file of the images.", transform: Path.existingFile)
    var file: String?

    @Flag(help: "For read: another order than the file's.")
    var shuffle = false

    @Flag(help: "For read: what the system has kept of the file in memory is dropped before.")
    var cold = false

    @Flag(help: "Of several processes: gradients travel only when the backward pass is over.")
    var noOverlap = false

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var parallel: ParallelOptions

    func validate() throws {
        guard (mode == .read) == (file != nil) else { throw ValidationError("read needs --file FILE, and it alone") }
    }

    func run() throws {
        if let file { return try print(read(file)) }
        var parallelism = try parallel.begin(threads: compute.chosenThreads)
        parallelism?.overlapsBackwardPass = !noOverlap
        let network = model.build(training: mode != .predict)
        let shape = network.layers[0].outputShape
        let classes = network.outputs[0].shape.count
        try network.move(to: compute.backend)
        network.parallelism = parallelism
        // Of the main output, and of the two heads where there are some.
        let lossWeights = Array([1, 0.3, 0.3].prefix(network.outputNames.count))
        network.compile(
            loss: .categoricalCrossentropy, lossWeights: lossWeights,
            optimizer: SGD(learningRate: 0.005, momentum: 0.9))

        let random = RandomStream(seed: 0, purpose: .drawing)
        let count = mode == .fit ? batchSize * (warmUp + steps) : batchSize
        try compute.backend.requireMemory(count, of: shape.count * (mode == .fit ? 1 : 5), for: "\(count) images")
        var images = ByteImages(
            shape: shape.batched(count), bytes: (0..<count * shape.count).map { UInt8(random.uniform($0) * 255) })
        images.conversion = ImageNormalization.channels.conversion(of: images)
        var labels = Tensor(repeating: 0, shape: [count, classes])
        for row in 0..<count { labels.scalars[row * classes + (7 * row) % classes] = 1 }
        let augmented = Experiments.tinyImageNetAugmentation.flow(images, labels, batchSize: batchSize)
        let batch = Batch(
            inputs: [images[rows: 0..<batchSize].tensor],
            targets: lossWeights.map { _ in labels[rows: 0..<batchSize] })

        let seconds: [Double] =
            switch mode {
            case .train: try time(parallelism) { try network.trainOnBatch(batch, step: $0) }
            case .predict: try time(parallelism) { _ in _ = try network.predict(batch.inputs[0], batchSize: batchSize) }
            case .augment: try time(parallelism) { _ = try augmented.batch(epoch: $0, step: 0) }
            case .fit: try timeSteps(parallelism) { _ = try network.fit(augmented, epochs: 1, callbacks: [$0]) }
            case .read: []
            }
        try print(report(seconds.sorted(), parallelism))
    }

    /// Batches of one epoch as training gets them, on one thread.
    private func read(_ path: String) throws -> String {
        if cold { dropFromMemory(path) }
        let generator = try HDF5DatasetGenerator(path, batchSize: batchSize, shuffle: shuffle)
        let start = ContinuousClock.now
        var images = 0
        try generator.forEachBatch { images += $0.inputs[0].shape[0] }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return try JSON.object([
            "mode": "read", "batch_size": JSON(batchSize), "threads": 1, "shuffle": .bool(shuffle), "cold": .bool(cold),
            "images_per_second": .number((Double(images) / seconds * 10).rounded() / 10),
            "peak_rss_bytes": JSON(peakMemory()),
        ]).text()
    }

    private func dropFromMemory(_ path: String) {
        #if os(Linux)
            guard let file = FileHandle(forReadingAtPath: path) else { return }
            fsync(file.fileDescriptor)
            posix_fadvise(file.fileDescriptor, 0, 0, POSIX_FADV_DONTNEED)
        #endif
    }

    private func time(_ parallelism: DataParallelism?, _ step: (Int) throws -> Void) rethrows -> [Double] {
        for number in 0..<warmUp { try step(number) }
        parallelism?.communicator.resetTraffic()
        return try (0..<steps).map { number in
            let start = ContinuousClock.now
            try step(warmUp + number)
            return (ContinuousClock.now - start) / .seconds(1)
        }
    }

    private func timeSteps(
        _ parallelism: DataParallelism?, _ training: (StepTimer) throws -> Void
    ) rethrows -> [Double] {
        let timer = StepTimer(warmUp: warmUp, communicator: parallelism?.communicator)
        try training(timer)
        return Array(timer.seconds.dropFirst(warmUp))
    }

    private func report(_ seconds: [Double], _ parallelism: DataParallelism?) throws -> String {
        let middle = seconds.count / 2
        let median = seconds.count % 2 == 1 ? seconds[middle] : (seconds[middle - 1] + seconds[middle]) / 2
        var json: [String: JSON] = [
            "system": .string(try compute.backend.version), "processor": .string(RunRecord.Machine.processor),
            "mode": .string(mode.rawValue),
            "model": .string(model.flag), "batch_size": JSON(batchSize),
            "threads": JSON(mode == .augment ? 1 : compute.threads),
            "images_per_second": .number((Double(batchSize) / median * 10).rounded() / 10),
            "step_seconds": [
                "min": .number(seconds[0]), "median": .number(median), "max": .number(seconds[seconds.count - 1]),
                "mean": .number(seconds.reduce(0, +) / Double(seconds.count)),
            ],
            "peak_rss_bytes": JSON(peakMemory()), "backend": .string(compute.library.rawValue),
            "layout": compute.library == .onednn ? "blocked" : "channels_last", "compile": false,
        ]
        if let communicator = parallelism?.communicator {
            json["processes"] = JSON(communicator.size)
            json["bytes_per_step"] = JSON(communicator.traffic.bytes / steps)
            json["seconds_waited_per_step"] = .number(communicator.traffic.secondsWaited / Double(steps))
        }
        return try JSON.object(json).text()
    }

    private func peakMemory() -> Int {
        var usage = rusage()
        #if os(Linux)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss * 1024
        #else
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #endif
    }
}

/// From the end of one step to the end of the next: waiting for data counts. Traffic counts after the warm-up.
final class StepTimer: Callback {
    private(set) var seconds: [Double] = []
    private var last = ContinuousClock.now
    private let warmUp: Int
    private let communicator: (any Communicator)?

    init(warmUp: Int, communicator: (any Communicator)?) {
        self.warmUp = warmUp
        self.communicator = communicator
    }

    func onEpochBegin(_ epoch: Int, model: Model) { last = .now }

    func onBatchEnd(_ step: Int, logs: Logs, model: Model) {
        let now = ContinuousClock.now
        seconds.append((now - last) / .seconds(1))
        if seconds.count == warmUp { communicator?.resetTraffic() }
        last = now
    }
}
