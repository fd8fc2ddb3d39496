import CDNNL
import ComputeGraph

/// Creates the descriptors of primitives.
struct Primitives {
    let engine: Engine
    private let attributes: dnnl_primitive_attr_t?

    init(_ engine: Engine) throws {
        self.engine = engine
        attributes = try Self.attributes()
    }

    /// What a primitive does to its result before it is stored, in this order.
    struct Finish {
        /// Adds a tensor of this layout, which is the last argument.
        var addend: Layout?
        var rectifies = false
    }

    private static func attributes(_ finish: Finish = Finish()) throws -> dnnl_primitive_attr_t? {
        var attributes: dnnl_primitive_attr_t?
        try check(dnnl_primitive_attr_create(&attributes), "creating attributes")
        // All primitives of a plan share one scratchpad, instead of each keeping its own.
        try check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "setting attributes")
        var operations: dnnl_post_ops_t?
        try check(dnnl_post_ops_create(&operations), "creating attributes")
        defer { dnnl_post_ops_destroy(operations) }
        if let addend = finish.addend {
            try check(dnnl_post_ops_append_binary(operations, dnnl_binary_add, addend.descriptor), "fusing a sum")
        }
        if finish.rectifies {
            try check(onednn_post_ops_append_eltwise(operations, dnnl_eltwise_relu, 0, 0), "fusing a ReLU")
        }
        try check(dnnl_primitive_attr_set_post_ops(attributes, operations), "setting attributes")
        return attributes
    }

    func destroy() { dnnl_primitive_attr_destroy(attributes) }

    /// The kind of a forward primitive that computes the same for training as for inference, but keeps more results.
    private func forward(_ training: Bool) -> dnnl_prop_kind_t {
        training ? dnnl_forward_training : dnnl_forward_inference
    }

    // MARK: - Convolution

    /// Lets oneDNN choose between Winograd's and the direct algorithm, except with few channels, for which Winograd's is
    /// slower.
    private func convolutionAlgorithm(from source: Layout) -> dnnl_alg_kind_t {
        source.dimensions[1] <= 16 ? dnnl_convolution_direct : dnnl_convolution_auto
    }

    func convolution(
        training: Bool, source: Layout, weights: Layout, bias: Layout?, destination: Layout, _ geometry: Geometry,
        finish: Finish
    ) throws -> PrimitiveDescriptor {
        let attributes = try Self.attributes(finish)
        defer { dnnl_primitive_attr_destroy(attributes) }
        // oneDNN 2.6's choice for inference, the direct algorithm, takes 1.5 times as long as Winograd's except with few
        // channels, so the kind for training is used. oneDNN 3.2 no longer has Winograd's algorithm, and both kinds take
        // the same time.
        let fillsVectors = source.dimensions[1] >= 16
        return try PrimitiveDescriptor("convolution") {
            dnnl_convolution_forward_primitive_desc_create(
                $0, engine.handle, forward(training || fillsVectors), convolutionAlgorithm(from: source),
                source.descriptor, weights.descriptor, bias?.descriptor, destination.descriptor, geometry.strides,
                geometry.dilates, geometry.leading, geometry.trailing, attributes)
        }
    }

    func convolutionBackwardData(
        sourceGradient: Layout, weights: Layout, destinationGradient: Layout, _ geometry: Geometry,
        hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("convolution's input gradient") {
            dnnl_convolution_backward_data_primitive_desc_create(
                $0, engine.handle, convolutionAlgorithm(from: sourceGradient), sourceGradient.descriptor,
                weights.descriptor, destinationGradient.descriptor, geometry.strides, geometry.dilates,
                geometry.leading, geometry.trailing, hint.handle, attributes)
        }
    }

    func convolutionBackwardWeights(
        source: Layout, weightsGradient: Layout, biasGradient: Layout?, destinationGradient: Layout,
        _ geometry: Geometry, hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("convolution's kernel gradient") {
            dnnl_convolution_backward_weights_primitive_desc_create(
                $0, engine.handle, convolutionAlgorithm(from: source), source.descriptor, weightsGradient.descriptor,
                biasGradient?.descriptor, destinationGradient.descriptor, geometry.strides, geometry.dilates,
                geometry.leading, geometry.trailing, hint.handle, attributes)
        }
    }

    // MARK: - Dense

    func dense(
        training: Bool, source: Layout, weights: Layout, bias: Layout?, destination: Layout
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("dense layer") {
            dnnl_inner_product_forward_primitive_desc_create(
                $0, engine.handle, forward(training), source.descriptor, weights.descriptor, bias?.descriptor,
                destination.descriptor, attributes)
        }
    }

    func denseBackwardData(
        sourceGradient: Layout, weights: Layout, destinationGradient: Layout, hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("dense layer's input gradient") {
            dnnl_inner_product_backward_data_primitive_desc_create(
                $0, engine.handle, sourceGradient.descriptor, weights.descriptor, destinationGradient.descriptor,
                hint.handle, attributes)
        }
    }

    func denseBackwardWeights(
        source: Layout, weightsGradient: Layout, biasGradient: Layout?, destinationGradient: Layout,
        hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("dense layer's kernel gradient") {
            dnnl_inner_product_backward_weights_primitive_desc_create(
                $0, engine.handle, source.descriptor, weightsGradient.descriptor, biasGradient?.descriptor,
                destinationGradient.descriptor, hint.handle, attributes)
        }
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
        try PrimitiveDescriptor("batch normalization") {
            dnnl_batch_normalization_forward_primitive_desc_create(
                $0, engine.handle, forward(training), source.descriptor, source.descriptor, epsilon, flags.rawValue,
                attributes)
        }
    }

    func batchNormalizationBackward(
        gradient: Layout, source: Layout, epsilon: Float, flags: NormalizationFlags, hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("batch normalization's gradient") {
            dnnl_batch_normalization_backward_primitive_desc_create(
                $0, engine.handle, dnnl_backward, gradient.descriptor, gradient.descriptor, source.descriptor,
                epsilon, flags.rawValue, hint.handle, attributes)
        }
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
        try PrimitiveDescriptor("pooling") {
            dnnl_pooling_forward_primitive_desc_create(
                $0, engine.handle, forward(training), kind.algorithm, source.descriptor, destination.descriptor,
                geometry.strides, geometry.kernel, geometry.dilates, geometry.leading, geometry.trailing, attributes)
        }
    }

    func poolingBackward(
        _ kind: Pooling, sourceGradient: Layout, destinationGradient: Layout, _ geometry: Geometry,
        hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("pooling's gradient") {
            dnnl_pooling_backward_primitive_desc_create(
                $0, engine.handle, kind.algorithm, sourceGradient.descriptor, destinationGradient.descriptor,
                geometry.strides, geometry.kernel, geometry.dilates, geometry.leading, geometry.trailing, hint.handle,
                attributes)
        }
    }

    func resampling(
        _ kind: UpSampling, training: Bool, source: Layout, destination: Layout
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("upsampling") {
            dnnl_resampling_forward_primitive_desc_create(
                $0, engine.handle, forward(training), kind.algorithm, nil, source.descriptor, destination.descriptor,
                attributes)
        }
    }

    func resamplingBackward(
        _ kind: UpSampling, sourceGradient: Layout, destinationGradient: Layout, hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("upsampling's gradient") {
            dnnl_resampling_backward_primitive_desc_create(
                $0, engine.handle, kind.algorithm, nil, sourceGradient.descriptor, destinationGradient.descriptor,
                hint.handle, attributes)
        }
    }

    // MARK: - Functions of single elements, softmax, response normalization

    func elementwise(
        _ algorithm: dnnl_alg_kind_t, alpha: Float, beta: Float, training: Bool, source: Layout
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("activation") {
            dnnl_eltwise_forward_primitive_desc_create(
                $0, engine.handle, forward(training), algorithm, source.descriptor, source.descriptor, alpha, beta,
                attributes)
        }
    }

    func elementwiseBackward(
        _ algorithm: dnnl_alg_kind_t, alpha: Float, beta: Float, gradient: Layout, source: Layout,
        hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("activation's gradient") {
            dnnl_eltwise_backward_primitive_desc_create(
                $0, engine.handle, algorithm, gradient.descriptor, gradient.descriptor, source.descriptor, alpha, beta,
                hint.handle, attributes)
        }
    }

    /// Softmax along the channels.
    func softmax(training: Bool, source: Layout) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("softmax") {
            dnnl_softmax_forward_primitive_desc_create(
                $0, engine.handle, forward(training), dnnl_softmax_accurate, source.descriptor, source.descriptor, 1,
                attributes)
        }
    }

    func softmaxBackward(
        gradient: Layout, destination: Layout, hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("softmax's gradient") {
            dnnl_softmax_backward_primitive_desc_create(
                $0, engine.handle, dnnl_softmax_accurate, gradient.descriptor, gradient.descriptor,
                destination.descriptor, 1, hint.handle, attributes)
        }
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
        try PrimitiveDescriptor("response normalization") {
            dnnl_lrn_forward_primitive_desc_create(
                $0, engine.handle, forward(training), dnnl_lrn_across_channels, source.descriptor, source.descriptor,
                settings.size, settings.dividedAlpha, settings.beta, settings.bias, attributes)
        }
    }

    func responseNormalizationBackward(
        _ settings: ResponseNormalization, gradient: Layout, source: Layout, hint: PrimitiveDescriptor
    ) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("response normalization's gradient") {
            dnnl_lrn_backward_primitive_desc_create(
                $0, engine.handle, dnnl_lrn_across_channels, gradient.descriptor, gradient.descriptor,
                source.descriptor, settings.size, settings.dividedAlpha, settings.beta, settings.bias, hint.handle,
                attributes)
        }
    }

    // MARK: - Moving and merging

    func reorder(from source: Layout, to destination: Layout) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("reorder") {
            dnnl_reorder_primitive_desc_create(
                $0, source.descriptor, engine.handle, destination.descriptor, engine.handle, attributes)
        }
    }

    /// Concatenation along the channels, in a layout that oneDNN chooses.
    func concatenation(_ sources: [Layout]) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("concatenation") {
            onednn_concat_primitive_desc_create(
                $0, engine.handle, nil, Int32(sources.count), 1, sources.map(\.descriptor), attributes)
        }
    }

    /// The sum of the sources, each times its factor.
    func sum(_ sources: [Layout], times factors: [Float], destination: Layout) throws -> PrimitiveDescriptor {
        try PrimitiveDescriptor("sum") {
            onednn_sum_primitive_desc_create(
                $0, engine.handle, destination.descriptor, Int32(sources.count),
                factors, sources.map(\.descriptor), attributes)
        }
    }
}

extension UpSampling {
    fileprivate var algorithm: dnnl_alg_kind_t {
        switch self {
        case .nearest: dnnl_resampling_nearest
        case .bilinear: dnnl_resampling_linear
        }
    }
}

/// A sliding window in oneDNN's form.
struct Geometry {
    let kernel: [Int64]
    let strides: [Int64]
    /// The holes between neighboring elements of the window.
    let dilates: [Int64]
    let leading: [Int64]
    let trailing: [Int64]

    init(_ window: SlidingWindow, over image: Size2D) {
        let paddings = window.paddings(for: image)
        func list(_ size: Size2D) -> [Int64] { [Int64(size.height), Int64(size.width)] }
        kernel = list(window.kernel)
        strides = list(window.strides)
        dilates = list(Size2D(window.dilation.height - 1, window.dilation.width - 1))
        leading = list(paddings.leading)
        trailing = list(paddings.trailing)
    }
}
