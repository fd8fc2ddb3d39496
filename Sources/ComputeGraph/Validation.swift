import Tensors

extension Graph {
    /// Refuses a batch size for which there can be no plan.
    ///
    /// - Throws: ``BackendError`` for a number that is not positive, or naming the first node whose output alone exceeds
    ///   the free memory.
    public func validate(batchSize: Int) throws {
        guard batchSize > 0 else { throw BackendError("expected a batch size of 1 or more, found \(batchSize)") }
        for node in nodes {
            try BackendError.requireMemory(
                node.shape.count * MemoryLayout<Float>.stride, of: batchSize,
                for: "\(batchSize) outputs \(node.shape) of '\(node.name)'")
        }
    }

    /// Refuses an inconsistent graph, because backends compute through pointers without checks.
    ///
    /// - Throws: ``BackendError`` naming the first inconsistent node.
    public func validate() throws {
        for parameter in parameters {
            guard parameter.shape.dimensions.allSatisfy({ $0 > 0 }), parameter.shape.isCountable else {
                throw BackendError(
                    "\(parameter.name) of shape \(parameter.shape) does not have from 1 to \(Shape.largestCount) elements"
                )
            }
        }
        for (index, node) in nodes.enumerated() {
            func refuse(_ reason: String) -> BackendError {
                BackendError("node \(index) '\(node.name)' (\(node.operation)): \(reason)")
            }
            guard node.inputs.allSatisfy({ (0..<index).contains($0) }) else {
                throw refuse("inputs \(node.inputs) are not all earlier nodes")
            }
            guard node.parameters.allSatisfy(parameters.indices.contains) else {
                throw refuse("parameters \(node.parameters) are not all among the \(parameters.count) of the graph")
            }
            guard node.shape.rank > 0, node.shape.dimensions.allSatisfy({ $0 > 0 }) else {
                throw refuse("expected a shape with positive dimensions, found \(node.shape)")
            }
            guard node.shape.isCountable else {
                throw refuse("a sample's output of shape \(node.shape) has more than \(Shape.largestCount) elements")
            }
            do {
                let inputShapes = node.inputs.map { nodes[$0].shape }
                let expected = try node.operation.shapes(inputs: inputShapes, declared: node.shape)
                guard node.shape == expected.output else {
                    throw BackendError("expected an output of shape \(expected.output), found \(node.shape)")
                }
                let found = node.parameters.map { parameters[$0].shape }
                guard found == expected.parameters else {
                    throw BackendError("expected parameters of shapes \(expected.parameters), found \(found)")
                }
            } catch let error as BackendError {
                throw refuse(error.description)
            }
        }
        guard Set(inputs).count == inputs.count else { throw BackendError("an input of the graph is listed twice") }
        for index in inputs {
            guard nodes.indices.contains(index), nodes[index].operation == .input else {
                throw BackendError("input \(index) of the graph is not a node whose operation is input")
            }
        }
        for (index, node) in nodes.enumerated() where node.operation == .input && !inputs.contains(index) {
            throw BackendError("node \(index) '\(node.name)' is an input that the graph does not list")
        }
    }
}

extension Operation {
    /// The shape of a sample's output; `input` has none of its own.
    ///
    /// - Parameter inputs: the shapes of its inputs.
    /// - Throws: ``BackendError`` if they do not fit.
    public func outputShape(for inputs: [Shape]) throws -> Shape {
        try shapes(inputs: inputs, declared: []).output
    }

    /// The shapes of a sample's output and of the parameters, derived from the inputs' shapes.
    fileprivate func shapes(inputs: [Shape], declared: Shape) throws -> (output: Shape, parameters: [Shape]) {
        func soleInput() throws -> Shape {
            guard inputs.count == 1 else { throw BackendError("expected 1 input, found \(inputs.count)") }
            return inputs[0]
        }
        func image() throws -> (size: Size2D, channels: Int) {
            let shape = try soleInput()
            guard shape.rank == 3 else {
                throw BackendError("expected an input of shape (height, width, channels), found \(shape)")
            }
            return (Size2D(shape[0], shape[1]), shape[2])
        }
        func positions(_ window: SlidingWindow, _ size: Size2D) throws -> Size2D {
            guard window.kernel.height > 0, window.kernel.width > 0, window.strides.height > 0, window.strides.width > 0
            else { throw BackendError("expected a positive window and positive strides") }
            let output = window.output(for: size)
            guard output.height > 0, output.width > 0 else {
                throw BackendError(
                    "a window of \(window.kernel.height)x\(window.kernel.width) does not fit an input of "
                        + "\(size.height)x\(size.width)")
            }
            return output
        }

        switch self {
        case .input:
            guard inputs.isEmpty else { throw BackendError("expected no inputs, found \(inputs.count)") }
            return (declared, [])
        case .conv2D(let window, let filters, let useBias):
            let (size, channels) = try image()
            let output = try positions(window, size)
            let kernel: Shape = [window.kernel.height, window.kernel.width, channels, filters]
            return ([output.height, output.width, filters], useBias ? [kernel, [filters]] : [kernel])
        case .batchNormalization:
            let shape = try soleInput()
            return (shape, [Shape](repeating: [shape[shape.rank - 1]], count: 4))
        case .activation:
            return (try soleInput(), [])
        case .maxPooling2D(let window), .averagePooling2D(let window):
            let (size, channels) = try image()
            let output = try positions(window, size)
            return ([output.height, output.width, channels], [])
        case .globalAveragePooling2D:
            return ([try image().channels], [])
        case .localResponseNormalization(let depthRadius, _, _, _):
            guard depthRadius >= 0 else {
                throw BackendError("expected a depth radius of 0 or more, found \(depthRadius)")
            }
            return (try soleInput(), [])
        case .concatenate:
            guard var shape = inputs.first else { throw BackendError("expected inputs, found none") }
            for other in inputs.dropFirst() {
                guard other.dimensions.dropLast() == shape.dimensions.dropLast() else {
                    throw BackendError("expected inputs that differ in the last axis only, found \(inputs)")
                }
                shape[shape.rank - 1] += other[other.rank - 1]
            }
            return (shape, [])
        case .add:
            guard let shape = inputs.first else { throw BackendError("expected inputs, found none") }
            guard inputs.allSatisfy({ $0 == shape }) else {
                throw BackendError("expected inputs of the same shape, found \(inputs)")
            }
            return (shape, [])
        case .zeroPadding2D(let top, let bottom, let left, let right):
            let (size, channels) = try image()
            guard min(top, bottom, left, right) >= 0 else { throw BackendError("expected paddings of 0 or more") }
            return ([top + size.height + bottom, left + size.width + right, channels], [])
        case .dropout(let rate):
            guard (0..<1).contains(rate) else { throw BackendError("expected a rate in [0, 1), found \(rate)") }
            return (try soleInput(), [])
        case .flatten:
            return ([try soleInput().count], [])
        case .dense(let units, let useBias):
            var shape = try soleInput()
            let kernel: Shape = [shape[shape.rank - 1], units]
            shape[shape.rank - 1] = units
            return (shape, useBias ? [kernel, [units]] : [kernel])
        }
    }
}
