/// An operation in plain loops over a batch in NHWC. What needs no library is written once, for all CPU backends.
///
/// A kernel knows shapes and settings, but holds no memory. Its work consists of units that do not depend on each other,
/// for example samples, so that a backend divides it between threads.
public protocol HostKernel: Sendable {
    var units: Int { get }
    /// So many units are worth a thread.
    var grain: Int { get }

    /// Computes these units of the output.
    func forward(_ values: HostValues, units: Range<Int>)
    /// *Adds* what these units of the output contribute to the gradients of the inputs.
    func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>)
    /// *Adds* to the gradients of the parameters, over all units. By default there are no parameters with gradients.
    func addParameterGradients(_ values: HostValues, _ gradients: HostGradients)
}

extension HostKernel {
    public func addParameterGradients(_ values: HostValues, _ gradients: HostGradients) {}
}

public typealias ConstFloats = UnsafePointer<Float>
public typealias Floats = UnsafeMutablePointer<Float>

/// The memory of a kernel's inputs, parameters and output.
public struct HostValues {
    let inputs: [ConstFloats]
    let parameters: [ConstFloats]
    let output: Floats

    public init(inputs: [Floats], parameters: [Floats], output: Floats) {
        self.inputs = inputs.map { ConstFloats($0) }
        self.parameters = parameters.map { ConstFloats($0) }
        self.output = output
    }
}

/// The memory of the gradients of a kernel's output, inputs and parameters; `nil` for those that nothing needs.
public struct HostGradients {
    let output: ConstFloats
    let inputs: [Floats?]
    let parameters: [Floats?]

    public init(output: Floats, inputs: [Floats?], parameters: [Floats?]) {
        self.output = ConstFloats(output)
        self.inputs = inputs
        self.parameters = parameters
    }
}
