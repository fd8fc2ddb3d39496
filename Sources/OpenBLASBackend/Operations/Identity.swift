import ComputeGraph

/// Passes everything on: a linear activation, dropout in inference, and flatten, whose elements only change their names.
final class Identity: Kernel {
    private let count: Int

    init(_ context: Context) { count = context.outputCount }

    func forward(_ x: [Input], _ y: Output) { y.update(from: x[0], count: count) }

    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) {
        guard let dx = dx[0] else { return }
        for i in 0..<count { dx[i] += dy[i] }
    }
}
