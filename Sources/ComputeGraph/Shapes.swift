import Tensors

/// What an operation says about shapes: the only place that infers them.
extension Operation {
    /// The shape of a sample's output.
    ///
    /// - Parameter inputs: the shapes of its inputs.
    /// - Throws: ``BackendError`` if they do not fit.
    public func outputShape(for inputs: [Shape]) throws -> Shape {
        switch self {
        case .input(let shape):
            guard inputs.isEmpty else { throw BackendError("expected no inputs, found \(inputs.count)") }
            return shape
        case .conv2D(let window, let filters, _):
            guard filters > 0 else { throw BackendError("the number of filters must be positive, not \(filters)") }
            return try window.output(over: inputs.image(), channels: filters)
        case .maxPooling2D(let window), .averagePooling2D(let window):
            let image = try inputs.image()
            return try window.output(over: image, channels: image[2])
        case .globalAveragePooling2D:
            return [try inputs.image()[2]]
        case .batchNormalization(let settings):
            guard (0...1).contains(settings.momentum), settings.epsilon >= 0 else {
                throw BackendError(
                    "momentum \(settings.momentum) is not from 0 to 1, or epsilon \(settings.epsilon) is not 0 or more")
            }
            return try inputs.single()
        case .activation(.elu(let alpha)):
            guard alpha.isFinite else { throw BackendError("alpha must be finite, not \(alpha)") }
            return try inputs.single()
        case .activation:
            return try inputs.single()
        case .localResponseNormalization(let depthRadius, let bias, let alpha, let beta):
            // No image has more channels.
            guard (0...1 << 16).contains(depthRadius) else {
                throw BackendError("the depth radius \(depthRadius) is not from 0 to \(1 << 16)")
            }
            guard [bias, alpha, beta].allSatisfy(\.isFinite) else {
                throw BackendError("bias \(bias), alpha \(alpha) and beta \(beta) are not all finite")
            }
            return try inputs.single()
        case .concatenate:
            guard var shape = inputs.first, shape.rank > 0 else { throw BackendError("it needs inputs") }
            let last = shape.rank - 1
            guard
                inputs.allSatisfy({ $0.rank == shape.rank && $0.dimensions[..<last] == shape.dimensions[..<last] })
            else { throw BackendError("\(inputs.list) differ before the channels") }
            shape[last] = inputs.reduce(0) { $0 + $1[last] }
            return shape
        case .add:
            guard let shape = inputs.first else { throw BackendError("it needs inputs") }
            guard inputs.allSatisfy({ $0 == shape }) else { throw BackendError("\(inputs.list) are different shapes") }
            return shape
        case .zeroPadding2D(let top, let bottom, let left, let right):
            let image = try inputs.image()
            guard [top, bottom, left, right].allSatisfy({ (0...SlidingWindow.largest).contains($0) }) else {
                throw BackendError("padding must be from 0 to \(SlidingWindow.largest)")
            }
            return [top + image[0] + bottom, left + image[1] + right, image[2]]
        case .dropout(let rate):
            guard (0..<1).contains(rate) else { throw BackendError("the rate \(rate) is not in [0, 1)") }
            return try inputs.single()
        case .flatten:
            return [try inputs.single().count]
        case .dense(let units, _):
            guard units > 0 else { throw BackendError("the number of units must be positive, not \(units)") }
            var shape = try inputs.single()
            shape[shape.rank - 1] = units
            return shape
        }
    }

    /// The shapes of the parameters, in their order.
    ///
    /// - Parameter inputs: shapes that ``outputShape(for:)`` has accepted.
    public func parameterShapes(for inputs: [Shape]) -> [Shape] {
        let channels = inputs.first?.dimensions.last ?? 1
        switch self {
        case .conv2D(let window, let filters, let useBias):
            let kernel: Shape = [window.kernel.height, window.kernel.width, channels, filters]
            return useBias ? [kernel, [filters]] : [kernel]
        case .batchNormalization(let settings):
            let count = 2 + (settings.scale ? 1 : 0) + (settings.center ? 1 : 0)
            return [Shape](repeating: [channels], count: count)
        case .dense(let units, let useBias):
            return useBias ? [[channels, units], [units]] : [[channels, units]]
        case .input, .activation, .maxPooling2D, .averagePooling2D, .globalAveragePooling2D,
            .localResponseNormalization, .concatenate, .add, .zeroPadding2D, .dropout, .flatten:
            return []
        }
    }
}

extension [Shape] {
    fileprivate func single() throws -> Shape {
        guard count == 1, self[0].rank > 0 else { throw BackendError("it takes one input, not \(count)") }
        return self[0]
    }

    /// The one input as an image: height, width, channels.
    fileprivate func image() throws -> Shape {
        let shape = try single()
        guard shape.rank == 3 else {
            throw BackendError("it takes (height, width, channels), but its input is \(shape)")
        }
        return shape
    }

    fileprivate var list: String { map(\.description).joined(separator: ", ") }
}

extension SlidingWindow {
    /// The largest kernel, stride or padding: larger than any image, and sums of a few of them do not overflow.
    public static let largest = 1 << 20

    fileprivate func output(over image: Shape, channels: Int) throws -> Shape {
        let sizes = [kernel.height, kernel.width, strides.height, strides.width]
        guard sizes.allSatisfy({ (1...Self.largest).contains($0) }) else {
            throw BackendError(
                "kernel \(kernel.height)x\(kernel.width) and strides \(strides.height)x\(strides.width) must be from 1 to "
                    + "\(Self.largest)")
        }
        let output = output(for: Size2D(image[0], image[1]))
        guard output.height > 0, output.width > 0 else {
            throw BackendError(
                "a \(kernel.height)x\(kernel.width) window does not fit into \(image[0])x\(image[1])")
        }
        return [output.height, output.width, channels]
    }
}
