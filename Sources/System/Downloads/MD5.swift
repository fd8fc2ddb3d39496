import COpenSSL
import Foundation

/// The MD5 of a file in hexadecimal, for comparing a download with its authors' checksum. Not for secrets.
///
/// - Parameter verbose: whether progress is shown if it takes more than two seconds.
/// - Throws: `FileError` if the file cannot be read.
public func md5(ofFile path: String, verbose: Bool = false) throws -> String {
    let file = try FileBytes.open(path)
    let sum = MD5()
    var info = stat()
    let size = fstat(file.fileDescriptor, &info) == 0 ? Int(info.st_size) : 0
    let bar = ProgressBar(
        "checksum of \(path)", total: size > 0 ? size : nil, unit: .bytes, delay: ProgressBar.patience)
    var done = 0
    do {
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
            piece.withUnsafeBytes(sum.add)
            done += piece.count
            if verbose { bar.update(done) }
        }
    } catch { throw FileError("cannot read \(path): \(String(cString: strerror(errno)))") }
    return sum.hexadecimal()
}

/// The MD5 of a list of names, in hexadecimal.
public func md5(ofNames names: [String]) -> String {
    let sum = MD5()
    Array(names.joined(separator: "\n").utf8).withUnsafeBytes(sum.add)
    return sum.hexadecimal()
}

/// The MD5 of bytes that arrive in pieces.
public final class MD5 {
    private let context = EVP_MD_CTX_new()

    public init() { EVP_DigestInit_ex(context, EVP_md5(), nil) }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds the next piece.
    public func add(_ bytes: UnsafeRawBufferPointer) { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }

    /// The sum of all pieces. Nothing can be added after this call.
    public func hexadecimal() -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        EVP_DigestFinal_ex(context, &digest, &length)
        return digest.prefix(Int(length)).map { String(format: "%02x", $0) }.joined()
    }
}
