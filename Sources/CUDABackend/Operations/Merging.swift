import CGPUKernels
import ComputeGraph
import Tensors

extension GPUBroadcast {
    /// An operand that is repeated along missing axes and axes of length 1. Both shapes begin with the batch, or with 1.
    ///
    /// - Throws: ``BackendError`` for more axes than kernels know.
    init(_ operand: Shape, to shape: Shape) throws {
        self.init()
        let capacity = MemoryLayout.size(ofValue: self.shape) / 4
        guard shape.rank <= capacity else {
            throw BackendError("a GPU repeats operands along \(capacity) axes at most, not along \(shape.rank)")
        }
        rank = Int32(shape.rank)
        self.operand = Int32(operand.count)
        // Missing axes come after the batch.
        let lengths =
            [operand[0]] + [Int](repeating: 1, count: shape.rank - operand.rank) + operand.dimensions.dropFirst()
        withUnsafeMutableBytes(of: &self.shape) { $0.storeElements(shape.dimensions) }
        let strides = lengths.indices.map { axis in
            lengths[axis] == 1 ? 0 : lengths[(axis + 1)...].reduce(1, *)
        }
        withUnsafeMutableBytes(of: &self.strides) { $0.storeElements(strides) }
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func storeElements(_ elements: [Int]) {
        for (i, element) in elements.enumerated() {
            storeBytes(of: Int32(element), toByteOffset: 4 * i, as: Int32.self)
        }
    }
}

/// The inputs side by side along the last axis.
final class Concatenation: Kernel {
    private let inputs: [Signal], output: Signal
    private let context: KernelContext

    init(inputs: [Signal], output: Signal, context: KernelContext) {
        self.inputs = inputs
        self.output = output
        self.context = context
    }

    func forward() throws {
        var start = 0
        for input in inputs {
            try context.module.launch(
                "copy_channels", elements: input.count, output.values, Int32(output.channels), Int32(start),
                input.values, Int32(input.channels), Int32(0), Int32(input.channels), Int32(output.rows), Int32(0))
            start += input.channels
        }
    }

    func backward() throws {
        guard let dy = output.gradient else { return }
        var start = 0
        for input in inputs {
            if let dx = input.gradient {
                try context.module.launch(
                    "copy_channels", elements: input.count, dx, Int32(input.channels), Int32(0), dy,
                    Int32(output.channels), Int32(start), Int32(input.channels), Int32(output.rows),
                    input.addsToGradient().flag)
            }
            start += input.channels
        }
    }
}

/// The sum of the inputs, each times its factor.
final class LinearCombination: Kernel {
    private let factors: [Float]
    private let inputs: [Signal], output: Signal
    private let context: KernelContext

    init(_ factors: [Float], inputs: [Signal], output: Signal, context: KernelContext) {
        self.factors = factors
        self.inputs = inputs
        self.output = output
        self.context = context
    }

    /// A launch adds four inputs.
    func forward() throws {
        for first in stride(from: 0, to: inputs.count, by: 4) {
            func address(_ i: Int) -> DeviceAddress { first + i < inputs.count ? inputs[first + i].values : .null }
            func factor(_ i: Int) -> Float { first + i < inputs.count ? factors[first + i] : 0 }
            try context.module.launch(
                "combine", elements: output.count, output.values, address(0), address(1), address(2), address(3),
                factor(0), factor(1), factor(2), factor(3), Int32(output.count), (first > 0).flag)
        }
    }

    /// An input that appears twice gets both parts.
    func backward() throws {
        guard let dy = output.gradient else { return }
        for (factor, input) in zip(factors, inputs) {
            guard let dx = input.gradient else { continue }
            try context.module.launch(
                "combine", elements: output.count, dx, dy, DeviceAddress.null, DeviceAddress.null,
                DeviceAddress.null, factor, Float(0), Float(0), Float(0), Int32(output.count),
                input.addsToGradient().flag)
        }
    }
}

/// The product of the inputs, element by element.
final class Multiplication: Kernel {
    private let inputs: [Signal], output: Signal
    private let operands: [GPUBroadcast]
    private let context: KernelContext

    init(inputs: [Signal], output: Signal, context: KernelContext) throws {
        self.inputs = inputs
        self.output = output
        self.context = context
        operands = try inputs.map { try GPUBroadcast($0.shape, to: output.shape) }
        context.scratch.reserve(bytes: output.count * context.precision.elementSize)
    }

    func forward() throws {
        for (k, input) in inputs.enumerated() {
            try context.module.launch(
                "multiply", elements: output.count, output.values, input.values, operands[k], Int32(output.count),
                (k == 0).flag)
        }
    }

    /// An input's gradient is the output's times all other inputs.
    func backward() throws {
        guard let dy = output.gradient else { return }
        let product = context.scratch.address, count = Int32(output.count)
        let whole = try GPUBroadcast(output.shape, to: output.shape)
        for (k, input) in inputs.enumerated() {
            guard let dx = input.gradient else { continue }
            try context.module.launch("multiply", elements: output.count, product, dy, whole, count, Int32(1))
            for (other, operand) in inputs.enumerated() where other != k {
                try context.module.launch(
                    "multiply", elements: output.count, product, operand.values, operands[other], count, Int32(0))
            }
            try context.module.launch(
                "sum_repeated", elements: input.count, dx, product, operands[k], count, input.addsToGradient().flag)
        }
    }
}

/// The largest or the smallest of the inputs, element by element. NaN beats all numbers.
final class Extremum: Kernel {
    private let inputs: [Signal], output: Signal
    private let sign: Float
    private let operands: [GPUBroadcast]
    private let context: KernelContext

    init(isLargest: Bool, inputs: [Signal], output: Signal, context: KernelContext) throws {
        self.inputs = inputs
        self.output = output
        self.context = context
        sign = isLargest ? 1 : -1
        operands = try inputs.map { try GPUBroadcast($0.shape, to: output.shape) }
        context.scratch.reserve(bytes: 2 * partBytes)
    }

    /// The size of an intermediate result, so that the next one begins where vectors may begin.
    private var partBytes: Int { (output.count * context.precision.elementSize + 255) / 256 * 256 }

    func forward() throws {
        for (k, input) in inputs.enumerated() {
            try context.module.launch(
                "extremum", elements: output.count, output.values, input.values, operands[k], Int32(output.count),
                sign, (k == 0).flag)
        }
    }

    /// The first of equal inputs gets the whole gradient: each claims its part of what the ones before it have left.
    func backward() throws {
        guard let dy = output.gradient else { return }
        let rest = context.scratch.address, count = Int32(output.count)
        let part = rest.advanced(bytes: partBytes)
        let whole = try GPUBroadcast(output.shape, to: output.shape)
        try context.module.launch("multiply", elements: output.count, rest, dy, whole, count, Int32(1))
        for (k, input) in inputs.enumerated() {
            try context.module.launch(
                "claim", elements: output.count, part, rest, input.values, operands[k], output.values, count)
            guard let dx = input.gradient else { continue }
            try context.module.launch(
                "sum_repeated", elements: input.count, dx, part, operands[k], count, input.addsToGradient().flag)
        }
    }
}
