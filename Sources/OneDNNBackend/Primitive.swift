import CDNNL
import ComputeGraph

/// The description of a primitive, with the layouts that it has chosen.
final class PrimitiveDescriptor {
    let handle: dnnl_primitive_desc_t
    /// The name of the operation, for messages.
    let what: String

    init(_ what: String, _ create: (UnsafeMutablePointer<dnnl_primitive_desc_t?>) throws -> dnnl_status_t) throws {
        var handle: dnnl_primitive_desc_t?
        try check(try create(&handle), what)
        guard let handle else { throw BackendError("oneDNN gave no \(what)") }
        self.handle = handle
        self.what = what
    }

    deinit { dnnl_primitive_desc_destroy(handle) }

    private func layout(_ query: dnnl_query_t) throws -> Layout {
        guard let descriptor = dnnl_primitive_desc_query_md(handle, query, 0) else {
            throw BackendError("oneDNN does not report a layout of the \(what)")
        }
        return try Layout(copying: descriptor)
    }

    /// oneDNN's name of the code that it will run.
    func implementation() throws -> String {
        var name: UnsafePointer<CChar>?
        try check(dnnl_primitive_desc_query(handle, dnnl_query_impl_info_str, 0, &name), "naming a \(what)")
        return name.map { String(cString: $0) } ?? ""
    }

    func source() throws -> Layout { try layout(dnnl_query_src_md) }
    func destination() throws -> Layout { try layout(dnnl_query_dst_md) }
    func weights() throws -> Layout { try layout(dnnl_query_weights_md) }
    func sourceGradient() throws -> Layout { try layout(dnnl_query_diff_src_md) }
    func destinationGradient() throws -> Layout { try layout(dnnl_query_diff_dst_md) }
    func weightsGradient() throws -> Layout { try layout(dnnl_query_diff_weights_md) }
    /// The layout of the forward pass's results for the backward pass, of size 0 if there are none.
    func workspace() throws -> Layout { try layout(dnnl_query_workspace_md) }
    /// The layout of the memory that it needs while it runs.
    func scratchpad() throws -> Layout { try layout(dnnl_query_scratchpad_md) }
}

/// The role of a memory for a primitive.
enum Argument {
    case source, destination, weights, bias, mean, variance, scale, shift, workspace, scratchpad
    case sourceGradient, destinationGradient, weightsGradient, biasGradient, scaleGradient, shiftGradient
    /// What ``Primitives/Finish`` adds.
    case addend
    /// One of the sources of a sum or a concatenation.
    case sources(Int)

    var index: Int32 {
        switch self {
        case .source: DNNL_ARG_SRC_0
        case .destination: DNNL_ARG_DST_0
        case .weights: DNNL_ARG_WEIGHTS_0
        case .bias: DNNL_ARG_BIAS
        case .mean: DNNL_ARG_MEAN
        case .variance: DNNL_ARG_VARIANCE
        case .scale: DNNL_ARG_SCALE
        case .shift: DNNL_ARG_SHIFT
        case .workspace: DNNL_ARG_WORKSPACE
        case .scratchpad: DNNL_ARG_SCRATCHPAD
        case .sourceGradient: DNNL_ARG_DIFF_SRC_0
        case .destinationGradient: DNNL_ARG_DIFF_DST_0
        case .weightsGradient: DNNL_ARG_DIFF_WEIGHTS_0
        case .biasGradient: DNNL_ARG_DIFF_BIAS
        case .scaleGradient: DNNL_ARG_DIFF_SCALE
        case .shiftGradient: DNNL_ARG_DIFF_SHIFT
        case .addend: onednn_argument_addend
        case .sources(let number): DNNL_ARG_MULTIPLE_SRC + Int32(number)
        }
    }
}

/// A primitive with its memory.
final class Execution {
    private let primitive: dnnl_primitive_t
    private let what: String
    private let arguments: UnsafeMutableBufferPointer<dnnl_exec_arg_t>
    /// Keeps the memories alive.
    private let memories: [Memory]

    init(_ descriptor: PrimitiveDescriptor, _ arguments: [(Argument, Memory)]) throws {
        var primitive: dnnl_primitive_t?
        try check(dnnl_primitive_create(&primitive, descriptor.handle), "creating a \(descriptor.what)")
        guard let primitive else { throw BackendError("oneDNN gave no primitive") }
        self.primitive = primitive
        what = descriptor.what
        self.arguments = .allocate(capacity: arguments.count)
        _ = self.arguments.initialize(
            from: arguments.map { dnnl_exec_arg_t(arg: $0.0.index, memory: $0.1.handle) })
        memories = arguments.map(\.1)
    }

    deinit {
        dnnl_primitive_destroy(primitive)
        arguments.deallocate()
    }

    func run(on engine: Engine) throws {
        try check(
            dnnl_primitive_execute(primitive, engine.stream, Int32(arguments.count), arguments.baseAddress),
            "running a \(what)")
    }
}
