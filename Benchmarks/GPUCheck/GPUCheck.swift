import ArgumentParser
import CommandLine
import ComputeGraph
import FixtureSupport
import Foundation
import NeuralNetwork
import OneDNNBackend
import OpenBLASBackend
import PyImageSearch
import Tensors

enum Stage: String, CaseIterable, ExpressibleByArgument {
    case device, kernels, fixtures, steps
}

/// Checks a backend on the machine where it runs, from the smallest to the largest: the device answers, each kind of
/// layer computes, Keras's models predict and learn, whole networks train as on the processor. Each check is a line of
/// JSON with what was measured, whether it is as it should be, and how long it took.
@main
struct GPUCheck: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "GPUCheck",
        abstract: "Checks a backend against the processor and against Keras, in lines of JSON.",
        version: PackageVersion.number)

    @Argument(help: "device, kernels, fixtures or steps.")
    var stage: Stage

    @Argument(help: "For fixtures: the folders with Keras's models and their side files.")
    var folders: [String] = [Fixtures.folder + "/keras_models"]

    @Option(help: "The backend to compare with: onednn or openblas.")
    var reference = ComputeOptions.Library.openblas

    @Option(help: "Only this network, for steps.")
    var model: String?

    @Option(help: "Steps of training, for steps.", allowing: .from(1, to: 1000))
    var steps = 10

    @Option(help: FlagHelp.batchSize(), allowing: .batchSize)
    var batchSize = 64

    @Option(help: "How much larger than in float32 differences may be, because numbers are rounded more coarsely.")
    var slack = 1.0

    @OptionGroup var compute: ComputeOptions

    func run() throws {
        let checks: [Check] =
            switch stage {
            case .device: [Check("device") { ["threads": JSON(compute.threads)] }]
            case .kernels: LayerCase.all.map { layer in Check(layer.name) { try compare(layer) } }
            case .fixtures: try fixtures()
            case .steps: try networks().map { network in Check(network.name) { try compare(network) } }
            }
        guard try checks.reduce(true, { try report($1) && $0 }) else { throw ExitCode.failure }
    }

    /// Prints the line of a check. One that fails does not keep the next from being made.
    ///
    /// - Returns: whether it is as it should be.
    private func report(_ check: Check) throws -> Bool {
        let start = ContinuousClock.now
        var line: [String: JSON]
        do { line = try check.measure() } catch { line = ["error": .string("\(error)")] }
        // Of every ratio, 1 is what is allowed.
        let ratio = line["ratio"]?.number ?? 0
        let passes = line["error"] == nil && ratio <= 1
        line["stage"] = .string(stage.rawValue)
        line["check"] = .string(check.name)
        line["backend"] = .string(try compute.backend.version)
        line["ok"] = .bool(passes)
        line["seconds"] = .number((ContinuousClock.now - start) / .seconds(1))
        try print(JSON.object(line).text())
        fflush(nil)
        return passes
    }

    private var referenceBackend: any Backend {
        switch reference {
        case .onednn: OneDNNBackend(threads: compute.threads)
        default: OpenBLASBackend(threads: compute.threads)
        }
    }

    // MARK: - Against the processor

    /// One layer predicts and takes two steps: its kernels, those of its gradients, a loss and an update.
    private func compare(_ layer: LayerCase) throws -> [String: JSON] {
        var pair = try Pair(compute.backend, referenceBackend) { layer.model() }
        let x = hashUniform("\(layer.name)/x", shape: layer.shape.batched(3), -1, 1)
        let y = try pair.predict(x)
        let targets = hashUniform("\(layer.name)/y", shape: y.shape, -1, 1)
        for step in 0..<2 { try pair.train(Batch(inputs: [x], targets: [targets]), step: step) }
        return try pair.result(losses: 1e-5 * slack, weights: 1e-4 * slack, outputs: 1e-4 * slack)
    }

    /// A whole network takes some steps on the same images with the same dropout.
    ///
    /// The first step shows whether every gradient is right. After it the differences grow by themselves: deep networks
    /// that have not learned yet multiply a rounding in the seventh digit by ten in each step, at a small rate, too.
    private func compare(_ network: Networks.Entry) throws -> [String: JSON] {
        var pair = try Pair(compute.backend, referenceBackend) {
            let model = network.build()
            model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 1e-4, momentum: 0.9))
            return model
        }
        let shape = pair.tested.layers[0].outputShape.batched(batchSize), classes = pair.tested.outputs[0].shape.count
        func train(_ step: Int) throws {
            let targets = oneHot((0..<batchSize).map { (7 * $0 + step) % classes }, classes: classes)
            try pair.train(Batch(inputs: [hashImages("steps/\(step)", shape)], targets: [targets]), step: step)
        }
        try train(0)
        let first = try pair.result(losses: 1e-5 * slack, weights: 1e-5 * slack)
        for step in 1..<max(steps, 1) { try train(step) }
        var line = try pair.result(losses: 0.05 * slack, weights: 0.05 * slack)
        line["first_weight_difference"] = first["weight_difference"]
        line["ratio"] = .number(max(first["ratio"]?.number ?? .infinity, line["ratio"]?.number ?? .infinity))
        return line
    }

    private func networks() throws -> [Networks.Entry] {
        let all = [Networks.miniGoogLeNet, Networks.deeperGoogLeNet, Networks.resNet]
        let chosen = all.filter { model == nil || $0.name.lowercased() == model }
        guard !chosen.isEmpty else {
            throw ValidationError("--model is one of \(all.map { $0.name.lowercased() }.joined(separator: ", "))")
        }
        return chosen
    }

    // MARK: - Against Keras

    private func fixtures() throws -> [Check] {
        try folders.flatMap { try KerasFixture.all(in: $0) }.filter {
            FileManager.default.fileExists(atPath: "\($0.folder)/\($0.name).hdf5")
        }.map { fixture in Check(fixture.name) { try compare(fixture) } }
    }

    /// The file's model predicts as in Keras, and its next step has Keras's loss and kernels.
    private func compare(_ fixture: KerasFixture) throws -> [String: JSON] {
        let io = try fixture.open()
        let model = try Model.load("\(fixture.folder)/\(fixture.name).hdf5", backend: compute.backend).withoutDropout()
        let x = try io.images("input_key"), expected = try io.tensor("prediction")
        var differences = [
            Difference("prediction", try model.predict(x), expected, absolute: 1e-5 * slack)
        ]
        if io.contains("continued_step_loss") {
            let labels = try io.integers("continued_step_labels")
            let key = try io.setting("continued_input_key").string ?? ""
            let batch = Batch(
                inputs: [hashImages(key, x.shape.sample.batched(labels.count))],
                targets: [oneHot(labels, classes: expected.shape[1])])
            let loss = Tensor(shape: [1], scalars: [Float(try model.trainOnBatch(batch))])
            differences.append(
                Difference("loss", loss, try io.tensor("continued_step_loss"), absolute: 1e-4 * slack))
            let kernels = zip(model.graph.parameters, try model.weights()).filter { $0.0.name.hasSuffix("/kernel") }
            for (name, kernel) in [("first", kernels.first), ("final", kernels.last)] {
                guard let kernel, io.contains("after_\(name)_conv_kernel") || name == "final" else { continue }
                let dataset = name == "first" ? "after_first_conv_kernel" : "after_final_kernel"
                differences.append(Difference(dataset, kernel.1, try io.tensor(dataset), absolute: 1e-4 * slack))
            }
        }
        var line = Dictionary(
            uniqueKeysWithValues: differences.map { ("\($0.name)_difference", JSON.number($0.largest)) })
        line["ratio"] = .number(differences.map { $0.isSameShape ? $0.ratio : .infinity }.max() ?? .infinity)
        return line
    }
}

/// A check and how it is made.
struct Check {
    let name: String
    /// What was measured. `ratio` is the largest difference over what is allowed.
    let measure: () throws -> [String: JSON]

    init(_ name: String, _ measure: @escaping () throws -> [String: JSON]) {
        (self.name, self.measure) = (name, measure)
    }
}
