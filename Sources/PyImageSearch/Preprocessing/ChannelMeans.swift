import Foundation
import NeuralNetwork
import System

/// The mean of each channel over a training set, 0 to 255, as the book keeps it: `{"R": ..., "G": ..., "B": ...}`; ours
/// also say which classes the training set has.
public struct ChannelMeans: Codable, Sendable, Equatable {
    public var red, green, blue: Double
    /// Of the training set, in the order of the labels; the book's own files have none.
    public var classNames: [String]?
    /// Of the file that they were read from.
    private var path: String?

    private enum CodingKeys: String, CodingKey {
        case red = "R"
        case green = "G"
        case blue = "B"
        case classNames = "class_names"
    }

    public init(red: Double, green: Double, blue: Double, classNames: [String]? = nil) {
        (self.red, self.green, self.blue, self.classNames) = (red, green, blue, classNames)
    }

    /// - Throws: ``NotBuiltError`` if there is no file at `path`, ``DatasetError`` if it lacks a channel.
    public init(contentsOf path: String) throws {
        let data: Data
        do { data = try Data(FileBytes.read(path, limit: 1 << 22)) } catch {
            throw NotBuiltError(description: "\(error)")
        }
        do { self = try JSONDecoder().decode(ChannelMeans.self, from: data) } catch DecodingError.keyNotFound(
            let key, _)
        {
            throw DatasetError("\(path) has no \"\(key.stringValue)\": it must hold the means \"R\", \"G\" and \"B\"")
        } catch {
            throw DatasetError("\(path) is not a file of means: it must hold the numbers \"R\", \"G\" and \"B\"")
        }
        guard [red, green, blue].allSatisfy({ $0.isFinite && (0...255).contains($0) }) else {
            throw DatasetError("\(path) holds means that are not colors: they go from 0 to 255")
        }
        self.path = path
    }

    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try WholeFile.write(encoder.encode(self), to: path)
    }

    /// Checks that these are the means of the training set that `file` belongs to, by the names of its classes.
    ///
    /// - Throws: `ClassMismatchError`.
    public func check(belongsTo file: String, of names: [String]?) throws {
        try checkSameClasses(
            classNames, of: path ?? "the means", names, of: file,
            advice: "the means must be those of the data set's own training images")
    }

    /// The step that subtracts them.
    public var preprocessor: MeanPreprocessor { MeanPreprocessor(self) }
}

/// A data set that has not been built yet, or was built elsewhere.
public struct NotBuiltError: Error, CustomStringConvertible, Equatable {
    public let description: String
}
