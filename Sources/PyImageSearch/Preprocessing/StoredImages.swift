import ComputeGraph
import Imaging
import NeuralNetwork
import Tensors

// What images are on the processor, in the words of a backend that makes their floats itself.

extension StoredImages {
    /// Images with a change of each; `nil` if their conversion is one of images of another shape.
    ///
    /// - Parameter tensor: makes the floats on the processor.
    convenience init?(
        _ images: ByteImages, changes: [ImageDataGenerator.Change], fillMode: FillMode,
        order: SplineOrder = .linear, tensor: @escaping @Sendable () -> Tensor
    ) throws {
        guard let conversion = Conversion(images.conversion, ofImages: images.shape.sample) else { return nil }
        try self.init(
            shape: images.shape, bytes: images.bytes, conversion: conversion, changes: changes.map(Change.init),
            outside: Outside(fillMode), isInterpolated: order == .linear, tensor: tensor)
    }
}

extension StoredImages.Conversion {
    fileprivate init?(_ conversion: ByteConversion, ofImages shape: Shape) {
        switch conversion {
        case .plain: self.init()
        case .unit: self.init(divisors: [255])
        case .centered(let mean):
            guard mean.shape == shape else { return nil }
            self.init(offsets: mean.scalars)
        case .standardized(let mean, let divisor):
            guard mean.shape == shape, divisor.shape == shape else { return nil }
            self.init(offsets: mean.scalars, divisors: divisor.scalars)
        // A backend keeps the order of the channels, and subtracts before it divides.
        case .reversed, .symmetric: return nil
        }
    }
}

extension StoredImages.Change {
    fileprivate init(_ change: ImageDataGenerator.Change) {
        let m = change.transform
        self.init(
            row: [m.a, m.b, m.c], column: [m.d, m.e, m.f], isMirrored: change.isMirrored,
            isUpsideDown: change.isUpsideDown, erasedRows: change.erasedRows, erasedColumns: change.erasedColumns)
    }
}

extension StoredImages.Outside {
    fileprivate init(_ fillMode: FillMode) {
        self =
            switch fillMode {
            case .nearest: .nearest
            case .constant(let value): .constant(value)
            case .reflect: .reflect
            case .wrap: .wrap
            }
    }
}
