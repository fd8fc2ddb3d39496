/// The numbers that a GPU computes with. Weights, their gradients and the optimizer's slots are 32-bit floats in all of
/// them.
public enum Precision: String, CaseIterable, Sendable {
    /// 32-bit floats throughout.
    case float32
    /// 32-bit floats, but convolutions and matrix products round their factors to 11 significant bits, for tensor cores.
    case tf32
    /// Outputs and their gradients have 8 significant bits; sums are computed in 32-bit floats.
    case bfloat16

    /// The type of outputs and their gradients in the kernels' source.
    var element: String { self == .bfloat16 ? "bfloat16" : "float" }
    /// The size of an output's element, in bytes.
    var elementSize: Int { self == .bfloat16 ? 2 : 4 }
}
