import ComputeGraph

/// Inputs side by side along the last axis.
final class Concatenation: Kernel {
    private let rows: Int
    private let channels: [Int]
    private let outputChannels: Int

    init(_ context: Context) {
        channels = context.inputShapes.map { $0[$0.rank - 1] }
        outputChannels = context.channels
        rows = context.outputCount / outputChannels
    }

    func forward(_ x: [Input], _ y: Output) {
        var first = 0
        for (x, channels) in zip(x, channels) {
            for row in 0..<rows { (y + row * outputChannels + first).update(from: x + row * channels, count: channels) }
            first += channels
        }
    }

    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) {
        var first = 0
        for (dx, channels) in zip(dx, channels) {
            defer { first += channels }
            guard let dx else { continue }
            for row in 0..<rows {
                for c in 0..<channels { dx[row * channels + c] += dy[row * outputChannels + first + c] }
            }
        }
    }
}

/// The sum of the inputs; each receives the whole gradient.
final class Addition: Kernel {
    private let count: Int

    init(_ context: Context) { count = context.outputCount }

    func forward(_ x: [Input], _ y: Output) {
        y.update(from: x[0], count: count)
        for x in x.dropFirst() {
            for i in 0..<count { y[i] += x[i] }
        }
    }

    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) {
        for case let dx? in dx {
            for i in 0..<count { dx[i] += dy[i] }
        }
    }
}
