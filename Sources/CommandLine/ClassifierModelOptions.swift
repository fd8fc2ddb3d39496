import ArgumentParser
import ComputeGraph
import PyImageSearch
import System

/// The network that says what is in pictures.
public struct ClassifierModelOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help:
            "A model file of a chapter, or of Keras. It says what its classes are called and how pictures become its input.",
        transform: Path.existingFile)
    public var model: String?

    @Option(help: "Keras's file with weights of ImageNet, with the top.", transform: Path.existingFile)
    public var weights: String?

    @Option(
        help: """
            \(PretrainedNetwork.Name.list) (default: what the name of --weights says; without that file the first of \
            \(Self.preferred.map(\.rawValue).joined(separator: ", ")) whose weights are found, else inception-v3, whose \
            weights are downloaded).
            """)
    public var network: PretrainedNetwork.Name?

    @Option(help: "What pictures for --model become, in place of what its file says: \(Scaling.help).")
    public var scaling: Scaling?

    public init() {}

    /// The networks that are taken without flags: the best first.
    private static let preferred: [PretrainedNetwork.Name] = [
        .inceptionResNetV2, .inceptionV3, .resnet50, .vgg19, .vgg16, .squeezenet,
    ]

    public func validate() throws {
        guard model == nil || (weights == nil && network == nil) else {
            throw ValidationError("--model takes the place of --weights and --network")
        }
        guard scaling == nil || model != nil else { throw ValidationError(Scaling.withoutModel) }
    }

    /// - Parameter note: receives a line for each step, and for what had to be assumed.
    /// - Throws: as the initializers of `PictureClassifier`.
    public func load(backend: any Backend, note: (String) -> Void) throws -> PictureClassifier {
        if let model {
            note("loading \(model)...")
            return try PictureClassifier(
                contentsOf: model, normalization: scaling?.normalization, backend: backend, note: note)
        }
        let name = try network ?? named()
        note("loading \(name.rawValue)...")
        return try PictureClassifier(name, weights: weights, backend: backend, note: note)
    }

    private func named() throws -> PretrainedNetwork.Name {
        guard let weights else {
            return Self.preferred.first { $0.weights(top: true).existingPath != nil } ?? .inceptionV3
        }
        guard let name = PretrainedNetwork.Name(weights: weights) else {
            throw ValidationError("\(weights) does not say whose weights it has: name the network with --network")
        }
        return name
    }
}
