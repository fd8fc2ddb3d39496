import Foundation
import System

/// The place of CIFAR-10: the given folder, or else the first of ``DataPlaces`` that has it. If none has, it is downloaded
/// into the cache folder.
enum CIFAR10Location {
    /// The folder that holds the binary files.
    ///
    /// - Throws: ``DatasetError``.
    static func find(
        _ directory: String?, environment: [String: String] = ProcessInfo.processInfo.environment,
        download: (_ folder: String) throws -> Void
    ) throws -> String {
        if let directory {
            guard let folder = folder(in: directory) else {
                if let other = otherVersion(at: directory) { throw DatasetError(other) }
                let found =
                    FileSystem.isFolder(directory)
                    ? "holds no \(CIFAR10.folderName)"
                    : FileSystem.exists(directory) ? "is not a folder" : "does not exist"
                throw DatasetError(
                    "\(directory) \(found); give the folder that CIFAR-10's official archive was unpacked into")
            }
            return folder
        }
        let cache = UserCache.folder(environment)
        let places = DataPlaces.all(environment)
        for place in places {
            if let folder = folder(in: place) { return folder }
        }
        do { try download(cache) } catch {
            let others = places.compactMap(otherVersion).map { "; \($0)" }.joined()
            throw DatasetError(
                "CIFAR-10 is in none of \(places.joined(separator: ", ")), and downloading it failed (\(error))\(others). "
                    + "Unpack \(CIFAR10Archive.official.url) \(DataPlaces.choices(environment))",
                remedy: .anotherFolderOrShapes)
        }
        guard let folder = folder(in: cache) else {
            throw DatasetError("the archive that was downloaded into \(cache) holds no \(CIFAR10.folderName)")
        }
        return folder
    }

    /// `place` itself, or the official folder in it.
    private static func folder(in place: String) -> String? {
        let inside = "\(place)/\(CIFAR10.folderName)"
        if FileSystem.isFolder(inside) { return inside }
        let isItself = FileSystem.exists("\(place)/\(CIFAR10.testFile)")
        return isItself ? place : nil
    }

    /// A message about another version of the data set at `path`, and what to use instead; `nil` if there is none.
    private static func otherVersion(at path: String) -> String? {
        // Recognized by the names of the official archives and folders, and of the files in them.
        let versions = [
            (["cifar-10-batches-py", "cifar-10-python.tar.gz", "data_batch_1"], "the Python version of CIFAR-10"),
            (["cifar-10-batches-mat", "cifar-10-matlab.tar.gz", "data_batch_1.mat"], "the Matlab version of CIFAR-10"),
            (
                [
                    "cifar-100-binary", "cifar-100-python", "cifar-100-matlab", "cifar-100-binary.tar.gz",
                    "cifar-100-python.tar.gz", "cifar-100-matlab.tar.gz", "train.bin", "train.mat",
                ], "CIFAR-100"
            ),
        ]
        let itself = Path.name(of: path)
        for (names, version) in versions {
            let inside = names.first { FileSystem.exists("\(path)/\($0)") }.map { "\(path)/\($0)" }
            guard let found = inside ?? (names.contains(itself) && FileSystem.exists(path) ? path : nil) else {
                continue
            }
            return "\(found) is of \(version), and what is read is the binary version: unpack "
                + "\(CIFAR10Archive.official.url) and name the folder that holds \(CIFAR10.folderName)"
        }
        let archive = "cifar-10-binary.tar.gz"
        let packed = itself == archive ? path : "\(path)/\(archive)"
        guard FileSystem.exists(packed) else { return nil }
        return "\(packed) is still packed: tar -xzf it, and name the folder that then holds \(CIFAR10.folderName)"
    }
}
