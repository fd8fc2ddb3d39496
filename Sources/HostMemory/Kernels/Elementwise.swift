/// A function of a single number.
protocol ElementwiseFunction: Sendable {
    func value(_ x: Float) -> Float
    /// The gradient of the input, from that of the output, the input and the output: whichever saves work.
    func gradient(_ dy: Float, x: Float, y: Float) -> Float

    // Required although no function has its own: so the compiler makes a loop for each function. A generic kernel would
    // call the function through a table for every element.
    /// `y = f(x)`.
    func apply(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ units: Range<Int>)
    /// `dx += gradient(dy, x, y)`.
    func addGradient(
        _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
        to dx: UnsafeMutablePointer<Float>, _ units: Range<Int>)
}

extension ElementwiseFunction {
    func apply(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ units: Range<Int>) {
        for i in units { y[i] = value(x[i]) }
    }

    func addGradient(
        _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
        to dx: UnsafeMutablePointer<Float>, _ units: Range<Int>
    ) {
        for i in units { dx[i] += gradient(dy[i], x: x[i], y: y[i]) }
    }
}

/// Applies a function to every element.
struct Elementwise: HostKernel {
    let function: any ElementwiseFunction
    /// The number of elements.
    let units: Int
    /// A function has few instructions, for which small slices are not worth a thread.
    let grain = 4096

    init(_ function: any ElementwiseFunction, count: Int) {
        self.function = function
        units = count
    }

    func forward(_ values: HostValues, units: Range<Int>) { function.apply(values.inputs[0], values.output, units) }

    func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        guard let dx = gradients.inputs[0] else { return }
        function.addGradient(gradients.output, values.inputs[0], values.output, to: dx, units)
    }
}
