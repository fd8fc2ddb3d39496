import ArgumentParser
import CommandLine
import FixtureSupport
import HDF5
import NeuralNetwork
import PyImageSearch
import Tensors

/// Builds a network, loads a file of weights, and writes what it predicts, for `check_weights.py` to compare.
@main
struct InteropWeights: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "InteropWeights", abstract: "Predictions of a network with the weights of a file.",
        version: PackageVersion.number)

    /// The networks of `keras.applications`, and SqueezeNet.
    enum Network: String, CaseIterable, ExpressibleByArgument {
        case vgg16 = "VGG16"
        case vgg19 = "VGG19"
        case resNet50 = "ResNet50"
        case squeezeNet = "SqueezeNet"
    }

    @Argument(help: "The network.")
    var network: Network

    @Argument(help: "The file of weights.")
    var weights: String

    @Argument(help: "The HDF5 file to write: inputs, and predictions for them.")
    var probe: String

    @Option(help: "Height and width of the images.")
    var side = 64

    @Option(help: "The number of classes.")
    var classes = 1000

    @Flag(inversion: .prefixedNo, help: "Whether the network has its top.")
    var top = true

    @Option(help: "What a network without its top ends in: avg or max.")
    var pooling: String?

    @Flag(help: "Match layers by name only.")
    var byName = false

    @Option(help: "Also save the model to this file, to be opened in Keras.")
    var save: String?

    @OptionGroup var compute: ComputeOptions

    func run() throws {
        let pooling = try pooling.map { name in
            guard let pooling = GlobalPooling(rawValue: name) else { throw ValidationError("\(name) is not a pooling") }
            return pooling
        }
        let build =
            switch network {
            case .vgg16: VGG16.build
            case .vgg19: VGG19.build
            case .resNet50: ResNet50.build
            case .squeezeNet: SqueezeNet.build
            }
        let model = build(side, side, 3, classes, top, pooling)
        try model.move(to: compute.backend)
        try model.loadWeights(weights, byName: byName)
        if let save { try model.save(save) }

        // Bytes as `ImageNetPreprocessor` makes them have about this size.
        var x = hashImages("interop/weights", [4, side, side, 3])
        for i in x.scalars.indices { x.scalars[i] *= 100 }
        let root = try HDF5File(creating: probe).root
        for (name, tensor) in [("x", x), ("prediction", try model.predict(x))] {
            try root.createDataset(name, shape: tensor.shape.dimensions, type: .float32).write(tensor.scalars)
        }
    }
}
