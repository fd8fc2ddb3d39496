import Foundation
import System

/// Kernels that were compiled before, because the compiler takes seconds.
struct KernelCache {
    private let path: String

    /// - Parameter key: everything that the code depends on.
    init(key: [String]) { path = "\(UserCache.folder())/kernels/\(md5(ofNames: key)).cubin" }

    /// The code; `nil` if there is none yet.
    var code: [CChar]? {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)), !data.isEmpty else { return nil }
        return data.map { CChar(bitPattern: $0) }
    }

    /// Keeps the code for the next program. A cache that cannot be written is no reason to stop.
    func keep(_ code: [CChar]) {
        try? WholeFile.makeFolder((path as NSString).deletingLastPathComponent)
        try? WholeFile.write(Data(code.map { UInt8(bitPattern: $0) }), to: path)
    }
}
