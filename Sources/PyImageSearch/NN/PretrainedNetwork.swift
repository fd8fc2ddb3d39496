import ComputeGraph
import Imaging
import NeuralNetwork
import System
import Tensors

/// A network that has learned from other pictures than those that a program is about: the body of the book's chapters 3 and
/// 5.
public struct PretrainedNetwork {
    /// From pictures to features.
    public let body: Model
    /// The type that builds it: `VGG16`.
    public let name: String
    /// What to call it beside results: `VGG16, weights of ImageNet`.
    public let title: String
    /// What becomes of the bytes of a picture.
    public let normalization: ImageNormalization
    /// The same with its numbers, if the file of the network has them: the means of its training images.
    let conversion: ByteConversion?
    /// Height and width of its pictures, in pixels.
    public let side: Int

    /// The networks with published weights, without their tops.
    public enum Name: String, CaseIterable, Sendable {
        case vgg16, vgg19, resnet50, squeezenet, inceptionV3 = "inception-v3", inceptionResNetV2 = "inception-resnet-v2"

        /// All names, for help texts.
        public static let list =
            allCases.dropLast().map(\.rawValue).joined(separator: ", ") + " or " + inceptionResNetV2.rawValue

        /// The name of the model in `keras.applications`, which begins the names of its files too.
        public var kerasName: String { rawValue.replacing("-", with: "_") }

        /// The network whose name is in the name of a file of weights, as in Keras's files; `nil` if there is none.
        public init?(weights path: String) {
            let file = Path.name(of: path).lowercased().replacing("-", with: "_")
            let names = Self.allCases.filter { file.contains($0.kerasName) }
            guard let longest = names.max(by: { $0.kerasName.count < $1.kerasName.count }) else { return nil }
            self = longest
        }

        /// The published file with the weights of the network.
        ///
        /// - Parameter top: whether those of the top are among them.
        public func weights(top: Bool) -> PublishedWeights {
            switch self {
            case .vgg16: top ? .vgg16 : .vgg16NoTop
            case .vgg19: top ? .vgg19 : .vgg19NoTop
            case .resnet50: top ? .resNet50 : .resNet50NoTop
            case .squeezenet: .squeezeNet
            case .inceptionV3: top ? .inceptionV3 : .inceptionV3NoTop
            case .inceptionResNetV2: top ? .inceptionResNetV2 : .inceptionResNetV2NoTop
            }
        }

        /// What the network was trained with.
        public var normalization: ImageNormalization {
            switch self {
            case .vgg16, .vgg19, .resnet50, .squeezenet: .imageNet
            case .inceptionV3, .inceptionResNetV2: .symmetric
            }
        }

        /// The network, with 1000 classes or without its top. The last maps of networks other than VGG are then averaged.
        public func build(top: Bool) -> Model {
            switch self {
            case .vgg16: VGG16.build(includeTop: top)
            case .vgg19: VGG19.build(includeTop: top)
            case .resnet50: ResNet50.build(includeTop: top, pooling: .avg)
            case .squeezenet: SqueezeNet.build(includeTop: top, pooling: .avg)
            case .inceptionV3: InceptionV3.build(includeTop: top, pooling: .avg)
            case .inceptionResNetV2: InceptionResNetV2.build(includeTop: top, pooling: .avg)
            }
        }
    }

    /// - Parameters:
    ///   - body: from pictures `[height, width, 3]`, of which both sides are equal, to features.
    ///   - name: the network's.
    ///   - title: what to call it beside results.
    ///   - normalization: what it was trained with.
    ///   - conversion: takes the place of `normalization`, if the network's file says what becomes of a byte.
    /// - Throws: `ModelFileError` if its input is not a square picture of three channels.
    public init(
        body: Model, name: String, title: String, normalization: ImageNormalization, conversion: ByteConversion? = nil
    ) throws {
        let shape = body.inputs[0].shape
        guard body.inputs.count == 1, shape.rank == 3, shape[0] == shape[1], shape[2] == 3 else {
            throw ModelFileError(
                "\(title) takes inputs of shape \(body.inputs.map { "\($0.shape)" }.joined(separator: ", ")), not square pictures "
                    + "of three channels")
        }
        (self.body, self.name, self.title, self.normalization) = (body, name, title, normalization)
        self.conversion = conversion
        side = shape[0]
    }

    /// A network with weights that were learned from ImageNet.
    ///
    /// - Parameters:
    ///   - name: the network.
    ///   - weights: the file; without it the published file, which is found or downloaded.
    ///   - backend: computes it.
    /// - Throws: `ModelFileError` naming the first layer that does not fit, or what to do if no file is found; `HDF5Error` for a
    ///   damaged file.
    public init(_ name: Name, weights: String? = nil, backend: any Backend) throws {
        let body = name.build(top: false)
        let published = name.weights(top: false)
        let path = try published.locate(weights)
        try body.move(to: backend)
        // The file of SqueezeNet has the weights of its top too.
        do { try body.loadWeights(path, byName: published.includesTop) } catch let error as ModelFileError {
            throw ModelFileError("\(error); expected are weights of \(published.network), as in \(published.fileName)")
        }
        try self.init(
            body: body, name: published.network,
            title: "\(published.network), weights of \(weights.map { Path.name(of: $0) } ?? "ImageNet")",
            normalization: name.normalization)
    }

    /// A small network, for machines without published weights: MiniVGGNet without its dense layers, trained for some seconds
    /// on drawings of five kinds of shapes.
    ///
    /// - Parameters:
    ///   - seed: determines the drawings and the training.
    ///   - count: of the drawings that it learns from.
    ///   - backend: computes it.
    ///   - verbose: whether the epochs are shown.
    /// - Throws: `TrainingError` or `BackendError`.
    public init(
        trainedOnDrawings seed: UInt64, drawings count: Int = 600, backend: any Backend, verbose: Bool = true
    ) throws {
        let side = 32, kinds = 0..<Self.drawnKinds
        let drawings = Shapes10.pictures(count, kinds: kinds, width: side, height: side, seed: seed &+ 1)
        var images = try SimpleDatasetLoader([], jobs: backend.threads).load(drawings)
        images.conversion = .unit
        let targets = Tensor(
            shape: [drawings.count, kinds.count],
            scalars: drawings.labels.flatMap { label in kinds.map { $0 == label ? 1 : 0 } })
        let network = MiniVGGNet.build(width: side, height: side, depth: 3, classes: kinds.count)
        network.seed = seed
        try network.move(to: backend)
        network.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.01, momentum: 0.9))
        try network.fit(
            ImageDataGenerator().flow(images, targets, batchSize: 32, seed: seed), epochs: 5, verbose: verbose)
        guard let end = network.layers.firstIndex(where: { $0.layer is Flatten }) else {
            throw ModelFileError("MiniVGGNet has no layer that flattens")
        }
        let body = Model(inputs: network.inputs, outputs: [network.layers[end - 1].output])
        try body.move(to: backend)
        try self.init(
            body: body, name: "MiniVGGNet",
            title: "MiniVGGNet, trained on drawings of \(kinds.count) kinds", normalization: .unit)
    }

    /// How many kinds of shapes the small network has seen. The drawn data sets have twice as many, so half of their classes
    /// are new to it.
    static let drawnKinds = 5

    /// The features of pictures, `[pictures, features]`.
    ///
    /// - Parameters:
    ///   - pictures: `[pictures, side, side, 3]`, RGB, 0 to 255.
    ///   - batchSize: pictures that are computed together.
    /// - Throws: `TrainingError` or `BackendError`.
    public func features(of pictures: ByteImages, batchSize: Int) throws -> Tensor {
        var pictures = pictures
        pictures.conversion = conversion ?? normalization.conversion(of: pictures)
        let maps = try body.predict(pictures, batchSize: batchSize)
        return Tensor(shape: [maps.rowCount, featureCount], scalars: maps.scalars)
    }

    /// The network up to a layer.
    ///
    /// - Throws: `ModelFileError` if there is no layer of this name, `BackendError` if it cannot be compiled.
    public func cut(at layer: String, backend: any Backend) throws -> PretrainedNetwork {
        let cut = Model(inputs: body.inputs, outputs: [try body.layer(named: layer).output])
        try cut.move(to: backend)
        return try PretrainedNetwork(
            body: cut, name: name, title: "\(title), up to \(layer)", normalization: normalization,
            conversion: conversion)
    }

    /// Number of features of a picture.
    public var featureCount: Int { body.outputs[0].shape.count }
}

extension Model {
    /// Whether pictures are scaled by the network itself: a `Rescaling` or `Normalization` follows its input.
    public var scalesItsInput: Bool {
        let inputs = Set(layers.filter { $0.layer is InputLayer }.map(\.name))
        return layers.contains {
            ($0.layer is Rescaling || $0.layer is Normalization) && !inputs.isDisjoint(with: $0.inbound)
        }
    }

    /// The same network up to the input of its last layer with weights, which is the classifier of most networks.
    ///
    /// - Throws: `ModelFileError` if nothing is left.
    public func withoutClassifier() throws -> Model {
        guard let before = layers.last(where: { !$0.weights.isEmpty })?.inbound.first else {
            throw ModelFileError("\(name) has no layer before its classifier")
        }
        let body = Model(inputs: inputs, outputs: [try layer(named: before).output])
        try body.move(to: chosenBackend())
        return body
    }
}
