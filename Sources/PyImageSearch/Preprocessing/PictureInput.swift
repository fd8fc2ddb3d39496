import Imaging
import NeuralNetwork
import Tensors

/// How a picture of any size becomes the input of a model. The files of models that chapters train say it, so that nobody has to
/// know it.
public struct PictureInput: Sendable, Equatable {
    /// A step that resizes or cuts. Bytes are rounded as OpenCV rounds them.
    public enum Step: Sendable, Equatable {
        /// ``AspectAwarePreprocessor``, which the book uses for squares.
        case aspectAware(width: Int, height: Int)
        /// The ratio of width and height is cut out of the middle, then scaled. The book's preprocessor cuts too much where this
        /// is not square.
        case cover(width: Int, height: Int)
        /// ``SimplePreprocessor``.
        case resize(width: Int, height: Int, interpolation: Interpolation = .area)
        /// ``CenterCropPreprocessor``.
        case centerCrop(width: Int, height: Int)

        /// Scales and cuts a picture of any shape.
        static func fitting(width: Int, height: Int) -> Step {
            width == height ? .aspectAware(width: width, height: height) : .cover(width: width, height: height)
        }
    }

    /// The steps, one after the other.
    public var steps: [Step]
    /// What becomes of a byte after them.
    public var conversion: ByteConversion

    /// - Parameters:
    ///   - steps: one after the other.
    ///   - conversion: what becomes of a byte after them.
    public init(_ steps: [Step], conversion: ByteConversion) {
        self.steps = steps
        self.conversion = conversion
    }

    /// The bytes after all steps.
    ///
    /// - Throws: ``PreprocessingError`` for a picture that a step cannot take.
    public func picture(of image: Image) throws -> Image {
        try steps.reduce(image) { image, step in try step.apply(to: image) }
    }

    /// A picture as the model takes it, `[height, width, 3]`.
    ///
    /// - Throws: ``PreprocessingError`` for a picture that a step cannot take.
    public func callAsFunction(_ image: Image) throws -> Tensor {
        let picture = try picture(of: image)
        return conversion.tensor(picture.pixels[...], shape: picture.shape)
    }

    /// The shape of every picture after the last step; `nil` without a step.
    public var shape: Shape? { steps.last.map { [$0.height, $0.width, 3] } }
}

extension PictureInput.Step {
    fileprivate func apply(to image: Image) throws -> Image {
        switch self {
        case .cover(let width, let height):
            return image.middle(width: width, height: height)
                .resized(width: width, height: height, interpolation: .area)
        case .aspectAware(let width, let height):
            return try AspectAwarePreprocessor(width: width, height: height).preprocess(image)
        case .resize(let width, let height, let interpolation):
            return try SimplePreprocessor(width: width, height: height, interpolation: interpolation).preprocess(image)
        case .centerCrop(let width, let height):
            return try CenterCropPreprocessor(width: width, height: height).preprocess(image)
        }
    }

    fileprivate var width: Int {
        switch self {
        case .cover(let width, _), .aspectAware(let width, _), .resize(let width, _, _), .centerCrop(let width, _):
            width
        }
    }

    fileprivate var height: Int {
        switch self {
        case .cover(_, let height), .aspectAware(_, let height), .resize(_, let height, _), .centerCrop(_, let height):
            height
        }
    }
}

extension Image {
    /// The largest part in the middle with the ratio of width and height.
    fileprivate func middle(width: Int, height: Int) -> Image {
        let isWide = self.width * height > self.height * width
        let columns = isWide ? max(1, self.height * width / height) : self.width
        let rows = isWide ? self.height : max(1, self.width * height / width)
        let (top, left) = ((self.height - rows) / 2, (self.width - columns) / 2)
        return cropped(rows: top..<top + rows, columns: left..<left + columns)
    }
}

// MARK: - Where it comes from

/// Batches of pictures that can say how a picture becomes one of their inputs.
public protocol PictureBatches: BatchGenerator {
    /// How, if that is known and the same for every picture.
    var pictureInput: PictureInput? { get }
}

extension AugmentedBatches: PictureBatches {
    /// Pictures are scaled and cut to the size of the images.
    public var pictureInput: PictureInput? {
        guard let images = images as? ByteImages, images.shape[3] == 3 else { return nil }
        return PictureInput(
            [.fitting(width: images.shape[2], height: images.shape[1])], conversion: images.conversion)
    }
}

extension ResizedBatches: PictureBatches {
    /// Pictures are scaled and cut to the size of the data set's images, and then as these are.
    public var pictureInput: PictureInput? {
        PictureInput(
            [
                .fitting(width: images.shape[2], height: images.shape[1]),
                .resize(width: width, height: height, interpolation: .linear),
            ], conversion: .unit)
    }
}

extension HDF5DatasetGenerator: PictureBatches {
    /// Pictures are scaled and cut to the size of the stored ones, and then preprocessed as these are; `nil` if a
    /// preprocessor uses random numbers, or is not one that is known here.
    public var pictureInput: PictureInput? {
        guard imageShape[2] == 3 else { return nil }
        var input = PictureInput(
            [.fitting(width: imageShape[1], height: imageShape[0])], conversion: .plain)
        for preprocessor in preprocessors {
            switch preprocessor {
            case let simple as SimplePreprocessor:
                input.steps.append(
                    .resize(width: simple.width, height: simple.height, interpolation: simple.interpolation))
            case let crop as CenterCropPreprocessor:
                input.steps.append(.centerCrop(width: crop.width, height: crop.height))
            case let aspect as AspectAwarePreprocessor:
                input.steps.append(.aspectAware(width: aspect.width, height: aspect.height))
            case let means as MeanPreprocessor:
                let shape = input.shape ?? imageShape
                let mean = [means.red, means.green, means.blue]
                input.conversion = .centered(
                    mean: Tensor(shape: shape, scalars: (0..<shape.count).map { mean[$0 % 3] }))
            case is ImageNetPreprocessor: input.conversion = ImageNetPreprocessor.conversion
            case is ImageToArrayPreprocessor: continue
            default: return nil
            }
        }
        return input
    }
}

// MARK: - In files

extension Model {
    /// How a picture becomes the model's input, if its file said so or a program has set it. It is saved with the model.
    ///
    /// - Throws: `ModelFileError` if what the file says cannot be read.
    public func pictureInput() throws -> PictureInput? {
        guard let inputDescription else { return nil }
        let place = lastCheckpoint?.path ?? "the model"
        guard let input = PictureInput(json: inputDescription, of: inputs[0].shape) else {
            throw ModelFileError("\(place) says in unknown words how pictures become its input")
        }
        guard input.shape == nil || input.shape == inputs[0].shape else {
            throw ModelFileError(
                "\(place) takes inputs of shape \(inputs[0].shape), but says that pictures become \(input.shape ?? [])")
        }
        return input
    }

    /// Says how a picture becomes the model's input; `nil` says that it is not known.
    public func setPictureInput(_ input: PictureInput?) { inputDescription = input?.json }
}

extension PictureInput {
    /// The words of model files.
    var json: JSON { ["steps": .array(steps.map(\.json)), "conversion": conversion.json] }

    /// - Parameter shape: of the model's input.
    init?(json: JSON, of shape: Shape) {
        guard let steps = json["steps"]?.array, let conversion = json["conversion"] else { return nil }
        let known = steps.compactMap(Step.init(json:))
        guard known.count == steps.count, let conversion = ByteConversion(json: conversion, ofImages: shape) else {
            return nil
        }
        self.init(known, conversion: conversion)
    }
}

extension PictureInput.Step {
    fileprivate var json: JSON {
        let size: [String: JSON] = ["width": JSON(width), "height": JSON(height)]
        switch self {
        case .cover: return JSON(className: "Cover", config: size)
        case .aspectAware: return JSON(className: "AspectAwarePreprocessor", config: size)
        case .resize(_, _, let interpolation):
            return JSON(
                className: "SimplePreprocessor",
                config: size.merging(["interpolation": .string(interpolation.rawValue)]) { $1 })
        case .centerCrop: return JSON(className: "CenterCropPreprocessor", config: size)
        }
    }

    fileprivate init?(json: JSON) {
        let sides = 1...Image.largestSide
        guard let config = json["config"], let width = config["width"]?.integer, let height = config["height"]?.integer,
            sides.contains(width), sides.contains(height)
        else { return nil }
        switch json["class_name"]?.string {
        case "Cover": self = .cover(width: width, height: height)
        case "AspectAwarePreprocessor": self = .aspectAware(width: width, height: height)
        case "SimplePreprocessor":
            guard let name = config["interpolation"]?.string, let interpolation = Interpolation(rawValue: name) else {
                return nil
            }
            self = .resize(width: width, height: height, interpolation: interpolation)
        case "CenterCropPreprocessor": self = .centerCrop(width: width, height: height)
        default: return nil
        }
    }
}

extension ByteConversion {
    /// A name and its numbers. Of numbers that repeat from pixel to pixel only those of one pixel are written.
    fileprivate var json: JSON {
        func numbers(_ scalars: [Float]) -> JSON { .array(scalars.map { .number(Double($0)) }) }
        func shortened(_ tensor: Tensor) -> JSON {
            let channels = Array(tensor.scalars.prefix(3))
            let repeats = tensor.scalars.indices.allSatisfy { tensor.scalars[$0] == channels[$0 % 3] }
            return numbers(repeats ? channels : tensor.scalars)
        }
        switch self {
        case .plain: return JSON(className: "plain")
        case .unit: return JSON(className: "unit")
        case .symmetric: return JSON(className: "symmetric")
        case .centered(let mean): return JSON(className: "centered", config: ["mean": shortened(mean)])
        case .standardized(let mean, let divisor):
            return JSON(
                className: "standardized", config: ["mean": shortened(mean), "divisor": shortened(divisor)])
        case .reversed(let means, let divisor):
            return JSON(
                className: "reversed", config: ["means": numbers(means), "divisor": .number(Double(divisor))])
        }
    }

    fileprivate init?(json: JSON, ofImages shape: Shape) {
        func numbers(_ key: String) -> [Float]? {
            guard let array = json["config"]?[key]?.array else { return nil }
            let numbers = array.compactMap { $0.number.map(Float.init) }
            return numbers.count == array.count && numbers.allSatisfy(\.isFinite) ? numbers : nil
        }
        func image(_ key: String) -> Tensor? {
            guard let numbers = numbers(key), [3, shape.count].contains(numbers.count) else { return nil }
            return Tensor(shape: shape, scalars: (0..<shape.count).map { numbers[$0 % numbers.count] })
        }
        switch json["class_name"]?.string {
        case "plain": self = .plain
        case "unit": self = .unit
        case "symmetric": self = .symmetric
        case "centered":
            guard let mean = image("mean") else { return nil }
            self = .centered(mean: mean)
        case "standardized":
            guard let mean = image("mean"), let divisor = image("divisor"), divisor.scalars.allSatisfy({ $0 > 0 })
            else {
                return nil
            }
            self = .standardized(mean: mean, divisor: divisor)
        case "reversed":
            guard let means = numbers("means"), means.count == 3,
                let divisor = json["config"]?["divisor"]?.number.map(Float.init), divisor.isFinite, divisor > 0
            else { return nil }
            self = .reversed(means: means, divisor: divisor)
        default: return nil
        }
    }
}
