import ArgumentParser
import ChapterSupport
import ComputeGraph
import Foundation
import NeuralNetwork
import PyImageSearch
import Tensors

enum Mode: String, CaseIterable, ExpressibleByArgument {
    case train, predict, augment
}

enum Network: String, CaseIterable, ExpressibleByArgument {
    case minigooglenet, deepergooglenet

    func build() -> (model: Model, side: Int, classes: Int) {
        switch self {
        case .minigooglenet: (MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: 10), 32, 10)
        case .deepergooglenet: (DeeperGoogLeNet.build(width: 64, height: 64, depth: 3, classes: 200), 64, 200)
        }
    }
}

/// Times the bare work of a step: forward, softmax cross-entropy, backward, SGD with momentum 0.9, on one resident
/// batch, or forward in inference mode. No input pipeline, no augmentation. Or times the augmentation alone, with all
/// that train.py asks of it, on one thread, for images as large as the network's. One JSON line comes out.
@main
struct Benchmark: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Benchmark", abstract: "Images per second of a network, as one JSON line.")

    @Argument(help: "train, predict or augment.")
    var mode: Mode

    @Option(help: "The network.")
    var model = Network.minigooglenet

    @Option(help: "Images in a step.")
    var batchSize = 64

    @Option(help: "Steps that are timed, after three that are not.")
    var steps = 20

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        guard (1...65_536).contains(batchSize), (1...1_000_000).contains(steps) else {
            throw ValidationError("--batch-size must be from 1 to 65536, and --steps from 1 to 1000000")
        }
    }

    func run() throws {
        let (network, side, classes) = model.build()
        try network.move(to: compute.backend)
        network.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.005, momentum: 0.9))

        let random = RandomStream(seed: 0, purpose: .drawing)
        let images = Tensor(
            shape: [batchSize, side, side, 3],
            scalars: (0..<batchSize * side * side * 3).map { random.uniform($0) * 4 - 2 })
        var labels = Tensor(repeating: 0, shape: [batchSize, classes])
        for row in 0..<batchSize { labels.scalars[row * classes + (7 * row) % classes] = 1 }
        let batch = Batch(inputs: [images], targets: [labels])

        let generator = ImageDataGenerator(
            rotationRange: 18, widthShiftRange: 0.2, heightShiftRange: 0.2, shearRange: 0.15, zoomRange: 0.15,
            horizontalFlip: true)
        let augmented = generator.flow(images, labels, batchSize: batchSize)

        func step(_ number: Int) throws {
            switch mode {
            case .augment: _ = try augmented.batch(epoch: number, step: 0)
            case .train: try network.trainOnBatch(batch, step: number)
            case .predict: _ = try network.predict(images, batchSize: batchSize)
            }
        }
        for number in 0..<3 { try step(number) }
        var seconds: [Double] = []
        for number in 0..<steps {
            let start = ContinuousClock.now
            try step(3 + number)
            seconds.append((ContinuousClock.now - start) / .seconds(1))
        }
        try print(report(seconds.sorted()))
    }

    private func report(_ seconds: [Double]) throws -> String {
        let middle = seconds.count / 2
        let median = seconds.count % 2 == 1 ? seconds[middle] : (seconds[middle - 1] + seconds[middle]) / 2
        let json: JSON = [
            "system": .string(compute.backend.version), "mode": .string(mode.rawValue),
            "model": .string(model.rawValue), "batch_size": JSON(batchSize),
            "threads": JSON(mode == .augment ? 1 : compute.threads),
            "images_per_second": .number((Double(batchSize) / median * 10).rounded() / 10),
            "step_seconds": [
                "min": .number(seconds[0]), "median": .number(median), "max": .number(seconds[seconds.count - 1]),
            ],
            "peak_rss_bytes": JSON(peakMemory()), "backend": .string(compute.library.rawValue),
            "layout": compute.library == .onednn ? "blocked" : "channels_last", "compile": false,
        ]
        return try json.text()
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
