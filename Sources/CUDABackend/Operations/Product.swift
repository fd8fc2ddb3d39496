import CCUDA
import ComputeGraph

/// A matrix of rows in the GPU's memory.
struct Matrix {
    let address: DeviceAddress
    /// The distance from one row to the next, in elements.
    let stride: Int
    /// Whether it has 32-bit floats whatever the plan's elements.
    var isFloat = false
    var isTransposed = false

    /// The transpose, as a factor of a product.
    var transposed: Matrix { Matrix(address: address, stride: stride, isFloat: isFloat, isTransposed: true) }
}

extension KernelContext {
    /// `c (+)= a * b`, by cuBLAS. `c` has `rows` rows of `columns` elements, and each is a sum of `terms` products.
    func multiply(
        _ a: Matrix, _ b: Matrix, into c: Matrix, rows: Int, columns: Int, terms: Int, adds: Bool
    ) throws {
        func type(_ matrix: Matrix) -> cudaDataType {
            cudaDataType(precision == .bfloat16 && !matrix.isFloat ? CUDA_R_16BF : CUDA_R_32F)
        }
        func operation(_ matrix: Matrix) -> cublasOperation_t {
            cublasOperation_t(matrix.isTransposed ? CUBLAS_OP_T : CUBLAS_OP_N)
        }
        let compute = precision == .tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F
        var alpha: Float = 1, beta: Float = adds ? 1 : 0
        // cuBLAS reads matrices column by column: it sees the transposes of all three, so the factors change places.
        let libraries = device.libraries
        try libraries.checkBLAS(
            libraries.blas.cublasGemmEx(
                device.blas, operation(b), operation(a), Int32(columns), Int32(rows), Int32(terms), &alpha,
                b.address.pointer, type(b), Int32(b.stride), a.address.pointer, type(a), Int32(a.stride), &beta,
                c.address.pointer, type(c), Int32(c.stride), cublasComputeType_t(compute),
                cublasGemmAlgo_t(CUBLAS_GEMM_DEFAULT)),
            "cublasGemmEx")
    }
}
