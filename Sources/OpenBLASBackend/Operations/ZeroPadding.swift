import ComputeGraph

/// A border of zeros around the image.
final class ZeroPadding: Kernel {
    private let context: Context
    private let top: Int
    private let left: Int

    init(_ context: Context, top: Int, left: Int) {
        self.context = context
        self.top = top
        self.left = left
    }

    func forward(_ x: [Input], _ y: Output) {
        y.update(repeating: 0, count: context.outputCount)
        forEachRow { input, output, count in (y + output).update(from: x[0] + input, count: count) }
    }

    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) {
        guard let dx = dx[0] else { return }
        forEachRow { input, output, count in
            for i in 0..<count { dx[input + i] += dy[output + i] }
        }
    }

    /// Where each row of the image is, without and with its border.
    private func forEachRow(_ body: (_ input: Int, _ output: Int, _ count: Int) -> Void) {
        let (image, padded) = (context.inputShapes[0], context.node.shape)
        let row = image[1] * image[2]
        for sample in 0..<context.batchSize {
            for i in 0..<image[0] {
                body(
                    (sample * image[0] + i) * row,
                    ((sample * padded[0] + i + top) * padded[1] + left) * padded[2], row)
            }
        }
    }
}
