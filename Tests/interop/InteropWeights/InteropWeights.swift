import ArgumentParser
import CommandLine
import FixtureSupport
import HDF5
import Imaging
import NeuralNetwork
import PyImageSearch
import System
import Tensors

/// Builds a network, loads a file of weights, and writes what it predicts, for `check_weights.py` and `check_pictures.py`
/// to compare.
@main
struct InteropWeights: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "InteropWeights", abstract: "Predictions of a network with the weights of a file.",
        version: PackageVersion.number)

    /// The networks of `keras.applications`, SqueezeNet, and whatever network a whole model file has.
    enum Network: String, CaseIterable, ExpressibleByArgument {
        case vgg16 = "VGG16"
        case vgg19 = "VGG19"
        case resNet50 = "ResNet50"
        case squeezeNet = "SqueezeNet"
        case inceptionV3 = "InceptionV3"
        case inceptionResNetV2 = "InceptionResNetV2"
        case ofTheFile = "file"
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

    @Option(help: "Predict the pictures in this folder, sorted by name, in place of made-up images.")
    var pictures: String?

    @Flag(help: "Cut out the central square of every picture, rather than squeeze it.")
    var square = false

    @Option(help: "Also save the model to this file, to be opened in Keras.")
    var save: String?

    @OptionGroup var compute: ComputeOptions

    func run() throws {
        let pooling = try pooling.map { name in
            guard let pooling = GlobalPooling(rawValue: name) else { throw ValidationError("\(name) is not a pooling") }
            return pooling
        }
        let model =
            switch network {
            case .vgg16: VGG16.build(width: side, height: side, classes: classes, includeTop: top, pooling: pooling)
            case .vgg19: VGG19.build(width: side, height: side, classes: classes, includeTop: top, pooling: pooling)
            case .resNet50:
                ResNet50.build(width: side, height: side, classes: classes, includeTop: top, pooling: pooling)
            case .squeezeNet:
                SqueezeNet.build(width: side, height: side, classes: classes, includeTop: top, pooling: pooling)
            case .inceptionV3:
                InceptionV3.build(
                    width: side, height: side, classes: classes, includeTop: top, pooling: pooling)
            case .inceptionResNetV2:
                InceptionResNetV2.build(
                    width: side, height: side, classes: classes, includeTop: top, pooling: pooling)
            case .ofTheFile: try Model.load(weights, backend: compute.backend)
            }
        if network != .ofTheFile {
            try model.move(to: compute.backend)
            try model.loadWeights(weights, byName: byName)
        }
        if let save { try model.save(save) }

        let root = try HDF5File(creating: probe).root
        if let pictures { return try predict(model, picturesIn: pictures, to: root) }

        // Bytes as `ImageNetPreprocessor` makes them have about this size.
        var x = hashImages("interop/weights", [4, side, side, 3])
        for i in x.scalars.indices { x.scalars[i] *= 100 }
        try root.write(["x": x, "prediction": try model.predict(x)])
    }

    /// Predictions and names of a folder's pictures, which are as many as the memory holds.
    private func predict(_ model: Model, picturesIn folder: String, to root: HDF5Group) throws {
        let names = try FolderContents(folder).files.filter { $0.lowercased().hasSuffix("jpeg") }
        let bytes = try names.flatMap { name in
            var image = try Image(contentsOf: "\(folder)/\(name)")
            if square {
                let side = min(image.height, image.width)
                let (top, left) = ((image.height - side) / 2, (image.width - side) / 2)
                image = image.cropped(rows: top..<top + side, columns: left..<left + side)
            }
            return image.resized(width: side, height: side, interpolation: .nearestExact).pixels
        }
        var batch = ByteImages(shape: [names.count, side, side, 3], bytes: bytes)
        batch.conversion = ImageNormalization.imageNet.conversion(of: batch)
        try root.write(["prediction": try model.predict(batch)])
        try root.createStrings("names", names)
    }
}

extension HDF5Group {
    fileprivate func write(_ tensors: [String: Tensor]) throws {
        for (name, tensor) in tensors {
            try createDataset(name, shape: tensor.shape.dimensions, type: .float32).write(tensor.scalars)
        }
    }
}
