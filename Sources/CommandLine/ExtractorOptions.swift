import ArgumentParser
import ComputeGraph
import NeuralNetwork
import PyImageSearch
import System

/// The network that turns pictures into features, and where it is cut.
public struct ExtractorOptions: ParsableArguments {
    @OptionGroup public var body: BodyOptions

    @Option(
        name: .shortAndLong, help: "A model file that takes the place of --network.", transform: Path.existingFile)
    public var model: String?

    @Option(help: "The layer whose output is the features (default: the last one before the classifier).")
    public var layer: String?

    @Option(
        help: """
            What pictures for --model become, in place of what its file says: \(Scaling.help). (default: unit, and none if it \
            begins with Rescaling or Normalization)
            """
    )
    public var scaling: Scaling?

    public init() {}

    public func validate() throws {
        guard model == nil || (body.network == nil && body.weights == nil) else {
            throw ValidationError("--model takes the place of --network and --weights")
        }
        guard scaling == nil || model != nil else { throw ValidationError(Scaling.withoutModel) }
    }

    /// The files that the flags name.
    public var files: [String] { [model, body.weights].compactMap { $0 } }

    /// The network up to the layer.
    ///
    /// - Parameters:
    ///   - isDrawn: whether the pictures are drawn shapes.
    ///   - preferred: the networks that are taken without flags, the first whose weights can be had.
    ///   - seed: of the small network.
    /// - Throws: `ModelFileError` if a file cannot be found, belongs to another network, or has no such layer; `HDF5Error` for
    ///   a damaged file.
    public func load(
        forDrawings isDrawn: Bool, preferring preferred: [PretrainedNetwork.Name] = [.vgg16], seed: UInt64,
        backend: any Backend
    ) throws -> PretrainedNetwork {
        let network = try whole(isDrawn, preferred, seed, backend)
        return try layer.map { try network.cut(at: $0, backend: backend) } ?? network
    }

    private func whole(
        _ isDrawn: Bool, _ preferred: [PretrainedNetwork.Name], _ seed: UInt64, _ backend: any Backend
    ) throws -> PretrainedNetwork {
        guard let model else {
            return try body.load(forDrawings: isDrawn, preferring: preferred, seed: seed, backend: backend)
        }
        info("loading \(model)...")
        let saved = try Model.load(model, backend: backend)
        let stored = try saved.pictureInput()
        let assumed: Scaling = saved.scalesItsInput ? .plain : .unit
        if stored == nil, scaling == nil, assumed == .unit {
            info("\(model) does not say what it takes; pictures are divided by 255, and --scaling says otherwise")
        }
        return try PretrainedNetwork(
            body: layer == nil ? saved.withoutClassifier() : saved, name: saved.name, title: Path.name(of: model),
            normalization: (scaling ?? assumed).normalization, conversion: scaling == nil ? stored?.conversion : nil)
    }
}

/// What becomes of the bytes of pictures. A flag says it where the model's file does not.
public enum Scaling: String, CaseIterable, ExpressibleByArgument, Sendable {
    case unit, unitBGR = "unit-bgr", symmetric, imagenet, plain = "none"

    /// The words for help texts.
    public static let help =
        "unit (divided by 255), unit-bgr (the same, blue first), symmetric (-1 to 1), imagenet (blue first, minus ImageNet's "
        + "means) or none (0 to 255)"

    /// What is wrong with the flag without `--model`.
    static let withoutModel = "--scaling is for --model; networks with weights of ImageNet have their own"

    public var normalization: ImageNormalization {
        switch self {
        case .unit: .unit
        case .unitBGR: .unitBGR
        case .symmetric: .symmetric
        case .imagenet: .imageNet
        case .plain: .plain
        }
    }
}
