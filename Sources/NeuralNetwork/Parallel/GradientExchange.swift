import ComputeGraph
import Tensors

/// Sums the gradients of one step over all processes, during its backward pass.
///
/// Gradients travel in buckets: parameters that lie side by side, about a megabyte of them. The backward pass ends at the
/// first layers, so the last bucket is ready first. It begins its way as soon as all its gradients are final, and moves on
/// whenever the backward pass has left a node.
final class GradientExchange: SharedStep {
    private let part: BatchPart
    private let parallelism: DataParallelism
    private let gradients: UnsafeMutableBufferPointer<Float>
    private var buckets: [Bucket]
    private let bucketOfParameter: [ParameterID: Int]
    /// How many buckets have begun; they do so in the same order everywhere.
    private var begun = 0

    private let storage: any ParameterStorage
    /// The moving statistics, which every process has moved by its own part.
    private let statistics: [ParameterID]
    private var statisticsSums: UnsafeMutableBufferPointer<Float>?

    private struct Bucket {
        let range: Range<Int>
        var missing: Int
    }

    /// In numbers.
    private static let bucketSize = 1 << 18
    /// Numbers between gradients that travel along, because two buckets would take longer.
    private static let largestGap = 1 << 12

    /// - Parameter gradients: the block of all gradients, which stays in place during the step.
    init(
        _ part: BatchPart, _ parallelism: DataParallelism, _ graph: Graph, _ storage: any ParameterStorage,
        gradients: UnsafeMutableBufferPointer<Float>
    ) {
        (self.part, self.parallelism, self.storage, self.gradients) = (part, parallelism, storage, gradients)
        statistics = parallelism.synchronizesBatchNormalization ? [] : Array(Set(graph.movingStatistics)).sorted()
        var buckets: [Bucket] = [], bucketOfParameter: [ParameterID: Int] = [:]
        for parameter in graph.parameterIDs.reversed() where graph[parameter].isTrainable {
            let range = storage.gradientRange(of: parameter)
            if let last = buckets.last, last.range.lowerBound - range.upperBound <= Self.largestGap,
                last.range.upperBound - range.lowerBound <= Self.bucketSize
            {
                buckets[buckets.count - 1] = Bucket(
                    range: range.lowerBound..<last.range.upperBound, missing: last.missing + 1)
            } else {
                buckets.append(Bucket(range: range, missing: 1))
            }
            bucketOfParameter[parameter] = buckets.count - 1
        }
        self.buckets = buckets
        self.bucketOfParameter = bucketOfParameter
    }

    deinit { statisticsSums?.deallocate() }

    // MARK: - SharedStep

    var firstSample: Int { part.samples.lowerBound }
    var share: Float { part.share }
    var hasSamples: Bool { part.isCounted }

    func sum(_ numbers: inout [Double]) { parallelism.communicator.sum(&numbers) }

    func gradientsAreFinal(of parameters: [ParameterID]) {
        guard parallelism.overlapsBackwardPass else { return }
        // The forward pass is over.
        beginStatistics()
        for parameter in parameters {
            if let bucket = bucketOfParameter[parameter] { buckets[bucket].missing -= 1 }
        }
        while begun < buckets.count, buckets[begun].missing == 0 { beginBucket() }
        parallelism.communicator.advanceSums()
    }

    private func beginBucket() {
        let numbers = UnsafeMutableBufferPointer(rebasing: gradients[buckets[begun].range])
        parallelism.communicator.beginSum(numbers, as: parallelism.gradientFormat)
        begun += 1
    }

    /// Waits until all gradients are sums, and all processes have the mean of the moving statistics.
    func finish() {
        beginStatistics()
        while begun < buckets.count { beginBucket() }
        parallelism.communicator.finishSums()
        takeStatistics()
    }

    // MARK: - Moving statistics

    private func beginStatistics() {
        guard statisticsSums == nil, !statistics.isEmpty else { return }
        let values = statistics.flatMap { storage.weight($0).scalars }
        let sums = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
        _ = sums.initialize(fromContentsOf: part.isCounted ? values : values.map { _ in 0 })
        statisticsSums = sums
        parallelism.communicator.beginSum(sums, as: .float32)
    }

    private func takeStatistics() {
        guard let statisticsSums else { return }
        var rest = statisticsSums[...]
        for parameter in statistics {
            let shape = storage.weight(parameter).shape
            let mean = rest.prefix(shape.count).map { $0 / Float(part.countedProcesses) }
            storage.setWeight(parameter, to: Tensor(shape: shape, scalars: mean))
            rest = rest.dropFirst(shape.count)
        }
    }
}
