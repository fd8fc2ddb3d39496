import ArgumentParser
import Foundation
import PyImageSearch
import System

/// Pictures that a command is given: files, folders, and patterns that no shell has expanded.
public struct PicturesArgument: ParsableArguments {
    @Argument(
        help: "Pictures (JPEG or PNG), folders of pictures, or quoted patterns such as 'photos/*.jpg'.",
        transform: Path.argument)
    public var pictures: [String]

    public init() {}

    /// The files in the order of the arguments, those of a folder sorted. A file that is named need not be a picture: reading it
    /// tells.
    ///
    /// - Throws: `ValidationError` for a folder without pictures, or something that does not exist; `FileError` for a folder that
    ///   cannot be read.
    public func paths() throws -> [String] {
        try pictures.flatMap { argument in
            if FileSystem.isFolder(argument) {
                let found = try PictureFolders.paths(in: argument.count > 1 ? argument.withoutSlash : argument)
                guard !found.isEmpty else {
                    throw ValidationError("\(argument): there are no pictures in this folder (.jpg, .jpeg or .png)")
                }
                return found
            }
            if FileSystem.exists(argument) { return [argument] }
            let found = Self.matches(of: argument)
            guard !found.isEmpty else { throw ValidationError("\(argument): no such file") }
            return found
        }
    }

    /// The files that a pattern of `*`, `?` and `[...]` matches, sorted.
    private static func matches(of pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0 else { return [] }
        return (0..<Int(result.gl_pathc)).compactMap { index in result.gl_pathv[index].map { String(cString: $0) } }
    }
}

extension String {
    fileprivate var withoutSlash: String { hasSuffix("/") ? String(dropLast()).withoutSlash : self }
}
