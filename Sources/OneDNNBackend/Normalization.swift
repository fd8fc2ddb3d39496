import CKernels
import ComputeGraph
import HostMemory

/// Batch normalization with the statistics of the batch, and a ReLU before or after it, in this package's own kernels.
///
/// oneDNN's primitive needs whole images in one layout. These kernels write directly into a branch's place in a
/// concatenation, and sum the gradients of all consumers while they read them, which saves copies and sums between
/// normalizations. The gradient that reaches their input past them, through a residual module's shortcut, is added to
/// their own. They do all work for a few channels at a time, so that later reads come from the cache.
final class Normalization {
    let output: Memory
    private let source: Memory
    private let input: NodeID
    private let planes: Planes
    private let outputPlanes: Planes
    private let rectify: rectification
    private let settings: NormalizationSettings
    private let factors: NormalizationFactors
    private let parameters: HostParameters
    private let engine: Engine
    private let exchange: Exchange
    /// Whether the statistics are those of the batches of all processes.
    private let synchronizes: Bool
    /// The values of a channel that they are statistics of.
    private var count = 0.0
    private let perChannel: PerChannel

    /// Numbers per channel: the forward pass's results for the backward pass, and the backward pass's intermediate
    /// results.
    private final class PerChannel {
        let mean, variance, scale, gradientMean, slope: UnsafeMutablePointer<Float>

        init(_ channels: Int) {
            mean = .allocate(capacity: 5 * channels)
            mean.initialize(repeating: 0, count: 5 * channels)
            variance = mean + channels
            scale = variance + channels
            gradientMean = scale + channels
            slope = gradientMean + channels
        }

        deinit { mean.deallocate() }
    }

    /// `nil` if the layout does not have blocks of channels.
    init?(
        _ index: NodeID, _ settings: NormalizationSettings, _ fusion: Fusion, _ builder: PlanBuilder
    ) throws {
        let node = builder.graph[index]
        input = fusion.rectifiedInput.map { builder.graph[$0].inputs[0] } ?? node.inputs[0]
        source = try builder.value(input)
        guard let planes = Planes(source.layout) else { return nil }
        output = try builder.destination(of: fusion.last(after: index), source.layout)
        guard let outputPlanes = Planes(output.layout) else { return nil }
        self.planes = planes
        self.outputPlanes = outputPlanes
        rectify =
            if fusion.rectifiedInput != nil {
                RECTIFY_INPUT
            } else if fusion.activation != nil {
                RECTIFY_OUTPUT
            } else {
                RECTIFY_NOTHING
            }
        factors = try builder.factors(of: node, settings)
        parameters = builder.parameters
        engine = builder.engine
        exchange = builder.exchange
        synchronizes = builder.analyzed.mode.synchronizesStatistics
        perChannel = PerChannel(planes.channels)
        self.settings = settings
    }

    // MARK: - Forward

    func addForward(to builder: PlanBuilder) {
        let chunks = chunks(reading: 1)
        builder.add([source, output]) { [self] in
            for blocks in chunks {
                computeStatistics(blocks)
                normalize(blocks)
            }
            moveStatistics()
        }
    }

    /// Sums within a plane have single precision, sums over planes double precision.
    private func computeStatistics(_ blocks: Range<Int>) {
        let (channels, block, pixels) = (planes.channels, planes.block, planes.pixels)
        let shared = synchronizes ? exchange.shared : nil
        let x = UnsafePointer(source.floats)
        // Sums over all planes: of the means, of their squares, of the squared differences inside.
        var sums = sums(3, blocks) { start, _, mean, squares, sums in
            plane_moments(x + start, pixels, Int32(block), rectify, mean, squares)
            for c in 0..<block {
                let m = Double(mean[c])
                sums[c] += m
                sums[channels + c] += m * m
                sums[2 * channels + c] += Double(squares[c])
            }
        }
        var samples = Double(planes.samples)
        if let shared {
            // A process without a sample of its own takes part with zeros.
            if !shared.hasSamples { (sums, samples) = (sums.map { _ in 0 }, 0) }
            sums.append(samples)
            shared.sum(&sums)
            samples = sums[3 * channels]
        }
        count = samples * Double(pixels)
        let gamma = factors.scale.floats, epsilon = settings.epsilon
        for channel in blocks.lowerBound * block..<blocks.upperBound * block {
            let mean = sums[channel] / samples
            let between = max(0, sums[channels + channel] / samples - mean * mean)
            let variance = Float(sums[2 * channels + channel] / count + between)
            perChannel.mean[channel] = Float(mean)
            perChannel.variance[channel] = variance
            perChannel.scale[channel] = gamma[channel] / (variance + epsilon).squareRoot()
        }
    }

    private func moveStatistics() {
        let mean = parameters.weightPointer(factors.movingMean)
        let variance = parameters.weightPointer(factors.movingVariance)
        let momentum = settings.momentum
        for channel in 0..<planes.channels {
            mean[channel] = mean[channel] * momentum + perChannel.mean[channel] * (1 - momentum)
            variance[channel] = variance[channel] * momentum + perChannel.variance[channel] * (1 - momentum)
        }
        parameters.weightDidChange(factors.movingMean)
        parameters.weightDidChange(factors.movingVariance)
    }

    private func normalize(_ blocks: Range<Int>) {
        let x = source.floats, y = output.floats, beta = factors.shift.floats
        forEveryPlane(of: blocks) { sample, index in
            let channel = index * planes.block
            plane_normalize(
                x + planes.start(sample: sample, block: index), y + outputPlanes.start(sample: sample, block: index),
                planes.pixels, Int32(planes.block), rectify, perChannel.mean + channel, perChannel.scale + channel,
                beta + channel)
        }
    }

    // MARK: - Backward

    /// A part of a gradient, and where its planes are.
    private struct Part {
        let memory: Memory
        let planes: Planes
    }

    /// - Parameter parts: of the gradient of the output.
    func addBackward(_ parts: [Memory], to builder: PlanBuilder) throws {
        func part(_ memory: Memory) -> Part? {
            Planes(memory.layout).flatMap { $0.block == planes.block ? Part(memory: memory, planes: $0) : nil }
        }
        var gradients = parts.compactMap(part)
        if gradients.count < parts.count { gradients = try [builder.total(parts, as: source.layout)].compactMap(part) }
        let passing =
            builder.needsGradient(input)
            ? builder.takeContributions(to: input) { part($0) != nil }.compactMap(part) : []
        let inputGradient = try builder.memory(source.layout)
        let trained = [factors.gamma, factors.beta].map { parameter in
            parameter.flatMap { builder.isTrainable($0) ? builder.parameters.gradientPointer($0) : nil }
        }
        let chunks = chunks(reading: 1 + gradients.count)
        builder.add([source, inputGradient] + (gradients + passing).map(\.memory)) { [self, gradients] in
            for blocks in chunks {
                computeGradientSums(blocks, gradients, trained)
                computeInputGradient(blocks, gradients, passing, into: inputGradient)
            }
        }
        if builder.needsGradient(input) { builder.contribute(inputGradient, to: input) }
    }

    /// Computes the gradients of gamma and beta, and the sums that the gradient of the input needs.
    private func computeGradientSums(
        _ blocks: Range<Int>, _ gradients: [Part], _ trained: [UnsafeMutablePointer<Float>?]
    ) {
        let (channels, block) = (planes.channels, planes.block)
        let x = UnsafePointer(source.floats), beta = factors.shift.floats
        var sums = sums(2, blocks) { start, plane, sum, product, sums in
            let channel = plane.block * block
            withPlanes(gradients, plane) {
                plane_gradient_sums(
                    x + start, $0, Int32(gradients.count), planes.pixels, Int32(block), rectify,
                    perChannel.mean + channel, perChannel.scale + channel, beta + channel, sum, product)
            }
            for c in 0..<block {
                sums[c] += Double(sum[c])
                sums[channels + c] += Double(product[c])
            }
        }
        let (gradientOfGamma, gradientOfBeta) = (trained[0], trained[1])
        func inverse(_ channel: Int) -> Double {
            1 / (Double(perChannel.variance[channel]) + Double(settings.epsilon))
        }
        for channel in blocks.lowerBound * block..<blocks.upperBound * block {
            // Several nodes may share gamma and beta, so their gradients are sums.
            gradientOfGamma?[channel] += Float(sums[channels + channel] * inverse(channel).squareRoot())
            gradientOfBeta?[channel] += Float(sums[channel])
        }
        // The other processes' samples have moved the statistics too.
        if synchronizes, let shared = exchange.shared {
            shared.sum(&sums)
            // A sample that does not count has no gradient, but its way through the statistics would be one.
            if !shared.hasSamples { sums = sums.map { _ in 0 } }
        }
        for channel in blocks.lowerBound * block..<blocks.upperBound * block {
            perChannel.gradientMean[channel] = Float(sums[channel] / count)
            perChannel.slope[channel] = Float(sums[channels + channel] * inverse(channel) / count)
        }
    }

    private func computeInputGradient(
        _ blocks: Range<Int>, _ gradients: [Part], _ passing: [Part], into result: Memory
    ) {
        let x = source.floats, dx = result.floats, beta = factors.shift.floats
        forEveryPlane(of: blocks) { sample, index in
            let channel = index * planes.block, start = planes.start(sample: sample, block: index)
            withPlanes(gradients, (sample, index)) { gradientPlanes in
                withPlanes(passing, (sample, index)) { passingPlanes in
                    plane_input_gradient(
                        x + start, gradientPlanes, Int32(gradients.count), passingPlanes, Int32(passing.count),
                        dx + start, planes.pixels, Int32(planes.block), rectify, perChannel.mean + channel,
                        perChannel.scale + channel, beta + channel, perChannel.gradientMean + channel,
                        perChannel.slope + channel)
                }
            }
        }
    }

    // MARK: - Over all planes

    private typealias Plane = (sample: Int, block: Int)

    /// Ranges of blocks so small that the values are still in the cache when they are read a second time; all blocks, if
    /// their sums have to travel.
    private func chunks(reading tensors: Int) -> [Range<Int>] {
        if synchronizes { return [0..<planes.blocks] }
        let cache = 1 << 20
        let bytes = tensors * planes.samples * planes.pixels * planes.block * 4 / engine.threads
        let count = max(1, cache / max(bytes, 1))
        return stride(from: 0, to: planes.blocks, by: count).map { $0..<min($0 + count, planes.blocks) }
    }

    /// Runs `body` for every plane of these blocks. Each thread has its own samples.
    private func forEveryPlane(of blocks: Range<Int>, _ body: (_ sample: Int, _ block: Int) -> Void) {
        engine.parallel { thread, threads in
            for sample in planes.samples * thread / threads..<planes.samples * (thread + 1) / threads {
                for block in blocks { body(sample, block) }
            }
        }
    }

    /// `count` sums for each channel over all planes. `body` receives the start of a plane, memory for two results, and
    /// the sums of its first channel, to which it adds.
    private func sums(
        _ count: Int, _ blocks: Range<Int>,
        _ body: (
            _ start: Int, _ plane: Plane, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
            _ into: UnsafeMutablePointer<Double>
        ) -> Void
    ) -> [Double] {
        let size = count * planes.channels
        var sums = [Double](repeating: 0, count: engine.threads * size)
        sums.withUnsafeMutableBufferPointer { sums in
            guard let sums = sums.baseAddress else { return }
            engine.parallel { thread, threads in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * planes.block) { results in
                    guard let first = results.baseAddress else { return }
                    for sample in planes.samples * thread / threads..<planes.samples * (thread + 1) / threads {
                        for block in blocks {
                            body(
                                planes.start(sample: sample, block: block), (sample, block), first,
                                first + planes.block, sums + thread * size + block * planes.block)
                        }
                    }
                }
            }
            // Added in the order of the threads, so the sum is the same every time.
            for thread in 1..<max(engine.threads, 1) {
                for i in 0..<size { sums[i] += sums[thread * size + i] }
            }
        }
        return Array(sums.prefix(size))
    }

    private func withPlanes(
        _ parts: [Part], _ plane: Plane,
        _ body: (UnsafePointer<UnsafePointer<Float>?>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: max(parts.count, 1)) { pointers in
            for (index, part) in parts.enumerated() {
                let start = part.planes.start(sample: plane.sample, block: plane.block)
                pointers.initializeElement(at: index, to: part.memory.floats + start)
            }
            if let first = pointers.baseAddress { body(first) }
        }
    }
}
