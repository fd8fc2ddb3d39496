import Foundation

/// Where CIFAR-10 is looked for, in this order: the folder that is given, `$PYIMAGESEARCH_DATA`, `data/`, and the
/// user's cache folder, into which it is downloaded where it is in none of them.
enum CIFAR10Location {
    static let variable = "PYIMAGESEARCH_DATA"

    /// The folder that holds the binary files.
    ///
    /// - Throws: ``DatasetError``.
    static func find(
        _ directory: String?, environment: [String: String] = ProcessInfo.processInfo.environment,
        download: (_ folder: String) throws -> Void
    ) throws -> String {
        if let directory {
            guard let folder = folder(in: directory) else {
                let found =
                    isFolder(directory)
                    ? "holds no \(CIFAR10.folderName)"
                    : FileManager.default.fileExists(atPath: directory) ? "is not a folder" : "does not exist"
                throw DatasetError(
                    "\(directory) \(found); give the folder that CIFAR-10's official archive was unpacked into")
            }
            return folder
        }
        let cache = cacheFolder(environment)
        let places = [environment[variable], "data", cache].compactMap { $0 }.filter { !$0.isEmpty }
        for place in places {
            if let folder = folder(in: place) { return folder }
        }
        do { try download(cache) } catch {
            throw DatasetError(
                "CIFAR-10 is in none of \(places.joined(separator: ", ")), and downloading it failed (\(error)). Four "
                    + "ways on: unpack \(CIFAR10Archive.official.url) into a folder and pass it as --data; name such a "
                    + "folder in $\(variable); unpack it into data/; or unpack it into \(cache). Without it, "
                    + "--dataset shapes10 needs no files")
        }
        guard let folder = folder(in: cache) else {
            throw DatasetError("the archive that was downloaded into \(cache) holds no \(CIFAR10.folderName)")
        }
        return folder
    }

    /// `place` itself, or the official folder in it.
    private static func folder(in place: String) -> String? {
        let inside = "\(place)/\(CIFAR10.folderName)"
        if isFolder(inside) { return inside }
        let isItself = FileManager.default.fileExists(atPath: "\(place)/\(CIFAR10.testFile)")
        return isItself ? place : nil
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func cacheFolder(_ environment: [String: String]) -> String {
        let base = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return (base ?? "\(environment["HOME"] ?? NSHomeDirectory())/.cache") + "/pyimagesearch"
    }
}
