import CDNNL
import ComputeGraph

/// How primitives are described to oneDNN 2. Version 3 has no operation descriptors: everything that would have to
/// change for it is in this file.
struct Primitives {
    let engine: Engine
    private let attributes: dnnl_primitive_attr_t?
    /// The same, and a ReLU over what the primitive computes.
    private let attributesWithReLU: dnnl_primitive_attr_t?

    init(_ engine: Engine) throws {
        self.engine = engine
        attributes = try Self.attributes()
        attributesWithReLU = try Self.attributes()
        var operations: dnnl_post_ops_t?
        try check(dnnl_post_ops_create(&operations), "creating attributes")
        defer { dnnl_post_ops_destroy(operations) }
        try check(
            dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_relu, 0, 0), "fusing a ReLU")
        try check(dnnl_primitive_attr_set_post_ops(attributesWithReLU, operations), "setting attributes")
    }

    private static func attributes() throws -> dnnl_primitive_attr_t? {
        var attributes: dnnl_primitive_attr_t?
        try check(dnnl_primitive_attr_create(&attributes), "creating attributes")
        // The plan gives all primitives one scratchpad, instead of each keeping its own for good.
        try check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "setting attributes")
        return attributes
    }

    func destroy() {
        dnnl_primitive_attr_destroy(attributes)
        dnnl_primitive_attr_destroy(attributesWithReLU)
    }

    private func descriptor<Description>(
        _ what: String, _ description: Description, fusesReLU: Bool = false, hint: PrimitiveDescriptor? = nil
    ) throws -> PrimitiveDescriptor {
        try withUnsafeBytes(of: description) { description in
            try PrimitiveDescriptor(what) {
                dnnl_primitive_desc_create(
                    $0, description.baseAddress, fusesReLU ? attributesWithReLU : attributes, engine.handle,
                    hint?.handle)
            }
        }
    }

    // MARK: - Convolution

    /// oneDNN picks Winograd's algorithm where it is faster, else the direct one.
    private var convolutionAlgorithm: dnnl_alg_kind_t { dnnl_convolution_auto }

    func convolution(
        training: Bool, source: Layout, weights: Layout, bias: Layout?, destination: Layout, _ geometry: Geometry,
        fusesReLU: Bool = false
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_convolution_desc_t()
        var (source, weights, destination) = (source.descriptor, weights.descriptor, destination.descriptor)
        // Winograd's algorithm wastes its time on an image of few channels. For inference, oneDNN 2.6 prefers its
        // newest kernels to Winograd's algorithm, and they take half as long again, but for such an image.
        let hasFewChannels = source.dims.1 < 16
        let algorithm = hasFewChannels ? dnnl_convolution_direct : convolutionAlgorithm
        let kind = hasFewChannels && !training ? dnnl_forward_inference : dnnl_forward_training
        try check(
            withOptionalDescriptor(bias) { bias in
                dnnl_convolution_forward_desc_init(
                    &description, kind, algorithm, &source, &weights, bias, &destination,
                    geometry.strides, geometry.leading, geometry.trailing)
            }, "describing a convolution")
        return try descriptor("convolution", description, fusesReLU: fusesReLU)
    }

    func convolutionBackwardData(
        sourceGradient: Layout, weights: Layout, destinationGradient: Layout, _ geometry: Geometry,
        hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_convolution_desc_t()
        var (source, weights, destination) = (
            sourceGradient.descriptor, weights.descriptor, destinationGradient.descriptor
        )
        try check(
            dnnl_convolution_backward_data_desc_init(
                &description, convolutionAlgorithm, &source, &weights, &destination, geometry.strides,
                geometry.leading, geometry.trailing), "describing a convolution's input gradient")
        return try descriptor("convolution's input gradient", description, hint: hint)
    }

    func convolutionBackwardWeights(
        source: Layout, weightsGradient: Layout, biasGradient: Layout?, destinationGradient: Layout,
        _ geometry: Geometry, hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_convolution_desc_t()
        var (source, weights, destination) = (
            source.descriptor, weightsGradient.descriptor, destinationGradient.descriptor
        )
        try check(
            withOptionalDescriptor(biasGradient) { bias in
                dnnl_convolution_backward_weights_desc_init(
                    &description, convolutionAlgorithm, &source, &weights, bias, &destination, geometry.strides,
                    geometry.leading, geometry.trailing)
            }, "describing a convolution's kernel gradient")
        return try descriptor("convolution's kernel gradient", description, hint: hint)
    }

    // MARK: - Dense

    func dense(
        training: Bool, source: Layout, weights: Layout, bias: Layout?, destination: Layout
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_inner_product_desc_t()
        var (source, weights, destination) = (source.descriptor, weights.descriptor, destination.descriptor)
        let kind = training ? dnnl_forward_training : dnnl_forward_inference
        try check(
            withOptionalDescriptor(bias) { bias in
                dnnl_inner_product_forward_desc_init(&description, kind, &source, &weights, bias, &destination)
            }, "describing a dense layer")
        return try descriptor("dense layer", description)
    }

    func denseBackwardData(
        sourceGradient: Layout, weights: Layout, destinationGradient: Layout, hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_inner_product_desc_t()
        var (source, weights, destination) = (
            sourceGradient.descriptor, weights.descriptor, destinationGradient.descriptor
        )
        try check(
            dnnl_inner_product_backward_data_desc_init(&description, &source, &weights, &destination),
            "describing a dense layer's input gradient")
        return try descriptor("dense layer's input gradient", description, hint: hint)
    }

    func denseBackwardWeights(
        source: Layout, weightsGradient: Layout, biasGradient: Layout?, destinationGradient: Layout,
        hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_inner_product_desc_t()
        var (source, weights, destination) = (
            source.descriptor, weightsGradient.descriptor, destinationGradient.descriptor
        )
        try check(
            withOptionalDescriptor(biasGradient) { bias in
                dnnl_inner_product_backward_weights_desc_init(&description, &source, &weights, bias, &destination)
            }, "describing a dense layer's kernel gradient")
        return try descriptor("dense layer's kernel gradient", description, hint: hint)
    }

    // MARK: - Batch normalization

    struct NormalizationFlags {
        var usesMovingStatistics: Bool
        var fusesReLU: Bool

        fileprivate var rawValue: UInt32 {
            UInt32(dnnl_use_scale.rawValue) | UInt32(dnnl_use_shift.rawValue)
                | (usesMovingStatistics ? UInt32(dnnl_use_global_stats.rawValue) : 0)
                | (fusesReLU ? UInt32(dnnl_fuse_norm_relu.rawValue) : 0)
        }
    }

    func batchNormalization(
        training: Bool, source: Layout, epsilon: Float, flags: NormalizationFlags
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_batch_normalization_desc_t()
        var source = source.descriptor
        let kind = training ? dnnl_forward_training : dnnl_forward_inference
        try check(
            dnnl_batch_normalization_forward_desc_init(&description, kind, &source, epsilon, flags.rawValue),
            "describing batch normalization")
        return try descriptor("batch normalization", description)
    }

    func batchNormalizationBackward(
        gradient: Layout, source: Layout, epsilon: Float, flags: NormalizationFlags, hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_batch_normalization_desc_t()
        var (gradient, source) = (gradient.descriptor, source.descriptor)
        try check(
            dnnl_batch_normalization_backward_desc_init(
                &description, dnnl_backward, &gradient, &source, epsilon, flags.rawValue),
            "describing batch normalization's gradient")
        return try descriptor("batch normalization's gradient", description, hint: hint)
    }

    // MARK: - Pooling

    enum Pooling {
        case maximum, average

        fileprivate var algorithm: dnnl_alg_kind_t {
            switch self {
            case .maximum: dnnl_pooling_max
            case .average: dnnl_pooling_avg_exclude_padding
            }
        }
    }

    func pooling(
        _ kind: Pooling, training: Bool, source: Layout, destination: Layout, _ geometry: Geometry
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_pooling_desc_t()
        var (source, destination) = (source.descriptor, destination.descriptor)
        try check(
            dnnl_pooling_forward_desc_init(
                &description, training ? dnnl_forward_training : dnnl_forward_inference, kind.algorithm, &source,
                &destination, geometry.strides, geometry.kernel, geometry.leading, geometry.trailing),
            "describing pooling")
        return try descriptor("pooling", description)
    }

    func poolingBackward(
        _ kind: Pooling, sourceGradient: Layout, destinationGradient: Layout, _ geometry: Geometry,
        hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_pooling_desc_t()
        var (source, destination) = (sourceGradient.descriptor, destinationGradient.descriptor)
        try check(
            dnnl_pooling_backward_desc_init(
                &description, kind.algorithm, &source, &destination, geometry.strides, geometry.kernel,
                geometry.leading, geometry.trailing), "describing pooling's gradient")
        return try descriptor("pooling's gradient", description, hint: hint)
    }

    // MARK: - Functions of single elements, softmax, response normalization

    func elementwise(
        _ algorithm: dnnl_alg_kind_t, alpha: Float, training: Bool, source: Layout
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_eltwise_desc_t()
        var source = source.descriptor
        try check(
            dnnl_eltwise_forward_desc_init(
                &description, training ? dnnl_forward_training : dnnl_forward_inference, algorithm, &source, alpha, 0),
            "describing an activation")
        return try descriptor("activation", description)
    }

    func elementwiseBackward(
        _ algorithm: dnnl_alg_kind_t, alpha: Float, gradient: Layout, source: Layout, hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_eltwise_desc_t()
        var (gradient, source) = (gradient.descriptor, source.descriptor)
        try check(
            dnnl_eltwise_backward_desc_init(&description, algorithm, &gradient, &source, alpha, 0),
            "describing an activation's gradient")
        return try descriptor("activation's gradient", description, hint: hint)
    }

    /// Along the channels.
    func softmax(training: Bool, source: Layout) throws -> PrimitiveDescriptor {
        var description = dnnl_softmax_desc_t()
        var source = source.descriptor
        try check(
            dnnl_softmax_forward_desc_init(
                &description, training ? dnnl_forward_training : dnnl_forward_inference, &source, 1),
            "describing softmax")
        return try descriptor("softmax", description)
    }

    func softmaxBackward(
        gradient: Layout, destination: Layout, hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_softmax_desc_t()
        var (gradient, destination) = (gradient.descriptor, destination.descriptor)
        try check(
            dnnl_softmax_backward_desc_init(&description, &gradient, &destination, 1),
            "describing softmax's gradient")
        return try descriptor("softmax's gradient", description, hint: hint)
    }

    struct ResponseNormalization {
        let depthRadius: Int
        let bias: Float
        let alpha: Float
        let beta: Float

        fileprivate var size: Int64 { Int64(2 * depthRadius + 1) }
        /// oneDNN, like Caffe, divides alpha by the size of the window.
        fileprivate var dividedAlpha: Float { alpha * Float(size) }
    }

    func responseNormalization(
        _ settings: ResponseNormalization, training: Bool, source: Layout
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_lrn_desc_t()
        var source = source.descriptor
        try check(
            dnnl_lrn_forward_desc_init(
                &description, training ? dnnl_forward_training : dnnl_forward_inference, dnnl_lrn_across_channels,
                &source, settings.size, settings.dividedAlpha, settings.beta, settings.bias),
            "describing response normalization")
        return try descriptor("response normalization", description)
    }

    func responseNormalizationBackward(
        _ settings: ResponseNormalization, gradient: Layout, source: Layout, hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        var description = dnnl_lrn_desc_t()
        var (gradient, source) = (gradient.descriptor, source.descriptor)
        try check(
            dnnl_lrn_backward_desc_init(
                &description, dnnl_lrn_across_channels, &gradient, &source, settings.size, settings.dividedAlpha,
                settings.beta, settings.bias), "describing response normalization's gradient")
        return try descriptor("response normalization's gradient", description, hint: hint)
    }

    // MARK: - Moving and merging

    func reorder(from source: Layout, to destination: Layout) throws -> PrimitiveDescriptor {
        var (source, destination) = (source.descriptor, destination.descriptor)
        return try PrimitiveDescriptor("reorder") {
            dnnl_reorder_primitive_desc_create(
                $0, &source, engine.handle, &destination, engine.handle, attributes)
        }
    }

    /// Along the channels, in a layout that oneDNN chooses.
    func concatenation(_ sources: [Layout]) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("concatenation") {
            dnnl_concat_primitive_desc_create(
                $0, nil, Int32(sources.count), 1, sources.map(\.descriptor), attributes, engine.handle)
        }
    }

    func sum(_ sources: [Layout], destination: Layout) throws -> PrimitiveDescriptor {
        var destination = destination.descriptor
        return try PrimitiveDescriptor("sum") {
            dnnl_sum_primitive_desc_create(
                $0, &destination, Int32(sources.count), [Float](repeating: 1, count: sources.count),
                sources.map(\.descriptor), attributes, engine.handle)
        }
    }
}

/// A sliding window as oneDNN takes it.
struct Geometry {
    let kernel: [Int64]
    let strides: [Int64]
    let leading: [Int64]
    let trailing: [Int64]

    init(_ window: SlidingWindow, over image: Size2D) {
        let paddings = window.paddings(for: image)
        func list(_ size: Size2D) -> [Int64] { [Int64(size.height), Int64(size.width)] }
        kernel = list(window.kernel)
        strides = list(window.strides)
        leading = list(paddings.leading)
        trailing = list(paddings.trailing)
    }
}

private func withOptionalDescriptor<Result>(
    _ layout: Layout?, _ body: (UnsafePointer<dnnl_memory_desc_t>?) -> Result
) -> Result {
    guard var descriptor = layout?.descriptor else { return body(nil) }
    return withUnsafePointer(to: &descriptor) { body($0) }
}
