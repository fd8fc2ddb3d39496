import ComputeGraph
import System
import Tensors

/// Parameters in host memory, in Keras's layouts. The CPU backends share it.
///
/// All weights are in one block, all gradients in another, and each slot in one more, at the same offsets.
public final class HostParameters: ParameterStorage {
    private let parameters: [Graph.Parameter]
    private let offsets: [Int]
    private let size: Int
    private let weights: UnsafeMutablePointer<Float>
    private let gradients: UnsafeMutablePointer<Float>
    private var slots: [UnsafeMutablePointer<Float>] = []

    /// Changes whenever a weight may have changed, so that plans renew their packed copies.
    public private(set) var version = 0

    public init(_ graph: Graph) {
        parameters = graph.parameters
        // Every parameter starts at a cache line.
        var offsets: [Int] = []
        var size = 0
        for parameter in parameters {
            offsets.append(size)
            size += (parameter.shape.count + 15) / 16 * 16
        }
        self.offsets = offsets
        self.size = size
        weights = Self.block(size, value: 0)
        gradients = Self.block(size, value: 0)
    }

    deinit {
        weights.deallocate()
        gradients.deallocate()
        for slot in slots { slot.deallocate() }
    }

    private static func block(_ size: Int, value: Float) -> UnsafeMutablePointer<Float> {
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(size, 16) * 4, alignment: 64)
            .bindMemory(to: Float.self, capacity: size)
        block.initialize(repeating: value, count: size)
        return block
    }

    // MARK: - Plans read weights and write gradients in place

    public func weightPointer(_ index: Int) -> UnsafeMutablePointer<Float> { weights + offsets[index] }
    public func gradientPointer(_ index: Int) -> UnsafeMutablePointer<Float> { gradients + offsets[index] }
    /// Call it after writing through ``weightPointer(_:)``.
    public func weightsDidChange() { version += 1 }

    // MARK: - ParameterStorage

    public func weight(_ index: Int) -> Tensor { tensor(weights, index) }
    public func gradient(_ index: Int) -> Tensor { tensor(gradients, index) }
    public func slot(_ slot: Int, of index: Int) -> Tensor { tensor(slots[slot], index) }
    public var slotCount: Int { slots.count }

    public func setWeight(_ index: Int, to value: Tensor) {
        fill(weights, index, value)
        version += 1
    }
    public func setGradient(_ index: Int, to value: Tensor) { fill(gradients, index, value) }
    public func setSlot(_ slot: Int, of index: Int, to value: Tensor) { fill(slots[slot], index, value) }

    public func isWeightFinite(_ index: Int) -> Bool { scalars(weights, index).areFinite }
    public func isGradientFinite(_ index: Int) -> Bool { scalars(gradients, index).areFinite }

    public func makeSlots(count: Int, value: Float) {
        for slot in slots { slot.deallocate() }
        slots = (0..<count).map { _ in Self.block(size, value: value) }
    }

    private func tensor(_ block: UnsafeMutablePointer<Float>, _ index: Int) -> Tensor {
        Tensor(shape: parameters[index].shape, scalars: Array(scalars(block, index)))
    }

    private func scalars(_ block: UnsafeMutablePointer<Float>, _ index: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: block + offsets[index], count: parameters[index].shape.count)
    }

    private func fill(_ block: UnsafeMutablePointer<Float>, _ index: Int, _ value: Tensor) {
        guard value.shape == parameters[index].shape else {
            stop("\(parameters[index].name) is \(parameters[index].shape), but is given \(value.shape)")
        }
        value.scalars.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            (block + offsets[index]).update(from: base, count: source.count)
        }
    }

    public func l2Penalty() -> Double {
        var penalty = 0.0
        for (index, parameter) in parameters.enumerated() where parameter.l2 != 0 {
            // Eight independent sums, so that the processor need not wait for each addition.
            let w = weightPointer(index), count = parameter.shape.count
            var sums = SIMD8<Double>.zero
            for i in stride(from: 0, to: count - 7, by: 8) {
                let weights = SIMD8<Double>(UnsafeRawPointer(w + i).loadUnaligned(as: SIMD8<Float>.self))
                sums += weights * weights
            }
            for i in count / 8 * 8..<count { sums[0] += Double(w[i]) * Double(w[i]) }
            penalty += Double(parameter.l2) * sums.sum()
        }
        return penalty
    }

    public func update(_ rule: UpdateRule) {
        guard slots.count >= rule.slotCount else {
            stop("an optimizer with \(slots.count) slots gave a step that needs \(rule.slotCount): \(rule)")
        }
        for (index, parameter) in parameters.enumerated() where parameter.isTrainable {
            let offset = offsets[index], count = parameter.shape.count
            let w = weights + offset, g = gradients + offset
            let l2 = 2 * parameter.l2
            switch rule {
            case .sgd(let learningRate, let momentum, let nesterov):
                if momentum == 0 {
                    for i in 0..<count { w[i] -= learningRate * (g[i] + l2 * w[i]) }
                } else if nesterov {
                    let v = slots[0] + offset
                    for i in 0..<count {
                        let step = learningRate * (g[i] + l2 * w[i])
                        v[i] = momentum * v[i] - step
                        w[i] += momentum * v[i] - step
                    }
                } else {
                    let v = slots[0] + offset
                    for i in 0..<count {
                        v[i] = momentum * v[i] - learningRate * (g[i] + l2 * w[i])
                        w[i] += v[i]
                    }
                }
            case .adagrad(let learningRate, let epsilon, let isUnderRoot):
                let a = slots[0] + offset
                for i in 0..<count {
                    let gradient = g[i] + l2 * w[i]
                    a[i] += gradient * gradient
                    w[i] -= learningRate * gradient / root(a[i], epsilon, isUnderRoot)
                }
            case .adadelta(let learningRate, let rho, let epsilon):
                let a = slots[0] + offset, b = slots[1] + offset
                for i in 0..<count {
                    let gradient = g[i] + l2 * w[i]
                    a[i] = rho * a[i] + (1 - rho) * gradient * gradient
                    let delta = gradient * (b[i] + epsilon).squareRoot() / (a[i] + epsilon).squareRoot()
                    b[i] = rho * b[i] + (1 - rho) * delta * delta
                    w[i] -= learningRate * delta
                }
            case .rmsprop(let learningRate, let rho, let epsilon, let isUnderRoot):
                let v = slots[0] + offset
                for i in 0..<count {
                    let gradient = g[i] + l2 * w[i]
                    v[i] = rho * v[i] + (1 - rho) * gradient * gradient
                    w[i] -= learningRate * gradient / root(v[i], epsilon, isUnderRoot)
                }
            case .adam(let stepSize, let beta1, let beta2, let epsilon):
                let m = slots[0] + offset, v = slots[1] + offset
                for i in 0..<count {
                    let gradient = g[i] + l2 * w[i]
                    m[i] += (gradient - m[i]) * (1 - beta1)
                    v[i] += (gradient * gradient - v[i]) * (1 - beta2)
                    w[i] -= stepSize * m[i] / (v[i].squareRoot() + epsilon)
                }
            case .nadam(
                let learningRate, let beta1, let beta2, let epsilon, let momentScale, let gradientScale,
                let varianceScale):
                let m = slots[0] + offset, v = slots[1] + offset
                for i in 0..<count {
                    let gradient = g[i] + l2 * w[i]
                    m[i] += (gradient - m[i]) * (1 - beta1)
                    v[i] += (gradient * gradient - v[i]) * (1 - beta2)
                    let moment = momentScale * m[i] + gradientScale * gradient
                    w[i] -= learningRate * moment / ((v[i] * varianceScale).squareRoot() + epsilon)
                }
            }
        }
        version += 1
    }
}

@inline(__always)
private func root(_ value: Float, _ epsilon: Float, _ isUnderRoot: Bool) -> Float {
    isUnderRoot ? (value + epsilon).squareRoot() : value.squareRoot() + epsilon
}
