/// A function of a single number.
protocol ElementwiseFunction: Sendable {
    func value(_ x: Float) -> Float
    /// The gradient of the input, from that of the output, the input and the output: whichever saves work.
    func gradient(_ dy: Float, x: Float, y: Float) -> Float
}

/// Applies a function to every element.
struct Elementwise<Function: ElementwiseFunction>: HostKernel {
    let function: Function
    /// The number of elements.
    let units: Int
    /// A function has few instructions, for which small slices are not worth a thread.
    let grain = 4096

    init(_ function: Function, count: Int) {
        self.function = function
        units = count
    }

    func forward(_ values: HostValues, units: Range<Int>) {
        let x = values.inputs[0], y = values.output
        for i in units { y[i] = function.value(x[i]) }
    }

    func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        guard let dx = gradients.inputs[0] else { return }
        let x = values.inputs[0], y = values.output, dy = gradients.output
        for i in units { dx[i] += function.gradient(dy[i], x: x[i], y: y[i]) }
    }
}
