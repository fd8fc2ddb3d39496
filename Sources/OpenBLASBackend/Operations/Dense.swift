import ComputeGraph

/// `y = x * kernel + bias`: one matrix product for the whole batch. All axes but the last count as rows.
final class Dense: Kernel {
    private let context: Context
    private let rows: Int
    private let inputs: Int
    private let units: Int
    private let useBias: Bool

    init(_ context: Context) {
        self.context = context
        units = context.channels
        let shape = context.inputShapes[0]
        inputs = shape[shape.rank - 1]
        rows = context.batchSize * shape.count / inputs
        useBias = context.node.parameters.count > 1
    }

    func forward(_ x: [Input], _ y: Output) {
        matrixProduct(x[0], context.weights(0), y, rows: rows, columns: units, inner: inputs)
        if useBias { addBias(context.weights(1), y, rows: rows, columns: units) }
    }

    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) {
        matrixProduct(
            x[0], dy, context.gradient(0), rows: inputs, columns: units, inner: rows, transposingA: true, beta: 1)
        if useBias { addColumnSums(dy, context.gradient(1), rows: rows, columns: units) }
        if let dx = dx[0] {
            matrixProduct(
                dy, context.weights(0), dx, rows: rows, columns: inputs, inner: units, transposingB: true, beta: 1)
        }
    }
}
