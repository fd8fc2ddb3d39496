import CCUDA
import Testing

extension CUDADoubleTests {
    final class ProductTests {
        let gpu: GPU
        let handle: cublasHandle_t?

        init() throws {
            gpu = try GPU()
            var handle: cublasHandle_t?
            try #require(gpu.blas.cublasCreate_v2(&handle) == CUBLAS_STATUS_SUCCESS)
            try #require(gpu.blas.cublasSetStream_v2(handle, gpu.stream) == CUBLAS_STATUS_SUCCESS)
            self.handle = handle
        }

        deinit { _ = gpu.blas.cublasDestroy_v2(handle) }

        /// C = alpha A B + beta C, column by column: A is m x k with 5 floats a column, B k x n, and C m x n.
        struct Case {
            var transA = false, transB = false
            var m: Int32 = 3, n: Int32 = 4, k: Int32 = 2
            var lda: Int32 = 5, ldb: Int32 = 6, ldc: Int32 = 7
            var alpha: Float = 1, beta: Float = 0
            var type = CUDA_R_32F, typeC = CUDA_R_32F
            var compute = CUBLAS_COMPUTE_32F, algorithm = CUBLAS_GEMM_DEFAULT
        }

        func product(_ it: Case, _ a: CUdeviceptr, _ b: CUdeviceptr, _ c: CUdeviceptr) -> cublasStatus_t {
            var (alpha, beta) = (it.alpha, it.beta)
            return gpu.blas.cublasGemmEx(
                handle, cublasOperation_t(it.transA ? CUBLAS_OP_T : CUBLAS_OP_N),
                cublasOperation_t(it.transB ? CUBLAS_OP_T : CUBLAS_OP_N), it.m, it.n, it.k, &alpha, a.pointer,
                cudaDataType(it.type), it.lda, b.pointer, cudaDataType(it.type), it.ldb, &beta, c.pointer,
                cudaDataType(it.typeC), it.ldc, cublasComputeType_t(it.compute), cublasGemmAlgo_t(it.algorithm))
        }

        func expected(_ it: Case, _ a: [Float], _ b: [Float], _ c: [Float]) -> [Float] {
            var result = c
            for column in 0..<Int(it.n) {
                for row in 0..<Int(it.m) {
                    let sum = (0..<Int(it.k)).map { i in
                        a[it.transA ? i + row * Int(it.lda) : row + i * Int(it.lda)]
                            * b[it.transB ? column + i * Int(it.ldb) : i + column * Int(it.ldb)]
                    }.reduce(0, +)
                    let place = row + column * Int(it.ldc)
                    result[place] = it.alpha * sum + (it.beta == 0 ? 0 : it.beta * c[place])
                }
            }
            return result
        }

        @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
        func isTheProduct(transA: Bool, transB: Bool) throws {
            let it = Case(transA: transA, transB: transB, alpha: 0.5, beta: 2)
            let (a, b, c) = (numbers(15), numbers(24, 2), numbers(28, 3))
            let result = try gpu.upload(c)
            #expect(product(it, try gpu.upload(a), try gpu.upload(b), result) == CUBLAS_STATUS_SUCCESS)
            #expect(isClose(try gpu.download(result, 28), expected(it, a, b, c)))
        }

        @Test func aBetaOfZeroReadsNothing() throws {
            let it = Case(ldc: 3)
            let (a, b) = (numbers(15), numbers(24, 2))
            let result = try gpu.allocate(bytes: 48)
            #expect(product(it, try gpu.upload(a), try gpu.upload(b), result) == CUBLAS_STATUS_SUCCESS)
            let zeros = [Float](repeating: 0, count: 12)
            #expect(isClose(try gpu.download(result, 12), expected(it, a, b, zeros)))
        }

        @Test func tf32IsLessExact() throws {
            let it = Case(m: 1, n: 1, k: 1, compute: CUBLAS_COMPUTE_32F_FAST_TF32)
            let value: Float = 1.234567
            let result = try gpu.allocate(bytes: 4), factor = try gpu.upload([value]), one = try gpu.upload([Float(1)])
            #expect(product(it, factor, one, result) == CUBLAS_STATUS_SUCCESS)
            #expect(try gpu.download(result, 1) == [tf32(value)])
            #expect(product(Case(m: 1, n: 1, k: 1), factor, one, result) == CUBLAS_STATUS_SUCCESS)
            #expect(try gpu.download(result, 1) == [value])
        }

        @Test func bfloat16IsRoundedOnce() throws {
            let (a, b) = (numbers(15).map(bfloat16), numbers(24, 2).map(bfloat16))
            let (x, y) = (try gpu.upload(a), try gpu.upload(b))
            let zeros = [Float](repeating: 0, count: 28)
            var it = Case(type: CUDA_R_16BF, typeC: CUDA_R_32F)
            let exact = expected(it, a.map(float), b.map(float), zeros)
            let floats = try gpu.upload(zeros), halves = try gpu.upload(zeros.map(bfloat16))
            #expect(product(it, x, y, floats) == CUBLAS_STATUS_SUCCESS)
            #expect(isClose(try gpu.download(floats, 28), exact, within: 1e-6))
            it.typeC = CUDA_R_16BF
            #expect(product(it, x, y, halves) == CUBLAS_STATUS_SUCCESS)
            #expect(try gpu.download(halves, 28, as: UInt16(0)) == (try gpu.download(floats, 28)).map(bfloat16))
        }

        @Test func whatTheBackendDoesNotUseIsRefused() throws {
            let (a, b, c) = (try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 256))
            #expect(product(Case(typeC: CUDA_R_16BF), a, b, c) == CUBLAS_STATUS_NOT_SUPPORTED)
            #expect(product(Case(compute: 64), a, b, c) == CUBLAS_STATUS_NOT_SUPPORTED)
            let mixed = Case(type: CUDA_R_16BF, compute: CUBLAS_COMPUTE_32F_FAST_TF32)
            #expect(product(mixed, a, b, c) == CUBLAS_STATUS_NOT_SUPPORTED)
            #expect(product(Case(algorithm: 3), a, b, c) == CUBLAS_STATUS_INVALID_VALUE)
        }

        @Test func sizesAreChecked() throws {
            let (a, b, c) = (try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 256))
            for it in [Case(m: -1), Case(lda: 2), Case(ldb: 1), Case(ldc: 2), Case(transA: true, lda: 1)] {
                #expect(product(it, a, b, c) == CUBLAS_STATUS_INVALID_VALUE)
            }
            #expect(product(Case(m: 0), a, b, c) == CUBLAS_STATUS_SUCCESS)
        }

        @Test func theResultLiesApart() throws {
            let (a, b) = (try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 256))
            #expect(product(Case(), a, b, a) == CUBLAS_STATUS_INVALID_VALUE)
            #expect(product(Case(), a, a, b) == CUBLAS_STATUS_SUCCESS)
            #expect(product(Case(), a + 2, a, b) == CUBLAS_STATUS_INVALID_VALUE)
        }

        @Test func operandsLieInMemory() throws {
            let (a, b, c) = (try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 96))
            #expect(product(Case(), a, b, c) == CUBLAS_STATUS_SUCCESS)
            #expect(product(Case(ldc: 8), a, b, c) == CUBLAS_STATUS_EXECUTION_FAILED)
        }

        @Test func handlesAreChecked() throws {
            var (other, version): (cublasHandle_t?, Int32) = (nil, 0)
            let blas = gpu.blas
            #expect(blas.cublasCreate_v2(&other) == CUBLAS_STATUS_SUCCESS)
            #expect(blas.cublasSetStream_v2(other, nil) == CUBLAS_STATUS_INVALID_VALUE)
            #expect(blas.cublasGetVersion_v2(other, &version) == CUBLAS_STATUS_SUCCESS)
            #expect(blas.cublasDestroy_v2(other) == CUBLAS_STATUS_SUCCESS)
            #expect(blas.cublasDestroy_v2(other) == CUBLAS_STATUS_NOT_INITIALIZED)
            #expect(blas.cublasSetStream_v2(other, gpu.stream) == CUBLAS_STATUS_NOT_INITIALIZED)
        }

        @Test func theStreamHasToBeThere() throws {
            let (a, b, c) = (try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 256))
            let stream = try gpu.newStream()
            #expect(gpu.blas.cublasSetStream_v2(handle, stream) == CUBLAS_STATUS_SUCCESS)
            #expect(gpu.driver.cuStreamDestroy_v2(stream) == CUDA_SUCCESS)
            #expect(product(Case(), a, b, c) == CUBLAS_STATUS_NOT_INITIALIZED)
        }

        @Test func capturesNeedAWorkspace() throws {
            let (a, b, c) = (try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 256))
            let workspace = try gpu.upload(numbers(256)), blas = gpu.blas
            #expect(blas.cublasSetWorkspace_v2(handle, (workspace + 16).pointer, 256) == CUBLAS_STATUS_INVALID_VALUE)
            #expect(blas.cublasSetWorkspace_v2(handle, workspace.pointer, 2048) == CUBLAS_STATUS_INVALID_VALUE)
            #expect(blas.cublasSetWorkspace_v2(handle, workspace.pointer, 1024) == CUBLAS_STATUS_SUCCESS)
            try gpu.beginCapture()
            #expect(product(Case(), a, b, c) == CUBLAS_STATUS_SUCCESS)
            #expect(blas.cublasSetStream_v2(handle, gpu.stream) == CUBLAS_STATUS_SUCCESS)
            #expect(product(Case(), a, b, c) == CUBLAS_STATUS_NOT_SUPPORTED)
            _ = try gpu.endCapture()
            #expect(try gpu.download(workspace, 256) == numbers(256))
        }

        @Test func sumsOfFewerDigitsCanBeForbidden() {
            let mode = cublasMath_t(CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION)
            #expect(gpu.blas.cublasSetMathMode(handle, mode) == CUBLAS_STATUS_SUCCESS)
            #expect(gpu.blas.cublasSetMathMode(handle, 5) == CUBLAS_STATUS_INVALID_VALUE)
            #expect(gpu.blas.cublasSetMathMode(nil, mode) == CUBLAS_STATUS_NOT_INITIALIZED)
        }

        @Test func theWorkspaceIsWrittenOver() throws {
            let (a, b, c) = (try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 256), try gpu.allocate(bytes: 256))
            let workspace = try gpu.upload(numbers(256))
            #expect(gpu.blas.cublasSetWorkspace_v2(handle, workspace.pointer, 1024) == CUBLAS_STATUS_SUCCESS)
            #expect(product(Case(), a, b, c) == CUBLAS_STATUS_SUCCESS)
            #expect(try gpu.download(workspace, 256).allSatisfy(\.isNaN))
        }
    }
}
