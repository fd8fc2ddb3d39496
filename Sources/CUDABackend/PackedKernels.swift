import CGPUKernels
import ComputeGraph

/// A kernel as the libraries want it: its elements as the plan's, and a convolution's as `[filters, kh, kw, in]`.
final class PackedKernel {
    fileprivate(set) var values = DeviceAddress.null
    /// Where the operation writes the gradient, in the same layout.
    fileprivate(set) var gradient = DeviceAddress.null
    fileprivate let offset: Int
    private var isGradientWritten = false

    fileprivate init(offset: Int) { self.offset = offset }

    fileprivate func beginBackward() { isGradientWritten = false }

    /// Whether to add to the gradient: another operation that shares the kernel has written it.
    func addsToGradient() -> Bool {
        defer { isGradientWritten = true }
        return isGradientWritten
    }
}

/// The packed copies of a plan's kernels. All of them are renewed by two launches.
final class PackedKernels {
    private let parameters: CUDAParameters
    private let device: Device
    private let kernels: KernelModule
    private let elementSize: Int
    private var packed: [ParameterID: PackedKernel] = [:]
    private var size = 0

    private var transposed: [GPUMatrix] = [], trained: [GPUMatrix] = []
    private var rounded: [GPUChunk] = [], roundedOffsets: [Int32] = []
    private var values: DeviceBuffer?, gradients: DeviceBuffer?
    private var transposedTable: MatrixTable?, trainedTable: MatrixTable?
    private var roundedTable: DeviceBuffer?, roundedOffsetTable: DeviceBuffer?
    /// The parameters' version at the time of packing.
    private var packedVersion: Int?

    init(parameters: CUDAParameters, device: Device, kernels: KernelModule, elementSize: Int) {
        self.parameters = parameters
        self.device = device
        self.kernels = kernels
        self.elementSize = elementSize
    }

    private func place(_ parameter: ParameterID, count: Int) -> PackedKernel {
        let kernel = PackedKernel(offset: size)
        size += (count + 127) / 128 * 128
        packed[parameter] = kernel
        return kernel
    }

    /// The kernel of a convolution, in Keras's layout a matrix of `rows` times `columns`, with a column for each filter.
    func transposed(_ parameter: ParameterID, rows: Int, columns: Int, isTrainable: Bool) -> PackedKernel {
        if let kernel = packed[parameter] { return kernel }
        let kernel = place(parameter, count: rows * columns)
        transposed.append(
            GPUMatrix(
                source: Int64(parameters.weightDistance(parameter)), target: Int32(kernel.offset), rows: Int32(rows),
                columns: Int32(columns)))
        if isTrainable {
            trained.append(
                GPUMatrix(
                    source: Int64(parameters.gradientOffset(parameter)), target: Int32(kernel.offset),
                    rows: Int32(rows), columns: Int32(columns)))
        }
        return kernel
    }

    /// A kernel in Keras's layout, with elements as the plan's.
    func rounded(_ parameter: ParameterID, count: Int) -> PackedKernel {
        if let kernel = packed[parameter] { return kernel }
        let kernel = place(parameter, count: count)
        guard elementSize != 4 else {
            // The weight itself is what the libraries want.
            kernel.values = parameters.weightAddress(parameter)
            return kernel
        }
        for first in stride(from: 0, to: count, by: 1024) {
            rounded.append(
                GPUChunk(
                    weight: Int64(parameters.weightDistance(parameter) + first), offset: 0,
                    count: Int32(min(1024, count - first)), l1: 0, l2: 0, trainable: 0,
                    parameter: Int32(parameter.index)))
            roundedOffsets.append(Int32(kernel.offset + first))
        }
        return kernel
    }

    /// Allocates the copies, after all operations have asked for theirs.
    func allocate() throws {
        let values = try DeviceBuffer(device, bytes: size * elementSize)
        self.values = values
        if !trained.isEmpty {
            let gradients = try DeviceBuffer(device, bytes: size * elementSize)
            self.gradients = gradients
            for kernel in packed.values {
                kernel.gradient = gradients.address.advanced(bytes: kernel.offset * elementSize)
            }
        }
        for kernel in packed.values where kernel.values == .null {
            kernel.values = values.address.advanced(bytes: kernel.offset * elementSize)
        }
        transposedTable = try MatrixTable(transposed, device: device)
        trainedTable = try MatrixTable(trained, device: device)
        if !rounded.isEmpty {
            roundedTable = try device.table(rounded)
            roundedOffsetTable = try device.table(roundedOffsets)
        }
    }

    /// Renews the copies if a weight may have changed.
    func pack() throws {
        guard let values, packedVersion != parameters.version else { return }
        if let table = transposedTable {
            try kernels.launch(
                "transpose_weights", grid: (table.tiles, 1), threads: 256, values.address,
                parameters.gradients.address, table.matrices.address, table.firstTiles.address, Int32(table.count))
        }
        if let roundedTable, let roundedOffsetTable {
            try kernels.launch(
                "round_weights", grid: (rounded.count, 1), threads: 256, values.address,
                parameters.gradients.address, roundedTable.address, Int32(rounded.count), roundedOffsetTable.address)
        }
        packedVersion = parameters.version
    }

    /// Forgets the gradients of the last step.
    func beginBackward() throws {
        for kernel in packed.values { kernel.beginBackward() }
        if let gradients { try device.clear(gradients.address, bytes: gradients.bytes) }
    }

    /// Adds the gradients to those of the parameters, in Keras's layout.
    func unpackGradients() throws {
        guard let gradients, let table = trainedTable else { return }
        try kernels.launch(
            "transpose_gradients", grid: (table.tiles, 1), threads: 256, parameters.gradients.address,
            gradients.address, table.matrices.address, table.firstTiles.address, Int32(table.count))
    }
}

/// Matrices for a kernel that transposes all of them, a tile of 32 times 32 in each block.
private struct MatrixTable {
    let matrices, firstTiles: DeviceBuffer
    let count, tiles: Int

    init?(_ matrices: [GPUMatrix], device: Device) throws {
        guard !matrices.isEmpty else { return nil }
        var firstTiles: [Int32] = [0]
        for matrix in matrices {
            let tiles = ((Int(matrix.rows) + 31) / 32) * ((Int(matrix.columns) + 31) / 32)
            firstTiles.append((firstTiles.last ?? 0) + Int32(tiles))
        }
        self.matrices = try device.table(matrices)
        self.firstTiles = try device.table(firstTiles)
        count = matrices.count
        tiles = Int(firstTiles.last ?? 0)
    }
}
