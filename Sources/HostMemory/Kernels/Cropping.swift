import Tensors

/// The image without some rows and columns at its border.
public struct Cropping: HostKernel {
    private let input: Shape, output: Shape
    private let top: Int, left: Int
    /// The number of samples.
    public let units: Int
    public let grain = 1

    /// - Parameters:
    ///   - input: the shape of a batch.
    ///   - output: the shape of a batch.
    public init(top: Int, left: Int, _ input: Shape, _ output: Shape) {
        self.input = input
        self.output = output
        self.top = top
        self.left = left
        units = input[0]
    }

    public func forward(_ values: HostValues, units: Range<Int>) {
        forEachRow(units) { whole, cropped, count in
            (values.output + cropped).update(from: values.inputs[0] + whole, count: count)
        }
    }

    public func addInputGradients(_ values: HostValues, _ gradients: HostGradients, units: Range<Int>) {
        guard let dx = gradients.inputs[0] else { return }
        let dy = gradients.output
        forEachRow(units) { whole, cropped, count in
            for i in 0..<count { dx[whole + i] += dy[cropped + i] }
        }
    }

    /// Calls `body` with the offsets of every row that stays, in the input and in the output, and its length.
    private func forEachRow(_ images: Range<Int>, _ body: (_ whole: Int, _ cropped: Int, _ count: Int) -> Void) {
        let channels = input[3]
        for image in images {
            for i in 0..<output[1] {
                body(
                    ((image * input[1] + top + i) * input[2] + left) * channels,
                    (image * output[1] + i) * output[2] * channels, output[2] * channels)
            }
        }
    }
}
