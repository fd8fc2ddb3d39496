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
struct GPUCheck: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "GPUCheck",
        abstract: "Checks a backend against the processor and against Keras, in lines of JSON.",
        version: PackageVersion.number)

    @Argument(help: "device, kernels, fixtures or steps.")
    var stage: Stage

    @Argument(help: "For fixtures: the folders with Keras's models and their side files.")
    var folders: [String] = [Fixtures.folder + "/keras_models"]

    @Option(help: "The backend to compare with: onednn or openblas. (default: onednn for steps, else openblas)")
    var reference: ComputeOptions.Library?

    @Option(help: "Only this network, for steps.")
    var model: String?

    @Option(help: "Steps of training, for steps.", allowing: .from(1, to: 1000))
    var steps = 10

    @Option(help: FlagHelp.batchSize(), allowing: .batchSize)
    var batchSize = 64

    @Flag(help: ArgumentHelp("Takes every update back: all checks of training have to fail.", visibility: .hidden))
    var forget = false

    @OptionGroup var compute: ComputeOptions

    func run() throws {
        let checks: [Check] =
            switch stage {
            case .device: [Check("device") { ["threads": JSON(compute.threads)] }]
            case .kernels: LayerCase.all.map { layer in Check(layer.name) { try compare(layer) } }
            case .fixtures: try fixtures()
            case .steps: try networks().map { network in Check(network.name) { try compare(network) } }
            }
        guard !checks.isEmpty else { throw ValidationError("there is nothing to check") }
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
        try print(JSON.object(line.mapValues(\.finite)).text())
        fflush(nil)
        return passes
    }

    private var tolerance: Tolerance {
        switch compute.precision ?? .float32 {
        case .float32: Tolerance(outputs: 1e-5, changes: 1e-4, deepChanges: 0.003, untrainedChanges: 0.1)
        case .tf32: Tolerance(outputs: 0.005, changes: 0.05, deepChanges: 0.2, untrainedChanges: .infinity)
        case .bfloat16: Tolerance(outputs: 0.04, changes: 0.4, deepChanges: 0.7, untrainedChanges: .infinity)
        }
    }

    private var referenceBackend: any Backend {
        switch reference ?? (stage == .steps && compute.library != .onednn ? .onednn : .openblas) {
        case .onednn: OneDNNBackend(threads: compute.threads)
        default: OpenBLASBackend(threads: compute.threads)
        }
    }

    // MARK: - Against the processor

    /// One layer predicts and takes two steps: its kernels, those of its gradients, a loss and an update.
    private func compare(_ layer: LayerCase) throws -> [String: JSON] {
        var pair = try Pair(compute.backend, referenceBackend, forgets: forget) { layer.model() }
        let x = hashUniform("\(layer.name)/x", shape: layer.shape.batched(3), -1, 1)
        let y = try pair.predict(x)
        let targets = hashUniform("\(layer.name)/y", shape: y.shape, layer.targets.lowerBound, layer.targets.upperBound)
        for step in 0..<2 { try pair.train(Batch(inputs: [x], targets: [targets]), step: step) }
        let found = try pair.differences()
        return found.line(
            max(found.loss, found.output) / tolerance.outputs, found.largestChange / tolerance.changes)
    }

    /// A whole network takes some steps on the same images with the same dropout.
    ///
    /// One large step shows the gradients: the weights' own rounding is small beside it. Then small steps begin anew. Their
    /// differences grow by themselves: deep networks that have not learned yet multiply a rounding in the seventh digit by
    /// ten in each step, at a small rate, too. So of these only losses are compared, and not closely.
    private func compare(_ network: Networks.Entry) throws -> [String: JSON] {
        var pair = try Pair(compute.backend, referenceBackend, forgets: forget) {
            let model = network.build()
            model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 1))
            return model
        }
        let shape = pair.tested.layers[0].outputShape.batched(batchSize), classes = pair.tested.outputs[0].shape.count
        func train(_ step: Int) throws {
            let targets = oneHot((0..<batchSize).map { (7 * $0 + step) % classes }, classes: classes)
            try pair.train(Batch(inputs: [hashImages("steps/\(step)", shape)], targets: [targets]), step: step)
        }
        try train(0)
        let first = try pair.differences()
        try pair.restart(learningRate: 1e-4)
        for step in 0..<steps { try train(step) }
        let later = try pair.differences()
        var line = first.line(
            first.loss / tolerance.outputs, first.lastChange / tolerance.changes,
            first.largestChange / tolerance.untrainedChanges, later.loss / 0.05)
        line["last_change_difference"] = .number(first.lastChange)
        line["later_loss_differences"] = .array(later.losses.map { .number($0) })
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
        let outputs = relativeDifference(try model.predict(x), expected)
        var line = ["prediction_difference": JSON.number(outputs)], ratio = outputs / tolerance.outputs
        if io.contains("continued_step_loss") {
            let labels = try io.integers("continued_step_labels")
            let key = try io.setting("continued_input_key").string ?? ""
            let batch = Batch(
                inputs: [hashImages(key, x.shape.sample.batched(labels.count))],
                targets: [oneHot(labels, classes: expected.shape[1])])
            let before = try model.weights()
            let loss = Tensor(shape: [1], scalars: [Float(try model.trainOnBatch(batch))])
            let difference = relativeDifference(loss, try io.tensor("continued_step_loss"))
            line["loss_difference"] = .number(difference)
            ratio = max(ratio, difference / tolerance.outputs)
            if forget { try model.forgetStep(from: before) }
            let after = try model.weights()
            let kernels = model.graph.parameters.indices.filter { model.graph.parameters[$0].name.hasSuffix("/kernel") }
            for (name, kernel) in [("first_conv", kernels.first), ("final", kernels.last)] {
                guard let kernel, io.contains("after_\(name)_kernel") else { continue }
                let change = Change.all(
                    [name], before: [before[kernel]], after: [after[kernel]],
                    reference: [try io.tensor("after_\(name)_kernel")])[0]
                line["\(name)_change_difference"] = .number(change.difference)
                ratio = max(ratio, change.difference / tolerance.deepChanges)
            }
        }
        line["ratio"] = .number(ratio)
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

extension JSON {
    /// JSON has no infinity and no NaN, which a difference is where a backend computes one.
    fileprivate var finite: JSON {
        switch self {
        case .number(let number): number.isFinite ? self : .null
        case .array(let elements): .array(elements.map(\.finite))
        default: self
        }
    }
}
