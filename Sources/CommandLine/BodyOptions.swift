import ArgumentParser
import ComputeGraph
import NeuralNetwork
import PyImageSearch
import System

extension PretrainedNetwork.Name: ExpressibleByArgument {}

/// The network whose features a chapter uses.
public struct BodyOptions: ParsableArguments {
    public enum Network: String, CaseIterable, ExpressibleByArgument, Sendable {
        case vgg16, vgg19, resnet50, squeezenet
        case inceptionV3 = "inception-v3", inceptionResNetV2 = "inception-resnet-v2"
        case small
    }

    @Option(
        help: """
            \(PretrainedNetwork.Name.list) with weights of ImageNet; or small, which is trained on drawings within a \
            minute (default: what the name of --weights says; without that file the one that the book takes, but small for \
            drawn shapes and where no weights can be had).
            """)
    public var network: Network?

    @Option(
        help: "Keras's file with the weights (default: it is looked for, or downloaded).", transform: Path.existingFile)
    public var weights: String?

    public init() {}

    public func validate() throws {
        if network == .small, weights != nil { throw ValidationError("--network small takes no --weights") }
    }

    /// The network without its top.
    ///
    /// - Parameters:
    ///   - isDrawn: whether the pictures are drawn shapes.
    ///   - preferred: the networks that are taken without flags, the first whose weights can be had.
    ///   - seed: of the small network.
    /// - Throws: `ModelFileError` if the weights cannot be found or belong to another network; `HDF5Error` for a damaged file.
    public func load(
        forDrawings isDrawn: Bool, preferring preferred: [PretrainedNetwork.Name] = [.vgg16], seed: UInt64,
        backend: any Backend
    ) throws -> PretrainedNetwork {
        if network == .small || (network == nil && weights == nil && isDrawn) { return try small(seed, backend) }
        let named =
            network.flatMap { PretrainedNetwork.Name(rawValue: $0.rawValue) }
            ?? weights.flatMap(PretrainedNetwork.Name.init(weights:))
        for name in named.map({ [$0] }) ?? preferred {
            let path: String
            do { path = try name.weights(top: false).locate(weights) } catch let error as ModelFileError
                where network == nil && weights == nil
            {
                info("\(error)")
                continue
            }
            info("loading \(path)...")
            return try PretrainedNetwork(name, weights: weights, backend: backend)
        }
        return try small(seed, backend)
    }

    private func small(_ seed: UInt64, _ backend: any Backend) throws -> PretrainedNetwork {
        info("training a small network on drawings, which takes the place of one with weights of ImageNet...")
        return try PretrainedNetwork(trainedOnDrawings: seed, backend: backend)
    }
}
