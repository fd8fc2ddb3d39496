import ComputeGraph
import Foundation
import System
import Tensors

/// Training of one model by several processes, each on its part of every batch: synchronous data parallelism, as in
/// Goyal et al., "Accurate, Large Minibatch SGD" (2017).
///
/// Every process has the whole model. The gradients of all parts are summed during the backward pass, weighted by their
/// samples; then every process makes the same update. So the number of processes changes nothing but rounding, with one
/// exception: each process normalizes by the statistics of its own part, unless these are synchronized.
public struct DataParallelism {
    /// The processes.
    public let communicator: any Communicator
    /// Whether batch normalization uses the statistics of the whole batch: Keras's `synchronized`. It costs two small
    /// exchanges for each normalization and step.
    public var synchronizesBatchNormalization: Bool
    /// The numbers in which gradients travel.
    public var gradientFormat: GradientFormat
    /// Whether gradients travel during the backward pass. Only a measurement of what that hides has a reason to
    /// wait for its end.
    public var overlapsBackwardPass = true

    /// - Parameters:
    ///   - communicator: the processes.
    ///   - synchronizesBatchNormalization: whether batch normalization uses the statistics of the whole batch.
    ///   - gradientFormat: the numbers in which gradients travel.
    public init(
        _ communicator: any Communicator, synchronizesBatchNormalization: Bool = false,
        gradientFormat: GradientFormat = .float32
    ) {
        self.communicator = communicator
        self.synchronizesBatchNormalization = synchronizesBatchNormalization
        self.gradientFormat = gradientFormat
    }

    /// This process's part of a batch. The parts lie side by side; the first processes have one sample more if the batch
    /// cannot be divided evenly.
    func part(ofBatch count: Int) -> BatchPart {
        BatchPart(rank: communicator.rank, of: communicator.size, batch: count)
    }

    /// Refuses processes that were started with different settings, before the first step.
    ///
    /// - Parameter settings: what has to be the same.
    /// - Throws: ``TrainingError`` naming the first process that differs, and how. All processes throw it.
    public func requireAgreement(on settings: [SharedSetting]) throws {
        let texts = communicator.gather(String(decoding: try JSONEncoder().encode(settings), as: UTF8.self))
        let all = try texts.map { try JSONDecoder().decode([SharedSetting].self, from: Data($0.utf8)) }
        guard let rank = all.firstIndex(where: { $0 != all[0] }) else { return }
        let (first, other) = (all[0], all[rank])
        func value(_ settings: [SharedSetting], _ name: String) -> String {
            settings.first { $0.name == name }?.value ?? "none"
        }
        let name = (first + other).map(\.name).first { value(first, $0) != value(other, $0) } ?? "order of settings"
        throw TrainingError(
            "\(communicator.name(ofProcess: rank)) has another \(name) than \(communicator.name(ofProcess: 0)): "
                + "\(value(other, name)), not \(value(first, name)); start all with the same program, flags and data")
    }
}

/// A setting that has to be the same in all processes.
public struct SharedSetting: Codable, Equatable, Sendable {
    let name: String
    let value: String

    /// - Parameters:
    ///   - name: for messages: `batch size`.
    ///   - value: in words.
    public init(_ name: String, _ value: some CustomStringConvertible) {
        (self.name, self.value) = (name, value.description)
    }
}

/// One process's part of a batch.
struct BatchPart: Equatable, Sendable {
    /// The samples that this process computes, counted within the batch.
    let samples: Range<Int>
    /// Whether they count. A batch may have fewer samples than there are processes: then some compute the first sample to
    /// take part in every exchange.
    let isCounted: Bool
    /// Samples of the whole batch.
    let batch: Int
    /// The number of processes whose samples count.
    let countedProcesses: Int

    init(rank: Int, of size: Int, batch: Int) {
        let (each, more) = batch.quotientAndRemainder(dividingBy: size)
        let start = rank * each + min(rank, more), count = each + (rank < more ? 1 : 0)
        self.batch = batch
        isCounted = count > 0
        samples = isCounted ? start..<start + count : 0..<min(1, batch)
        countedProcesses = min(size, batch)
    }

    /// A tensor of the whole batch: these samples' rows in their places, and zeros elsewhere.
    func amongZeros(_ tensor: Tensor) -> Tensor {
        var whole = Tensor(repeating: 0, shape: tensor.shape.sample.batched(batch))
        if isCounted {
            let row = tensor.shape.sample.count
            whole.scalars.replaceSubrange(
                samples.lowerBound * row..<samples.upperBound * row, with: tensor.scalars)
        }
        return whole
    }

    /// Of the samples of the batch.
    var share: Float { isCounted ? Float(samples.count) / Float(batch) : 0 }
}

extension Model {
    /// Makes the state of this model, of its optimizer and its training that of process 0's, and checks that all
    /// processes are about to do the same.
    ///
    /// - Parameter settings: of the training.
    func beginTogether(_ parallelism: DataParallelism, _ settings: [SharedSetting]) throws {
        guard let compilation else { throw notCompiled(before: "fitting") }
        let communicator = parallelism.communicator
        var network = FNV1a()
        for parameter in graph.parameters {
            network.add("\(parameter.name) \(parameter.shape) \(parameter.isTrainable) \(parameter.penalty)".utf8)
        }
        try parallelism.requireAgreement(
            on: [
                SharedSetting("backend", try chosenBackend().version),
                SharedSetting("network", "\(parameterCount) parameters (\(network.hexadecimal))"),
                SharedSetting("optimizer", try compilation.optimizer.described.text()),
                SharedSetting("loss", try JSON.array(compilation.losses.map(\.kerasConfig)).text()),
                SharedSetting("weight of a loss", "\(compilation.lossWeights)"),
                SharedSetting(
                    "treatment of gradients", try JSON.array(compilation.gradientSteps.map(\.described)).text()),
                SharedSetting("number of steps in an update", compilation.gradientAccumulationSteps),
                SharedSetting(
                    "normalization", parallelism.synchronizesBatchNormalization ? "synchronized" : "not synchronized"),
                SharedSetting("format of gradients", parallelism.gradientFormat.rawValue),
            ] + settings)
        let storage = try parameters()
        func ofFirst(_ tensor: Tensor) -> Tensor {
            var tensor = tensor
            tensor.scalars.withUnsafeMutableBytes(communicator.broadcast)
            return tensor
        }
        for parameter in graph.parameterIDs {
            storage.setWeight(parameter, to: ofFirst(storage.weight(parameter)))
            for slot in 0..<storage.slotCount {
                storage.setSlot(slot, of: parameter, to: ofFirst(storage.slot(slot, of: parameter)))
            }
        }
        let state = communicator.broadcast(Array(try JSONEncoder().encode(state)))
        self.state = try JSONDecoder().decode(TrainingState.self, from: Data(state))
    }

    /// Checks that all processes have made the same updates.
    ///
    /// - Throws: ``TrainingError`` naming the first process whose weights are others.
    func requireSameWeights(_ parallelism: DataParallelism, epoch: Int) throws {
        let communicator = parallelism.communicator
        let sums = communicator.gather(try checksum())
        guard let rank = sums.firstIndex(where: { $0 != sums[0] }) else { return }
        throw TrainingError(
            "after epoch \(epoch + 1), \(communicator.name(ofProcess: rank)) has other weights than "
                + "\(communicator.name(ofProcess: 0)): its memory or its arithmetic may be at fault")
    }

    /// The sums over all processes of what a step says about its parts.
    func total(_ scores: [Score], of part: BatchPart, _ communicator: any Communicator) -> [Score] {
        var numbers = scores.flatMap { [$0.loss] + $0.correct }
        if !part.isCounted { numbers = numbers.map { _ in 0 } }
        communicator.sum(&numbers)
        var rest = numbers[...]
        return scores.map { score in
            Score(loss: rest.removeFirst(), correct: score.correct.map { _ in rest.removeFirst() })
        }
    }
}
