import CCUDA
import ComputeGraph

/// A cross-correlation, by cuDNN.
///
/// Keras pads an image by one row more at its end than at its begin if need be. cuDNN pads both sides alike, so such an
/// image is copied into a larger one first.
final class Convolution: Kernel {
    private let input: Signal, output: Signal
    private let kernel: PackedKernel
    private let isKernelTrainable: Bool
    private let bias: Bias?
    private let context: KernelContext
    private let descriptors: ConvolutionDescriptors
    /// The padded image and its gradient.
    private let padded: PaddedImage?

    init(
        _ window: SlidingWindow, filters: Int, groups: Int, input: Signal, output: Signal, kernel: Weights,
        bias: Bias?, context: KernelContext
    ) throws {
        self.input = input
        self.output = output
        self.bias = bias
        self.context = context
        isKernelTrainable = kernel.gradient != nil
        let depth = input.channels / groups
        self.kernel = context.packed.transposed(
            kernel.id, rows: window.kernel.area * depth, columns: filters, isTrainable: isKernelTrainable)

        let (leading, trailing) = window.paddings(for: input.size)
        let padded = leading == trailing ? nil : try PaddedImage(leading, trailing, input: input, context: context)
        self.padded = padded
        descriptors = try ConvolutionDescriptors(
            window, padding: padded == nil ? leading : Size2D(0, 0), groups: groups,
            input: (input.batchSize, padded?.size ?? input.size, input.channels), kernelDepth: depth, output: output,
            needs: (isKernelTrainable, input.gradient != nil), context: context)
        context.scratch.reserve(bytes: descriptors.workspaceBytes)
    }

    func forward() throws {
        try padded?.forward()
        var alpha: Float = 1, beta: Float = 0
        let (libraries, d) = (context.device.libraries, descriptors)
        try libraries.checkDNN(
            libraries.dnn.cudnnConvolutionForward(
                context.device.dnn, &alpha, d.input, (padded?.values ?? input.values).pointer, d.kernel,
                kernel.values.pointer, d.convolution, d.forward.algorithm, context.scratch.address.pointer,
                d.forward.bytes, &beta, d.output, output.values.pointer),
            "cudnnConvolutionForward")
        try bias?.forward()
    }

    func backward() throws {
        guard let dy = output.gradient else { return }
        try bias?.backward()
        let (libraries, d) = (context.device.libraries, descriptors)
        var alpha: Float = 1
        if isKernelTrainable, let algorithm = d.backwardKernel {
            var beta: Float = kernel.addsToGradient() ? 1 : 0
            try libraries.checkDNN(
                libraries.dnn.cudnnConvolutionBackwardFilter(
                    context.device.dnn, &alpha, d.input, (padded?.values ?? input.values).pointer, d.output,
                    dy.pointer, d.convolution, algorithm.algorithm, context.scratch.address.pointer, algorithm.bytes,
                    &beta, d.kernel, kernel.gradient.pointer),
                "cudnnConvolutionBackwardFilter")
        }
        guard let dx = input.gradient, let algorithm = d.backwardInput else { return }
        let target = padded?.gradient ?? dx
        var beta: Float = padded == nil && input.addsToGradient() ? 1 : 0
        try libraries.checkDNN(
            libraries.dnn.cudnnConvolutionBackwardData(
                context.device.dnn, &alpha, d.kernel, kernel.values.pointer, d.output, dy.pointer, d.convolution,
                algorithm.algorithm, context.scratch.address.pointer, algorithm.bytes, &beta, d.input, target.pointer),
            "cudnnConvolutionBackwardData")
        try padded?.backward()
    }
}

/// An image with rows and columns of zeros around it, which only the convolution sees.
private final class PaddedImage {
    let size: Size2D
    private let leading: Size2D
    private let input: Signal
    private let context: KernelContext
    private let valuesBuffer: DeviceBuffer, gradientBuffer: DeviceBuffer?

    init(_ leading: Size2D, _ trailing: Size2D, input: Signal, context: KernelContext) throws {
        self.leading = leading
        self.input = input
        self.context = context
        size = Size2D(
            leading.height + input.size.height + trailing.height, leading.width + input.size.width + trailing.width)
        let bytes = input.batchSize * size.area * input.channels * context.precision.elementSize
        valuesBuffer = try DeviceBuffer(context.device, bytes: bytes)
        gradientBuffer = input.gradient == nil ? nil : try DeviceBuffer(context.device, bytes: bytes)
    }

    var values: DeviceAddress { valuesBuffer.address }
    var gradient: DeviceAddress? { gradientBuffer?.address }

    func forward() throws {
        try context.move(
            input.values, input.size, to: values, size, images: input.batchSize, channels: input.channels,
            by: leading, adds: false)
    }

    func backward() throws {
        guard let gradient, let dx = input.gradient else { return }
        try context.move(
            gradient, size, to: dx, input.size, images: input.batchSize, channels: input.channels,
            by: Size2D(-leading.height, -leading.width), adds: input.addsToGradient())
    }
}

/// What cuDNN has to know of a convolution, and the algorithms that it chose.
private final class ConvolutionDescriptors {
    struct Choice {
        let algorithm: Int32
        /// The memory that it works in.
        let bytes: Int
    }

    let input, output: cudnnTensorDescriptor_t
    let kernel: cudnnFilterDescriptor_t
    let convolution: cudnnConvolutionDescriptor_t
    private(set) var forward = Choice(algorithm: 0, bytes: 0)
    private(set) var backwardKernel: Choice?, backwardInput: Choice?
    private let functions: CUDADNN

    init(
        _ window: SlidingWindow, padding: Size2D, groups: Int, input: (images: Int, size: Size2D, channels: Int),
        kernelDepth: Int, output: Signal, needs: (kernel: Bool, input: Bool), context: KernelContext
    ) throws {
        let libraries = context.device.libraries, dnn = context.device.dnn
        let functions = libraries.dnn
        self.functions = functions
        func check(_ status: cudnnStatus_t, _ call: String) throws { try libraries.checkDNN(status, call) }
        self.input = try libraries.makeDNN("cudnnCreateTensorDescriptor") {
            functions.cudnnCreateTensorDescriptor(&$0)
        }
        self.output = try libraries.makeDNN("cudnnCreateTensorDescriptor") {
            functions.cudnnCreateTensorDescriptor(&$0)
        }
        kernel = try libraries.makeDNN("cudnnCreateFilterDescriptor") { functions.cudnnCreateFilterDescriptor(&$0) }
        convolution = try libraries.makeDNN("cudnnCreateConvolutionDescriptor") {
            functions.cudnnCreateConvolutionDescriptor(&$0)
        }

        let type = cudnnDataType_t(context.precision == .bfloat16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT)
        let format = cudnnTensorFormat_t(CUDNN_TENSOR_NHWC)
        try check(
            functions.cudnnSetTensor4dDescriptor(
                self.input, format, type, Int32(input.images), Int32(input.channels), Int32(input.size.height),
                Int32(input.size.width)), "cudnnSetTensor4dDescriptor")
        try check(
            functions.cudnnSetTensor4dDescriptor(
                self.output, format, type, Int32(output.batchSize), Int32(output.channels),
                Int32(output.size.height), Int32(output.size.width)), "cudnnSetTensor4dDescriptor")
        try check(
            functions.cudnnSetFilter4dDescriptor(
                kernel, type, format, Int32(output.channels), Int32(kernelDepth), Int32(window.kernel.height),
                Int32(window.kernel.width)), "cudnnSetFilter4dDescriptor")
        try check(
            functions.cudnnSetConvolution2dDescriptor(
                convolution, Int32(padding.height), Int32(padding.width), Int32(window.strides.height),
                Int32(window.strides.width), Int32(window.dilation.height), Int32(window.dilation.width),
                cudnnConvolutionMode_t(CUDNN_CROSS_CORRELATION), cudnnDataType_t(CUDNN_DATA_FLOAT)),
            "cudnnSetConvolution2dDescriptor")
        try check(functions.cudnnSetConvolutionGroupCount(convolution, Int32(groups)), "cudnnSetConvolutionGroupCount")
        // Without this, cuDNN rounds the factors of 32-bit products to TF32.
        let math = context.precision == .float32 ? CUDNN_FMA_MATH : CUDNN_TENSOR_OP_MATH
        try check(
            functions.cudnnSetConvolutionMathType(convolution, cudnnMathType_t(math)), "cudnnSetConvolutionMathType")

        forward = try choose("cudnnConvolutionForward", libraries) { count, returned, results in
            functions.cudnnGetConvolutionForwardAlgorithm_v7(
                dnn, self.input, kernel, convolution, self.output, count, returned, results)
        }
        if needs.kernel {
            backwardKernel = try choose("cudnnConvolutionBackwardFilter", libraries) { count, returned, results in
                functions.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                    dnn, self.input, self.output, convolution, kernel, count, returned, results)
            }
        }
        if needs.input {
            backwardInput = try choose("cudnnConvolutionBackwardData", libraries) { count, returned, results in
                functions.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                    dnn, kernel, self.output, convolution, self.input, count, returned, results)
            }
        }
    }

    deinit {
        _ = functions.cudnnDestroyTensorDescriptor(input)
        _ = functions.cudnnDestroyTensorDescriptor(output)
        _ = functions.cudnnDestroyFilterDescriptor(kernel)
        _ = functions.cudnnDestroyConvolutionDescriptor(convolution)
    }

    var workspaceBytes: Int { max(forward.bytes, backwardKernel?.bytes ?? 0, backwardInput?.bytes ?? 0) }

    /// The algorithm that cuDNN expects to be the fastest among those whose sums are the same every time. Its expectations
    /// are too, unlike measured times, so a resumed run has the same bits.
    private func choose(
        _ call: String, _ libraries: Libraries,
        _ query: (
            _ requested: Int32, _ returned: UnsafeMutablePointer<Int32>,
            _ results: UnsafeMutablePointer<cudnnConvolutionFwdAlgoPerf_t>
        ) -> cudnnStatus_t
    ) throws -> Choice {
        var results = [cudnnConvolutionFwdAlgoPerf_t](repeating: cudnnConvolutionFwdAlgoPerf_t(), count: 16)
        var returned: Int32 = 0
        let status = results.withUnsafeMutableBufferPointer { results in
            results.baseAddress.map { query(Int32(results.count), &returned, $0) } ?? CUDNN_STATUS_BAD_PARAM.result
        }
        try libraries.checkDNN(status, "the choice of an algorithm for \(call)")
        let usable = results.prefix(Int(returned)).first {
            $0.status == CUDNN_STATUS_SUCCESS.result && $0.determinism == CUDNN_DETERMINISTIC.result
                && $0.memory <= Self.largestWorkspace
        }
        guard let usable else { throw BackendError("cuDNN has no deterministic algorithm for \(call) of this shape") }
        return Choice(algorithm: Int32(usable.algo), bytes: usable.memory)
    }

    private static let largestWorkspace = 1 << 30
}
