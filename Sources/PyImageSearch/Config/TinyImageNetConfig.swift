import Foundation
import NeuralNetwork
import System

/// Where the scripts for Tiny ImageNet find each other's files: the book's `tiny_imagenet_config`. Flags override it.
public struct TinyImageNetConfig: Sendable {
    /// The unpacked data set, as it comes.
    public var images = "tiny-imagenet-200"
    /// The folder of the HDF5 files, which keep their means beside them.
    public var hdf5 = "output/hdf5"
    /// The folder for everything else.
    public var output = "output"

    public init() {}

    /// Of the images of each class the share that is taken from the training set to test on: 50 of 500.
    public let testShare = 0.1
    /// The size of the images, in pixels.
    public let side = 64

    public var trainHDF5: String { "\(hdf5)/train.hdf5" }
    public var valHDF5: String { "\(hdf5)/val.hdf5" }
    public var testHDF5: String { "\(hdf5)/test.hdf5" }
    public var datasetMean: String { "\(hdf5)/tiny-image-net-200-mean.json" }
    public var checkpoints: String { "\(output)/checkpoints" }
    /// What the files of the training are called, and of that with a decaying rate.
    public let name = "googlenet_tinyimagenet"
    public let decayName = "googlenet_tinyimagenet_decay"
    public var decayModel: String { "\(output)/\(decayName).hdf5" }
    public var runRecord: String { "\(output)/\(name).run.json" }
    public var decayRunRecord: String { "\(output)/\(decayName).run.json" }
}

/// The mean of each channel over a training set, 0 to 255, as the book keeps it: `{"R": ..., "G": ..., "B": ...}`; ours
/// also say which classes the training set has.
public struct ChannelMeans: Codable, Sendable, Equatable {
    public var red, green, blue: Double
    /// Of the training set, in the order of the labels; the book's own files have none.
    public var classNames: [String]?

    private enum CodingKeys: String, CodingKey {
        case red = "R"
        case green = "G"
        case blue = "B"
        case classNames = "class_names"
    }

    public init(red: Double, green: Double, blue: Double, classNames: [String]? = nil) {
        (self.red, self.green, self.blue, self.classNames) = (red, green, blue, classNames)
    }

    /// - Parameter builder: the program that writes the file, named where it is not there.
    /// - Throws: ``DatasetError`` where the file cannot be read, or lacks a channel.
    public init(contentsOf path: String, builder: String = "Chapter11BuildTinyImageNet") throws {
        let data: Data
        do { data = try Data(FileBytes.read(path, limit: 1 << 22)) } catch {
            throw DatasetError("\(error); build the data set first: swift run \(builder)")
        }
        do { self = try JSONDecoder().decode(ChannelMeans.self, from: data) } catch DecodingError.keyNotFound(
            let key, _)
        {
            throw DatasetError("\(path) has no \"\(key.stringValue)\": it must hold the means \"R\", \"G\" and \"B\"")
        } catch {
            throw DatasetError("\(path) is not a file of means: it must hold the numbers \"R\", \"G\" and \"B\"")
        }
        guard [red, green, blue].allSatisfy({ $0.isFinite && (0...255).contains($0) }) else {
            throw DatasetError("\(path) holds means that are no colours: they go from 0 to 255")
        }
    }

    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try WholeFile.write(encoder.encode(self), to: path)
    }

    /// Checks that these are the means of the training set that `file` belongs to, by the names of its classes.
    ///
    /// - Parameter path: of these means.
    /// - Throws: `ClassMismatchError`.
    public func check(_ path: String, belongsTo file: String, of names: [String]?) throws {
        try checkSameClasses(
            classNames, of: path, names, of: file,
            advice: "the means must be those of the data set's own training images")
    }

    /// The step that subtracts them.
    public var preprocessor: MeanPreprocessor { MeanPreprocessor(red: red, green: green, blue: blue) }
}
