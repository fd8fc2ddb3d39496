import CGPUKernels
import ComputeGraph

extension GPUUpdateProgram {
    /// The optimizer's step as a program for a machine with a stack, which a kernel carries out for every element.
    ///
    /// So no kernel is compiled when a learning rate changes.
    /// - Throws: ``BackendError`` if the step is longer than a program can be.
    init(_ rule: UpdateRule) throws {
        self.init()
        var code: [Int] = [], constants: [Float] = []

        func append(_ expression: UpdateRule.Expression) {
            switch expression {
            case .gradient: code.append(GPU_GRADIENT)
            case .weight: code.append(GPU_WEIGHT)
            case .slot(let slot): code += [GPU_SLOT, slot]
            case .constant(let value):
                code += [GPU_CONSTANT, constants.count]
                constants.append(value)
            case .sum(let a, let b): append(a, b, GPU_ADD)
            case .difference(let a, let b): append(a, b, GPU_SUBTRACT)
            case .product(let a, let b): append(a, b, GPU_MULTIPLY)
            case .quotient(let a, let b): append(a, b, GPU_DIVIDE)
            case .squareRoot(let a):
                append(a)
                code.append(GPU_ROOT)
            }
        }
        func append(_ a: UpdateRule.Expression, _ b: UpdateRule.Expression, _ operation: Int) {
            append(a)
            append(b)
            code.append(operation)
        }

        for assignment in rule.assignments {
            append(assignment.value)
            switch assignment.variable {
            case .weight: code.append(GPU_SET_WEIGHT)
            case .slot(let slot): code += [GPU_SET_SLOT, slot]
            }
        }
        let (codeSize, constantCount) = (
            MemoryLayout.size(ofValue: self.code), MemoryLayout.size(ofValue: self.constants) / 4
        )
        guard code.count <= codeSize, constants.count <= constantCount else {
            throw BackendError(
                "the optimizer's step has \(code.count) instructions and \(constants.count) numbers, and a GPU's step may "
                    + "have \(codeSize) and \(constantCount)")
        }
        count = Int32(code.count)
        withUnsafeMutableBytes(of: &self.code) { bytes in for (i, byte) in code.enumerated() { bytes[i] = UInt8(byte) }
        }
        withUnsafeMutableBytes(of: &self.constants) { bytes in
            for (i, value) in constants.enumerated() {
                bytes.storeBytes(of: value, toByteOffset: 4 * i, as: Float.self)
            }
        }
    }
}
