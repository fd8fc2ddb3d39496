import COpenSSL
import Foundation

/// The MD5 of a file, in hexadecimal: for checking a download against what its authors publish, not for secrets.
///
/// - Throws: ``DownloadError`` where the file cannot be read.
public func md5(ofFile path: String) throws -> String {
    guard let file = FileHandle(forReadingAtPath: path), let context = EVP_MD_CTX_new() else {
        throw DownloadError("\(path) cannot be read")
    }
    defer { EVP_MD_CTX_free(context) }
    EVP_DigestInit_ex(context, EVP_md5(), nil)
    while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
        piece.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    EVP_DigestFinal_ex(context, &digest, &length)
    return digest.prefix(Int(length)).map { String(format: "%02x", $0) }.joined()
}
