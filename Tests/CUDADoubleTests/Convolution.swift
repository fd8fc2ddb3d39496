import CCUDA
import Testing

/// cuDNN's descriptors of a convolution, and calls that need no more than addresses.
final class Convolution {
    let gpu: GPU
    private(set) var handle: cudnnHandle_t?
    private(set) var x, y: cudnnTensorDescriptor_t?
    private(set) var w: cudnnFilterDescriptor_t?
    private(set) var settings: cudnnConvolutionDescriptor_t?
    private(set) var workspace: CUdeviceptr = 0
    private var reserved = 0
    private var dnn: CUDADNN { gpu.dnn }

    init(_ gpu: GPU, _ shape: Shape, bfloat16: Bool = false, math: Int = CUDNN_FMA_MATH) throws {
        self.gpu = gpu
        let type = cudnnDataType_t(bfloat16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT)
        let format = cudnnTensorFormat_t(CUDNN_TENSOR_NHWC)
        try #require(dnn.cudnnCreate(&handle) == CUDNN_STATUS_SUCCESS)
        try #require(dnn.cudnnSetStream(handle, gpu.stream) == CUDNN_STATUS_SUCCESS)
        try #require(dnn.cudnnCreateTensorDescriptor(&x) == CUDNN_STATUS_SUCCESS)
        try #require(dnn.cudnnCreateTensorDescriptor(&y) == CUDNN_STATUS_SUCCESS)
        try #require(dnn.cudnnCreateFilterDescriptor(&w) == CUDNN_STATUS_SUCCESS)
        try #require(dnn.cudnnCreateConvolutionDescriptor(&settings) == CUDNN_STATUS_SUCCESS)
        let sizes = [
            shape.n, shape.c, shape.h, shape.w, shape.k, shape.oh, shape.ow, shape.kh, shape.kw,
        ].map(Int32.init)
        try #require(
            dnn.cudnnSetTensor4dDescriptor(x, format, type, sizes[0], sizes[1], sizes[2], sizes[3])
                == CUDNN_STATUS_SUCCESS)
        try #require(
            dnn.cudnnSetTensor4dDescriptor(y, format, type, sizes[0], sizes[4], sizes[5], sizes[6])
                == CUDNN_STATUS_SUCCESS)
        try #require(
            dnn.cudnnSetFilter4dDescriptor(
                w, type, format, sizes[4], sizes[1] / Int32(shape.groups), sizes[7], sizes[8]) == CUDNN_STATUS_SUCCESS)
        let window = [
            shape.padH, shape.padW, shape.strideH, shape.strideW, shape.dilationH, shape.dilationW,
        ].map(Int32.init)
        try #require(
            dnn.cudnnSetConvolution2dDescriptor(
                settings, window[0], window[1], window[2], window[3], window[4], window[5],
                cudnnConvolutionMode_t(CUDNN_CROSS_CORRELATION), cudnnDataType_t(CUDNN_DATA_FLOAT))
                == CUDNN_STATUS_SUCCESS)
        try #require(dnn.cudnnSetConvolutionGroupCount(settings, Int32(shape.groups)) == CUDNN_STATUS_SUCCESS)
        try #require(dnn.cudnnSetConvolutionMathType(settings, cudnnMathType_t(math)) == CUDNN_STATUS_SUCCESS)
    }

    deinit {
        // The work may still wait in the stream. Then freeing runs it.
        _ = gpu.driver.cuMemFree_v2(workspace)
        _ = dnn.cudnnDestroyConvolutionDescriptor(settings)
        _ = dnn.cudnnDestroyFilterDescriptor(w)
        _ = dnn.cudnnDestroyTensorDescriptor(y)
        _ = dnn.cudnnDestroyTensorDescriptor(x)
        _ = dnn.cudnnDestroy(handle)
    }

    /// Makes sure that the workspace has so many bytes.
    func reserve(_ bytes: Int) {
        guard bytes > reserved else { return }
        _ = gpu.driver.cuMemFree_v2(workspace)
        #expect(gpu.driver.cuMemAlloc_v2(&workspace, bytes) == CUDA_SUCCESS)
        reserved = bytes
    }

    typealias Choice = cudnnConvolutionFwdAlgoPerf_t

    func choices() -> [Choice] {
        list { dnn.cudnnGetConvolutionForwardAlgorithm_v7(handle, x, w, settings, y, $0, $1, $2) }
    }

    func dataChoices() -> [Choice] {
        list { dnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(handle, w, y, settings, x, $0, $1, $2) }
    }

    func filterChoices() -> [Choice] {
        list { dnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle, x, y, settings, w, $0, $1, $2) }
    }

    private func list(
        _ query: (Int32, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Choice>) -> cudnnStatus_t
    ) -> [Choice] {
        var results = [Choice](repeating: Choice(), count: 16)
        var count: Int32 = 0
        let status = results.withUnsafeMutableBufferPointer { results in
            results.baseAddress.map { query(16, &count, $0) }
        }
        #expect(status.map { $0 == CUDNN_STATUS_SUCCESS } == true)
        return Array(results.prefix(Int(count)))
    }

    /// The fastest algorithm that always computes the same, and its workspace.
    private func chosen(_ choices: [Choice]) -> (Int32, Int) {
        let choice = choices.first { $0.status == CUDNN_STATUS_SUCCESS && $0.determinism == CUDNN_DETERMINISTIC }
        return (Int32(choice?.algo ?? -1), choice?.memory ?? 0)
    }

    func forward(
        _ input: CUdeviceptr, _ filter: CUdeviceptr, _ output: CUdeviceptr, alpha: Float = 1, beta: Float = 0,
        algorithm: Int32? = nil, workspaceBytes: Int? = nil
    ) -> cudnnStatus_t {
        let (first, needed) = algorithm.map { ($0, 0) } ?? chosen(choices())
        let bytes = workspaceBytes ?? needed
        reserve(bytes)
        return withUnsafePointer(to: alpha) { alpha in
            withUnsafePointer(to: beta) { beta in
                dnn.cudnnConvolutionForward(
                    handle, alpha, x, input.pointer, w, filter.pointer, settings, first, workspace.pointer, bytes, beta,
                    y, output.pointer)
            }
        }
    }

    func backwardData(_ filter: CUdeviceptr, _ gradient: CUdeviceptr, _ result: CUdeviceptr) -> cudnnStatus_t {
        let (algorithm, bytes) = chosen(dataChoices())
        var (alpha, beta): (Float, Float) = (1, 0)
        reserve(bytes)
        return dnn.cudnnConvolutionBackwardData(
            handle, &alpha, w, filter.pointer, y, gradient.pointer, settings, algorithm, workspace.pointer, bytes,
            &beta,
            x, result.pointer)
    }

    func backwardFilter(_ input: CUdeviceptr, _ gradient: CUdeviceptr, _ result: CUdeviceptr) -> cudnnStatus_t {
        let (algorithm, bytes) = chosen(filterChoices())
        var (alpha, beta): (Float, Float) = (1, 0)
        reserve(bytes)
        return dnn.cudnnConvolutionBackwardFilter(
            handle, &alpha, x, input.pointer, y, gradient.pointer, settings, algorithm, workspace.pointer, bytes, &beta,
            w, result.pointer)
    }
}
