import CCUDA
import ComputeGraph

/// The product of the last axis with a matrix, by cuBLAS.
final class Dense: Kernel {
    private let input: Signal, output: Signal
    private let kernel: PackedKernel
    private let kernelGradient: DeviceAddress?
    private let bias: Bias?
    private let context: KernelContext

    init(input: Signal, output: Signal, kernel: Weights, bias: Bias?, context: KernelContext) {
        self.input = input
        self.output = output
        self.kernel = context.packed.rounded(kernel.id, count: input.channels * output.channels)
        kernelGradient = kernel.gradient
        self.bias = bias
        self.context = context
    }

    // cuBLAS reads matrices column by column, so a matrix of rows is to it the transpose.

    func forward() throws {
        try product(
            output.channels, input.rows, input.channels, kernel.values, input.values, into: output.values)
        try bias?.forward()
    }

    func backward() throws {
        guard let dy = output.gradient else { return }
        try bias?.backward()
        if let kernelGradient {
            try product(
                output.channels, input.channels, input.rows, dy, input.values, isSecondTransposed: true,
                into: kernelGradient, isWeight: true, adds: true)
        }
        guard let dx = input.gradient else { return }
        try product(
            input.channels, input.rows, output.channels, kernel.values, isFirstTransposed: true, dy, into: dx,
            adds: input.addsToGradient())
    }

    /// `c (+)= a * b`, where c has `rows` times `columns` elements and the sums have `terms` terms.
    ///
    /// - Parameter isWeight: whether c has 32-bit floats whatever the precision.
    private func product(
        _ rows: Int, _ columns: Int, _ terms: Int, _ a: DeviceAddress, isFirstTransposed: Bool = false,
        _ b: DeviceAddress, isSecondTransposed: Bool = false, into c: DeviceAddress, isWeight: Bool = false,
        adds: Bool = false
    ) throws {
        let libraries = context.device.libraries
        let element = cudaDataType(context.precision == .bfloat16 ? CUDA_R_16BF : CUDA_R_32F)
        let compute = context.precision == .tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F
        var alpha: Float = 1
        var beta: Float = adds ? 1 : 0
        try libraries.checkBLAS(
            libraries.blas.cublasGemmEx(
                context.device.blas, cublasOperation_t(isFirstTransposed ? CUBLAS_OP_T : CUBLAS_OP_N),
                cublasOperation_t(isSecondTransposed ? CUBLAS_OP_T : CUBLAS_OP_N), Int32(rows), Int32(columns),
                Int32(terms), &alpha, a.pointer, element, Int32(isFirstTransposed ? terms : rows), b.pointer, element,
                Int32(isSecondTransposed ? columns : terms), &beta, c.pointer,
                isWeight ? cudaDataType(CUDA_R_32F) : element, Int32(rows), cublasComputeType_t(compute),
                cublasGemmAlgo_t(CUBLAS_GEMM_DEFAULT)),
            "cublasGemmEx")
    }
}
