import ComputeGraph

/// Training only: zeroes a fraction of the elements and scales the others.
final class Dropout: Kernel {
    private let context: Context
    private let rate: Float
    private let masked: Floats

    init(_ context: Context, rate: Float) {
        self.context = context
        self.rate = rate
        masked = Floats(context.outputCount)
    }

    func forward(_ x: [Input], _ y: Output) throws { try apply(x[0], y) }

    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) throws {
        guard let dx = dx[0] else { return }
        try apply(dy, masked.pointer)
        for i in 0..<masked.count { dx[i] += masked.pointer[i] }
    }

    private func apply(_ x: Input, _ y: Output) throws {
        guard let stream = context.randomness.stream else {
            throw BackendError("\(context.node.name) drops out, but training was given no random numbers")
        }
        stream.dropout(from: x, to: y, count: context.outputCount, rate: rate, node: context.index)
    }
}
