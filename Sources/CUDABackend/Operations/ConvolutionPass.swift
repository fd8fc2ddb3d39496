import CCUDA
import ComputeGraph

/// The shapes and the window of a convolution, in cuDNN's words.
final class ConvolutionGeometry {
    let input, output: cudnnTensorDescriptor_t
    let kernel: cudnnFilterDescriptor_t
    fileprivate let window: SlidingWindow
    fileprivate let padding: Size2D
    fileprivate let groups: Int
    private let functions: CUDADNN

    init(
        _ window: SlidingWindow, padding: Size2D, groups: Int, input: (images: Int, size: Size2D, channels: Int),
        kernelDepth: Int, output: Signal, context: KernelContext
    ) throws {
        self.window = window
        self.padding = padding
        self.groups = groups
        let libraries = context.device.libraries
        let functions = libraries.dnn
        self.functions = functions
        self.input = try libraries.makeDNN("cudnnCreateTensorDescriptor") {
            functions.cudnnCreateTensorDescriptor(&$0)
        }
        self.output = try libraries.makeDNN("cudnnCreateTensorDescriptor") {
            functions.cudnnCreateTensorDescriptor(&$0)
        }
        kernel = try libraries.makeDNN("cudnnCreateFilterDescriptor") { functions.cudnnCreateFilterDescriptor(&$0) }

        let type = cudnnDataType_t(context.precision == .bfloat16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT)
        let format = cudnnTensorFormat_t(CUDNN_TENSOR_NHWC)
        try libraries.checkDNN(
            functions.cudnnSetTensor4dDescriptor(
                self.input, format, type, Int32(input.images), Int32(input.channels), Int32(input.size.height),
                Int32(input.size.width)), "cudnnSetTensor4dDescriptor")
        try libraries.checkDNN(
            functions.cudnnSetTensor4dDescriptor(
                self.output, format, type, Int32(output.batchSize), Int32(output.channels),
                Int32(output.size.height), Int32(output.size.width)), "cudnnSetTensor4dDescriptor")
        try libraries.checkDNN(
            functions.cudnnSetFilter4dDescriptor(
                kernel, type, format, Int32(output.channels), Int32(kernelDepth), Int32(window.kernel.height),
                Int32(window.kernel.width)), "cudnnSetFilter4dDescriptor")
    }

    deinit {
        _ = functions.cudnnDestroyTensorDescriptor(input)
        _ = functions.cudnnDestroyTensorDescriptor(output)
        _ = functions.cudnnDestroyFilterDescriptor(kernel)
    }
}

/// One of a convolution's three passes, with the algorithm that cuDNN chose for it.
final class ConvolutionPass {
    enum Direction {
        /// From the input and the kernel to the output.
        case forward
        /// From the input and the output's gradient to the kernel's.
        case backwardKernel
        /// From the kernel and the output's gradient to the input's.
        case backwardInput
    }

    private let direction: Direction
    private let geometry: ConvolutionGeometry
    private let convolution: cudnnConvolutionDescriptor_t
    private var algorithm = cudnnConvolutionFwdAlgo_t()
    /// The memory that the algorithm works in.
    private(set) var workspaceBytes = 0
    private let device: Device

    /// Chooses an algorithm, and tries it on these addresses.
    ///
    /// The sums of all algorithms that are considered are the same every time. cuDNN's expectation of their speed is too,
    /// unlike measured times, so that a resumed run has the same bits.
    ///
    /// - Returns: `nil` if cuDNN has none.
    init?(
        _ direction: Direction, _ geometry: ConvolutionGeometry, _ first: DeviceAddress, _ second: DeviceAddress,
        _ result: DeviceAddress, _ context: KernelContext
    ) throws {
        self.direction = direction
        self.geometry = geometry
        device = context.device
        let libraries = device.libraries
        let functions = libraries.dnn
        convolution = try libraries.makeDNN("cudnnCreateConvolutionDescriptor") {
            functions.cudnnCreateConvolutionDescriptor(&$0)
        }
        let window = geometry.window
        try libraries.checkDNN(
            functions.cudnnSetConvolution2dDescriptor(
                convolution, Int32(geometry.padding.height), Int32(geometry.padding.width),
                Int32(window.strides.height), Int32(window.strides.width), Int32(window.dilation.height),
                Int32(window.dilation.width), cudnnConvolutionMode_t(CUDNN_CROSS_CORRELATION),
                cudnnDataType_t(CUDNN_DATA_FLOAT)), "cudnnSetConvolution2dDescriptor")
        try libraries.checkDNN(
            functions.cudnnSetConvolutionGroupCount(convolution, Int32(geometry.groups)),
            "cudnnSetConvolutionGroupCount")
        // With any other type, cuDNN rounds the factors of 32-bit products to TF32.
        let math =
            switch context.precision {
            case .float32: CUDNN_FMA_MATH
            case .tf32: CUDNN_DEFAULT_MATH
            case .bfloat16: CUDNN_TENSOR_OP_MATH
            }
        try setMathType(cudnnMathType_t(math))

        for candidate in try candidates() {
            algorithm = candidate.algo
            // Where tensor cores are allowed, whether they pay is a part of cuDNN's choice. Where they are not, what it says
            // of them does not count.
            if context.precision != .float32 { try setMathType(candidate.mathType) }
            guard let bytes = neededBytes(), bytes <= Self.largestWorkspace,
                let workspace = try? DeviceBuffer(device, bytes: bytes)
            else { continue }
            workspaceBytes = bytes
            // A gradient is added to another one where several operations read the same input.
            let works = [false, true].allSatisfy { adds in
                adds && direction == .forward
                    || enqueue(first, second, result, adds: adds, workspace: workspace.address)
                        == CUDNN_STATUS_SUCCESS.result
            }
            guard works else { continue }
            try device.synchronize()
            return
        }
        return nil
    }

    deinit { _ = device.libraries.dnn.cudnnDestroyConvolutionDescriptor(convolution) }

    private static let largestWorkspace = 1 << 30

    private func setMathType(_ type: cudnnMathType_t) throws {
        try device.libraries.checkDNN(
            device.libraries.dnn.cudnnSetConvolutionMathType(convolution, type), "cudnnSetConvolutionMathType")
    }

    /// The memory that the algorithm needs with the descriptor's math type; `nil` if it cannot be used so.
    private func neededBytes() -> Int? {
        let (functions, handle, geometry) = (device.libraries.dnn, device.dnn, geometry)
        var bytes = 0
        let status =
            switch direction {
            case .forward:
                functions.cudnnGetConvolutionForwardWorkspaceSize(
                    handle, geometry.input, geometry.kernel, convolution, geometry.output, algorithm, &bytes)
            case .backwardKernel:
                functions.cudnnGetConvolutionBackwardFilterWorkspaceSize(
                    handle, geometry.input, geometry.output, convolution, geometry.kernel, algorithm, &bytes)
            case .backwardInput:
                functions.cudnnGetConvolutionBackwardDataWorkspaceSize(
                    handle, geometry.kernel, geometry.output, convolution, geometry.input, algorithm, &bytes)
            }
        return status == CUDNN_STATUS_SUCCESS.result ? bytes : nil
    }

    /// The usable algorithms, the fastest first. cuDNN's structures of the three directions are alike, and `CCUDA.h` declares
    /// them as one type.
    private func candidates() throws -> [cudnnConvolutionFwdAlgoPerf_t] {
        let (functions, handle, geometry) = (device.libraries.dnn, device.dnn, geometry)
        var results = [cudnnConvolutionFwdAlgoPerf_t](repeating: cudnnConvolutionFwdAlgoPerf_t(), count: 16)
        var count: Int32 = 0
        let requested = Int32(results.count)
        let status =
            switch direction {
            case .forward:
                functions.cudnnGetConvolutionForwardAlgorithm_v7(
                    handle, geometry.input, geometry.kernel, convolution, geometry.output, requested, &count, &results)
            case .backwardKernel:
                functions.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                    handle, geometry.input, geometry.output, convolution, geometry.kernel, requested, &count, &results)
            case .backwardInput:
                functions.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                    handle, geometry.kernel, geometry.output, convolution, geometry.input, requested, &count, &results)
            }
        // A shape for which cuDNN has nothing is not a fault.
        guard status == CUDNN_STATUS_SUCCESS.result else { return [] }
        return results.prefix(Int(count)).filter {
            $0.status == CUDNN_STATUS_SUCCESS.result && $0.determinism == CUDNN_DETERMINISTIC.result
        }
    }

    /// Enqueues the pass.
    ///
    /// - Parameter adds: whether the result is added to what is there.
    func run(
        _ first: DeviceAddress, _ second: DeviceAddress, _ result: DeviceAddress, adds: Bool, workspace: DeviceAddress
    ) throws {
        try device.libraries.checkDNN(
            enqueue(first, second, result, adds: adds, workspace: workspace), "the \(direction) pass of a convolution")
    }

    private func enqueue(
        _ first: DeviceAddress, _ second: DeviceAddress, _ result: DeviceAddress, adds: Bool, workspace: DeviceAddress
    ) -> cudnnStatus_t {
        let (functions, handle, geometry) = (device.libraries.dnn, device.dnn, geometry)
        var alpha: Float = 1, beta: Float = adds ? 1 : 0
        return switch direction {
        case .forward:
            functions.cudnnConvolutionForward(
                handle, &alpha, geometry.input, first.pointer, geometry.kernel, second.pointer, convolution,
                algorithm, workspace.pointer, workspaceBytes, &beta, geometry.output, result.pointer)
        case .backwardKernel:
            functions.cudnnConvolutionBackwardFilter(
                handle, &alpha, geometry.input, first.pointer, geometry.output, second.pointer, convolution,
                algorithm, workspace.pointer, workspaceBytes, &beta, geometry.kernel, result.pointer)
        case .backwardInput:
            functions.cudnnConvolutionBackwardData(
                handle, &alpha, geometry.kernel, first.pointer, geometry.output, second.pointer, convolution,
                algorithm, workspace.pointer, workspaceBytes, &beta, geometry.input, result.pointer)
        }
    }
}
