import ComputeGraph
import Imaging
import NeuralNetwork
import System
import Tensors

/// A trained network with all that it takes to ask it what is in a picture: how a picture becomes its input, and what its outputs
/// are called.
public struct PictureClassifier {
    /// The network, with one output of probabilities.
    public let model: Model
    /// What the outputs are called, in their order.
    public let classNames: [String]
    /// How a picture becomes its input.
    public let input: PictureInput
    /// What to call the network beside results.
    public let title: String

    /// A class and its probability.
    public struct Guess: Sendable, Equatable {
        /// What the class is called.
        public let name: String
        /// The class, an index of the output.
        public let label: Int
        /// 0 to 1.
        public let probability: Float
    }

    /// A model from a file: of this project, or of Keras.
    ///
    /// What the file does not say is taken from the network, if it is one of `keras.applications`. Else pictures are scaled and
    /// cut to the input's size and divided by 255, unless the network begins with a layer that does so, and classes are called by
    /// their numbers.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - normalization: of pictures, in place of what the file says. It must not depend on training images.
    ///   - backend: computes it.
    ///   - note: receives a line for what had to be assumed.
    /// - Throws: `HDF5Error`, `LayerError` or `ModelFileError` if it cannot be loaded, does not take pictures of three channels, or
    ///   ends neither in a softmax nor in one sigmoid.
    public init(
        contentsOf path: String, normalization: ImageNormalization? = nil, backend: any Backend,
        note: (String) -> Void = { info($0) }
    ) throws {
        let model = try Model.load(path, backend: backend)
        let size = try Self.checkedSize(of: model, path)
        let known = PretrainedNetwork.Name.allCases.first { $0.kerasName == model.name }
        let classes = model.outputs[0].shape.count
        let isImageNet = classes == ImageNetClasses.all.count
        let stored = try model.pictureInput()
        let ofNetwork = model.scalesItsInput ? ImageNormalization.plain : known?.normalization
        if normalization == nil, stored == nil, !model.scalesItsInput {
            note(
                "\(path) does not say how pictures become its input: "
                    + (known.map { "as for Keras's \($0.weights(top: true).network)" } ?? "they are divided by 255"))
        }
        let assumed = normalization ?? ofNetwork ?? .unit
        var input = stored ?? .scaledAndCut(width: size.width, height: size.height, assumed)
        if let normalization { input.conversion = normalization.conversion(of: .none) }
        self.input = input
        let names = model.classNames, count = max(classes, 2)
        if let names, names.count == count {
            classNames = ImageNetClasses.names(for: names)
        } else {
            let reason =
                names.map { "names \(counted($0.count, "class")), but has \(count)" } ?? "does not name its classes"
            note(
                "\(path) \(reason): "
                    + (isImageNet ? "they are called as those of ImageNet" : "they are numbered from 0"))
            classNames = isImageNet ? ImageNetClasses.all.map(\.name) : (0..<count).map { "class \($0)" }
        }
        self.model = try Self.alone(model)
        title = Path.name(of: path)
    }

    /// A network with weights that were learned from ImageNet.
    ///
    /// - Parameters:
    ///   - name: the network.
    ///   - weights: the file, with the top; without it the published file, which is found or downloaded.
    ///   - backend: computes it.
    ///   - note: receives a line if the file has another checksum than the published one.
    /// - Throws: `ModelFileError` naming the first layer that does not fit, or what to do if no file is found; `HDF5Error` for a
    ///   damaged file.
    public init(
        _ name: PretrainedNetwork.Name, weights: String? = nil, backend: any Backend,
        note: (String) -> Void = { info($0) }
    ) throws {
        let published = name.weights(top: true)
        let model = name.build(top: true), shape = model.inputs[0].shape
        let path = try published.locate(weights)
        try model.move(to: backend)
        do { try model.loadWeights(path) } catch let error as ModelFileError {
            throw ModelFileError("\(error); expected are weights of \(published.network) with its top")
        }
        if try md5(ofFile: path) != published.md5 {
            note(
                "\(path) does not have the checksum of \(published.fileName): its weights are others than the published ones"
            )
        }
        self.model = model
        classNames = ImageNetClasses.all.map(\.name)
        input = .scaledAndCut(width: shape[1], height: shape[0], name.normalization)
        title = "\(published.network), weights of \(Path.name(of: path))"
    }

    private static func checkedSize(of model: Model, _ path: String) throws -> (width: Int, height: Int) {
        guard model.inputs.count == 1, let shape = model.inputs.first?.shape, shape.rank == 3, shape[2] == 3 else {
            throw ModelFileError(
                "\(path) takes \(model.inputs.map { "\($0.shape)" }.joined(separator: ", ")), not a picture of three channels"
            )
        }
        guard model.outputs[0].shape.rank == 1 else {
            throw ModelFileError("\(path) gives \(model.outputs[0].shape) for a picture, not a list of probabilities")
        }
        guard givesProbabilities(model) else {
            throw ModelFileError(
                "\(path) gives numbers that are not probabilities: its output is neither a softmax nor one sigmoid")
        }
        return (shape[1], shape[0])
    }

    private static func givesProbabilities(_ model: Model) -> Bool {
        model.outputActivation == .softmax
            || (model.outputActivation == .sigmoid && model.outputs[0].shape.count == 1)
    }

    /// The network without its auxiliary heads.
    private static func alone(_ model: Model) throws -> Model {
        guard model.outputs.count > 1 else { return model }
        let main = Model(inputs: model.inputs, outputs: [model.outputs[0]], name: model.name)
        try main.move(to: model.chosenBackend())
        return main
    }

    // MARK: - Predicting

    /// Makes inputs of pictures.
    public struct Preparation: Sendable {
        /// How a picture becomes an input.
        let input: PictureInput
        /// The views of a picture; without them it is one, made by the input's own steps.
        let views: TestTimeCrops?

        /// The views of a picture as the network takes them, each `[height, width, 3]`.
        ///
        /// - Throws: ``PreprocessingError`` for a picture that has no such views.
        public func callAsFunction(_ picture: Image) throws -> [Tensor] {
            guard let views else { return [try input(picture)] }
            return try views.crops(of: picture).map { input.conversion.tensor($0.pixels[...], shape: $0.shape) }
        }
    }

    /// How inputs are made of pictures.
    ///
    /// - Parameter crops: views of a picture: 1, 10 or 144. For ten and more, pictures are scaled as they are to 256 pixels and more
    ///   for an input of 224.
    /// - Throws: `ModelFileError` if there are several crops and the network does not take squares.
    public func preparation(crops: Int) throws -> Preparation {
        guard crops > 1 else { return Preparation(input: input, views: nil) }
        let shape = model.inputs[0].shape, side = shape[0]
        guard shape[1] == side else {
            throw ModelFileError(
                "\(title) takes pictures of \(shape[1])x\(side) pixels, but \(crops) crops are squares")
        }
        return Preparation(input: input, views: crops == 10 ? .ten(side: side) : .paper(side: side))
    }

    /// The probabilities of all classes, for each picture. Those of several views are averaged.
    ///
    /// - Parameters:
    ///   - pictures: the views of each picture, as many of each.
    ///   - batchSize: inputs that are computed together.
    /// - Throws: `TrainingError` or `BackendError`.
    public func probabilities(of pictures: [[Tensor]], batchSize: Int = 32) throws -> [[Float]] {
        guard let count = pictures.first?.count else { return [] }
        let each = try model.predict(Tensor(rows: pictures.flatMap { $0 }), batchSize: batchSize)
        return pictures.indices.map { place in
            let mean = each[rows: place * count..<(place + 1) * count].meanOfRows().scalars
            // A network of one output gives the probability of the second class.
            return mean.count == 1 ? [1 - mean[0], mean[0]] : mean
        }
    }

    /// The most probable classes, the first one first. Of equal ones the highest index comes first, as in NumPy's argsort.
    ///
    /// - Parameters:
    ///   - probabilities: of all classes.
    ///   - count: of the classes that are wanted.
    public func best(_ count: Int, of probabilities: some Collection<Float>) -> [Guess] {
        probabilities.enumerated().sorted { ($0.element, $0.offset) > ($1.element, $1.offset) }.prefix(count).map {
            Guess(name: classNames[$0.offset], label: $0.offset, probability: $0.element)
        }
    }
}

extension PictureInput {
    /// Scaled and cut to a size, and normalized without statistics of training images.
    fileprivate static func scaledAndCut(width: Int, height: Int, _ normalization: ImageNormalization) -> Self {
        Self([.fitting(width: width, height: height)], conversion: normalization.conversion(of: .none))
    }
}

extension ByteImages {
    /// No images, for normalizations that need none.
    fileprivate static var none: ByteImages { ByteImages(shape: [0, 1, 1, 3], bytes: []) }
}
