import Foundation
import System

/// Kernels that were compiled before, because the compiler takes seconds.
struct KernelCache {
    private let path: String

    /// - Parameters:
    ///   - key: everything that the code depends on.
    ///   - folder: by default the user's cache.
    init(key: [String], folder: String = UserCache.folder()) {
        path = "\(folder)/kernels/\(md5(ofNames: key)).cubin"
    }

    /// The code; `nil` if there is none yet.
    var code: [CChar]? {
        guard let bytes = try? FileBytes.read(path), !bytes.isEmpty else { return nil }
        return bytes.map(CChar.init(bitPattern:))
    }

    /// Keeps the code for the next program. A cache that cannot be written does not stop this one.
    func keep(_ code: [CChar]) {
        try? WholeFile.makeFolder(Path.folder(of: path))
        try? WholeFile.write(Data(code.map(UInt8.init(bitPattern:))), to: path)
    }
}
