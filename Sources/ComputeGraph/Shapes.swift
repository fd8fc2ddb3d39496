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
        case .conv2D(let window, let filters, let groups, _):
            guard filters > 0 else { throw BackendError("the number of filters must be positive, not \(filters)") }
            let image = try inputs.image()
            guard groups > 0, filters % groups == 0, image[2] % groups == 0 else {
                throw BackendError(
                    "\(groups) groups do not divide \(image[2]) input channels and \(filters) filters into equal parts")
            }
            return try window.output(over: image, channels: filters)
        case .depthwiseConv2D(let window, let multiplier, _):
            let image = try inputs.image()
            guard (1...Shape.largestCount).contains(multiplier) else {
                throw BackendError("the depth multiplier must be positive, not \(multiplier)")
            }
            return try window.output(over: image, channels: image[2] * multiplier)
        case .maxPooling2D(let window), .averagePooling2D(let window):
            let image = try inputs.image()
            guard window.dilation == Size2D(1, 1) else { throw BackendError("a pooling has no dilation") }
            return try window.output(over: image, channels: image[2])
        case .globalAveragePooling2D, .globalMaxPooling2D:
            return [try inputs.image()[2]]
        case .batchNormalization(let settings):
            guard (0...1).contains(settings.momentum), settings.epsilon >= 0 else {
                throw BackendError(
                    "momentum \(settings.momentum) is not from 0 to 1, or epsilon \(settings.epsilon) is not 0 or more")
            }
            return try inputs.single()
        case .activation(let function):
            if let fault = function.fault { throw BackendError(fault) }
            return try inputs.single()
        case .prelu(let alpha):
            let shape = try inputs.single()
            guard alpha.rank == shape.rank, zip(alpha.dimensions, shape.dimensions).allSatisfy({ $0 == 1 || $0 == $1 })
            else { throw BackendError("an alpha \(alpha) does not fit the input \(shape)") }
            return shape
        case .rescale(let settings):
            let shape = try inputs.single()
            for (what, values) in [("scale", settings.scale), ("offset", settings.offset)] {
                guard values.count == 1 || values.count == shape[shape.rank - 1], values.allSatisfy(\.isFinite) else {
                    throw BackendError(
                        "the \(what) must be one finite number or one for each of \(shape[shape.rank - 1]) channels")
                }
            }
            return shape
        case .normalize:
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
            return try inputs.common()
        case .linearCombination(let factors):
            guard factors.count == inputs.count, factors.allSatisfy(\.isFinite) else {
                throw BackendError("it needs a finite factor for each of \(inputs.count) inputs, not \(factors)")
            }
            return try inputs.common()
        case .multiply, .maximum, .minimum:
            return try inputs.broadcast()
        case .zeroPadding2D(let top, let bottom, let left, let right):
            let image = try inputs.image()
            guard [top, bottom, left, right].allSatisfy({ (0...SlidingWindow.largest).contains($0) }) else {
                throw BackendError("padding must be from 0 to \(SlidingWindow.largest)")
            }
            return [top + image[0] + bottom, left + image[1] + right, image[2]]
        case .cropping2D(let top, let bottom, let left, let right):
            let image = try inputs.image()
            guard [top, bottom, left, right].allSatisfy({ (0...SlidingWindow.largest).contains($0) }),
                top + bottom < image[0], left + right < image[1]
            else {
                throw BackendError(
                    "cropping \(top) and \(bottom) rows, \(left) and \(right) columns leaves nothing of \(image)")
            }
            return [image[0] - top - bottom, image[1] - left - right, image[2]]
        case .upSampling2D(let size, _):
            let image = try inputs.image()
            guard [size.height, size.width].allSatisfy({ (1...SlidingWindow.largest).contains($0) }) else {
                throw BackendError("the size must be from 1 to \(SlidingWindow.largest)")
            }
            return [image[0] * size.height, image[1] * size.width, image[2]]
        case .dropout(let rate):
            guard (0..<1).contains(rate) else { throw BackendError("the rate \(rate) is not in [0, 1)") }
            return try inputs.single()
        case .flatten:
            return [try inputs.single().count]
        case .reshape(let shape):
            let input = try inputs.single()
            guard shape.rank > 0, shape.isCountable, shape.count == input.count else {
                throw BackendError("an input \(input) does not have the elements of the shape \(shape)")
            }
            return shape
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
        case .conv2D(let window, let filters, let groups, let useBias):
            let kernel: Shape = [window.kernel.height, window.kernel.width, channels / groups, filters]
            return useBias ? [kernel, [filters]] : [kernel]
        case .depthwiseConv2D(let window, let multiplier, let useBias):
            let kernel: Shape = [window.kernel.height, window.kernel.width, channels, multiplier]
            return useBias ? [kernel, [channels * multiplier]] : [kernel]
        case .prelu(let alpha):
            return [alpha]
        case .normalize:
            return [[channels], [channels], []]
        case .batchNormalization(let settings):
            let count = 2 + (settings.scale ? 1 : 0) + (settings.center ? 1 : 0)
            return [Shape](repeating: [channels], count: count)
        case .dense(let units, let useBias):
            return useBias ? [[channels, units], [units]] : [[channels, units]]
        case .input, .activation, .rescale, .maxPooling2D, .averagePooling2D, .globalAveragePooling2D,
            .globalMaxPooling2D, .localResponseNormalization, .concatenate, .add, .linearCombination, .multiply,
            .maximum,
            .minimum, .zeroPadding2D, .cropping2D, .upSampling2D, .dropout, .flatten, .reshape:
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

    /// The shape that all inputs have.
    fileprivate func common() throws -> Shape {
        guard let shape = first else { throw BackendError("it needs inputs") }
        guard allSatisfy({ $0 == shape }) else { throw BackendError("\(list) are different shapes") }
        return shape
    }

    /// The shape of inputs that are repeated along missing axes and axes of length 1.
    fileprivate func broadcast() throws -> Shape {
        guard let rank = map(\.rank).max(), rank > 0 else { throw BackendError("it needs inputs") }
        let shapes = map { [Int](repeating: 1, count: rank - $0.rank) + $0.dimensions }
        return Shape(
            try (0..<rank).map { axis in
                let lengths = Set(shapes.map { $0[axis] }).subtracting([1])
                guard lengths.count < 2 else { throw BackendError("\(list) do not fit together") }
                return lengths.first ?? 1
            })
    }

    fileprivate var list: String { map(\.description).joined(separator: ", ") }
}

extension SlidingWindow {
    /// The largest kernel, stride or padding: larger than any image, and sums of a few of them do not overflow.
    public static let largest = 1 << 20

    fileprivate func output(over image: Shape, channels: Int) throws -> Shape {
        let sizes = [kernel, strides, dilation].flatMap { [$0.height, $0.width] }
        guard sizes.allSatisfy({ (1...Self.largest).contains($0) }) else {
            let holes = dilation == Size2D(1, 1) ? "" : ", dilation \(dilation.height)x\(dilation.width)"
            throw BackendError(
                "kernel \(kernel.height)x\(kernel.width)\(holes) and strides \(strides.height)x\(strides.width) must be "
                    + "from 1 to \(Self.largest)")
        }
        let output = output(for: Size2D(image[0], image[1]))
        guard output.height > 0, output.width > 0 else {
            throw BackendError(
                "a \(extent.height)x\(extent.width) window does not fit into \(image[0])x\(image[1])")
        }
        return [output.height, output.width, channels]
    }
}
