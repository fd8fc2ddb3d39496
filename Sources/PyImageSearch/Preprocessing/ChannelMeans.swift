import Foundation
import NeuralNetwork
import System

/// The mean of each channel over a training set, 0 to 255, in the book's format: `{"R": ..., "G": ..., "B": ...}`.
/// Files of this library also name the classes of the training set.
public struct ChannelMeans: Codable, Sendable, Equatable {
    /// Means of the channels, 0 to 255.
    public var red, green, blue: Double
    /// The classes of the training set, by label; the book's own files have none.
    public var classNames: [String]?
    /// The file that they were read from.
    private var path: String?

    private enum CodingKeys: String, CodingKey {
        case red = "R"
        case green = "G"
        case blue = "B"
        case classNames = "class_names"
    }

    /// - Parameters:
    ///   - red: mean of the red channel.
    ///   - green: mean of the green channel.
    ///   - blue: mean of the blue channel.
    ///   - classNames: the classes of the training set, by label.
    public init(red: Double, green: Double, blue: Double, classNames: [String]? = nil) {
        (self.red, self.green, self.blue, self.classNames) = (red, green, blue, classNames)
    }

    /// Reads a file of means.
    ///
    /// - Parameter path: of the JSON file.
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

    /// Writes a JSON file, whole or not at all.
    ///
    /// - Parameter path: of the file.
    /// - Throws: `FileError` if it cannot be written.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try WholeFile.write(encoder.encode(self), to: path)
    }

    /// Whether means and classes are the same, from whatever file.
    public static func == (left: ChannelMeans, right: ChannelMeans) -> Bool {
        (left.red, left.green, left.blue) == (right.red, right.green, right.blue)
            && left.classNames == right.classNames
    }

    /// Checks that these are the means of the training set that `file` belongs to, by the names of its classes.
    ///
    /// - Parameters:
    ///   - file: a file of images, for the message.
    ///   - names: its classes.
    /// - Throws: `ClassMismatchError`.
    public func check(belongsTo file: String, of names: [String]?) throws {
        try checkSameClasses(
            classNames, of: path ?? "the means", names, of: file,
            advice: "the means must be those of the data set's own training images")
    }

    /// The preprocessor that subtracts them.
    public var preprocessor: MeanPreprocessor { MeanPreprocessor(self) }
}

/// A data set that has not been built yet, or was built elsewhere.
public struct NotBuiltError: Error, CustomStringConvertible, Equatable {
    /// One line that names the missing file.
    public let description: String

    init(description: String) { self.description = description }

    /// - Parameter path: of the file that is missing.
    public init(missing path: String) { description = "\(path) does not exist" }
}
