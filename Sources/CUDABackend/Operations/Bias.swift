import ComputeGraph

/// Adds a number to each channel of a library's result, in place, and perhaps applies the ReLU that follows.
final class Bias {
    private let bias: Weights
    private let output: Signal
    private let relu: Bool
    private let context: KernelContext
    private let sums: ColumnSums

    init(_ bias: Weights, output: Signal, relu: Bool, context: KernelContext) {
        self.bias = bias
        self.output = output
        self.relu = relu
        self.context = context
        sums = ColumnSums(rows: output.rows, channels: output.channels, terms: 1, context: context)
    }

    func forward() throws {
        try context.module.launch(
            "add_bias", elements: output.count, output.values, bias.values, Int32(output.channels),
            Int32(output.count), relu.flag)
    }

    /// Turns the output's gradient into that of the library's result, in place, and adds to the bias's gradient.
    func backward() throws {
        guard let dy = output.gradient else { return }
        if relu {
            try context.module.launch(
                "mask_relu", elements: output.count, dy, dy, output.values, Int32(output.count))
        }
        guard let gradient = bias.gradient else { return }
        try sums.launch("column_sums", dy)
        try context.module.launch(
            "add_column_sums", grid: sums.finishGrid, threads: 256, gradient, sums.address, Int32(sums.blocks),
            Int32(output.channels))
    }
}

/// Sums over all rows of a batch, for each channel. Every block of threads sums some rows, and a second kernel adds those
/// sums in order, so that a sum is the same every time.
struct ColumnSums {
    let rows, channels: Int
    /// The number of blocks along the rows.
    let blocks: Int
    private let rowsPerBlock: Int
    private let context: KernelContext

    init(rows: Int, channels: Int, terms: Int, context: KernelContext) {
        self.rows = rows
        self.channels = channels
        self.context = context
        // About a thousand blocks keep a large GPU busy.
        let columns = (channels + 31) / 32
        let wanted = max(1024 / columns, 1)
        rowsPerBlock = max((rows + wanted - 1) / wanted, 64)
        blocks = (rows + rowsPerBlock - 1) / rowsPerBlock
        context.scratch.reserve(bytes: blocks * terms * channels * 8)
    }

    /// The grid of the kernel that adds them: 32 channels in each block.
    var finishGrid: (Int, Int) { ((channels + 31) / 32, 1) }

    /// The sums of the blocks.
    var address: DeviceAddress { context.scratch.address }

    func launch<each Argument>(_ kernel: String, _ arguments: repeat each Argument) throws {
        try context.module.launch(
            kernel, grid: ((channels + 31) / 32, blocks), threads: 256, address, repeat each arguments, Int32(rows),
            Int32(channels), Int32(rowsPerBlock))
    }
}
