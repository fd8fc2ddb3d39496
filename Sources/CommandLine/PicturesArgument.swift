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
    /// - Parameter leaveOut: receives the error of what cannot be found or read; the others are returned.
    public func paths(leavingOut leaveOut: (any Error) -> Void) -> [String] {
        pictures.flatMap { argument -> [String] in
            let found = FileSystem.exists(argument) ? [argument] : Self.matches(of: argument)
            if found.isEmpty { leaveOut(ValidationError("\(argument): no such file")) }
            return found.flatMap { path -> [String] in
                guard FileSystem.isFolder(path) else { return [path] }
                do {
                    let found = try PictureFolders.paths(in: path.withoutSlash, leavingOut: leaveOut)
                    guard found.isEmpty else { return found }
                    throw ValidationError(
                        "\(path): there are no pictures in this folder "
                            + "(\(PictureFolders.suffixes.sorted().map { "." + $0 }.joined(separator: ", ")))")
                } catch {
                    leaveOut(error)
                    return []
                }
            }
        }
    }

    /// The files that a pattern of `*`, `?` and `[...]` matches, sorted.
    private static func matches(of pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard pattern.withPath({ glob($0, 0, nil, &result) }) == 0 else { return [] }
        return (0..<Int(result.gl_pathc)).compactMap { index in result.gl_pathv[index].map { String(path: $0) } }
    }
}

extension String {
    fileprivate var withoutSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()).withoutSlash : self }
}
