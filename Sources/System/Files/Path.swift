import Foundation

/// A path as the system's calls understand it: `link/..` is the parent of the link's target, and `~` is a name.
/// Foundation's file functions change the meaning of such paths; nothing here does.
///
/// A path is a `String`, although the system allows any bytes except NUL in a name. ``Swift/String/init(pathBytes:)``
/// keeps a byte that is not UTF-8 as a private character, and ``Swift/String/withPath(_:)`` restores the byte.
public enum Path {
    /// The folder that contains a file: `.` for a bare name.
    public static func folder(of path: String) -> String {
        let bytes = withoutTrailingSlashes(path)
        guard let slash = bytes.lastIndex(of: slash) else { return path.hasPrefix("/") ? "/" : "." }
        let folder = withoutTrailingSlashes(bytes[..<slash])
        return folder.isEmpty ? "/" : String(pathBytes: folder)
    }

    /// The last part of a path.
    public static func name(of path: String) -> String {
        let bytes = withoutTrailingSlashes(path)
        return String(pathBytes: bytes.lastIndex(of: slash).map { bytes[($0 + 1)...] } ?? bytes)
    }

    /// The suffix of the name without its dot, such as `hdf5`. A dot at the beginning of the name starts no suffix.
    public static func suffix(of path: String) -> String {
        let name = Array(name(of: path).pathBytes)
        guard let dot = name.lastIndex(of: dot), dot > 0 else { return "" }
        return String(pathBytes: name[(dot + 1)...])
    }

    /// The path without its suffix and the dot before it.
    public static func withoutSuffix(_ path: String) -> String {
        let suffix = suffix(of: path).pathBytes
        return suffix.isEmpty ? path : String(pathBytes: withoutTrailingSlashes(path).dropLast(suffix.count + 1))
    }

    /// A path in the same folder, derived from the name: `folder/PREFIXnameSUFFIX`. A name too long for a file system
    /// is shortened, with a hash that keeps it different from other such names.
    public static func beside(_ path: String, prefix: String = "", suffix: String) -> String {
        var name = Array(name(of: path).pathBytes)
        let room = longestName - prefix.utf8.count - suffix.utf8.count
        if name.count > room {
            var hash = FNV1a()
            hash.add(name)
            let digits = "-" + hash.hexadecimal
            name = Array(name.prefix(room - digits.utf8.count)) + Array(digits.utf8)
        }
        let beside = String(pathBytes: Array(prefix.utf8) + name + Array(suffix.utf8))
        let folder = folder(of: path)
        return folder == "." ? beside : folder == "/" ? "/\(beside)" : "\(folder)/\(beside)"
    }

    /// The path with `~` or `~user` at its start replaced by the home folder, as a shell does. An unknown user's path
    /// stays as it is.
    public static func expandingTilde(_ path: String) -> String {
        guard path.hasPrefix("~") else { return path }
        let user = path.dropFirst().prefix { $0 != "/" }
        let home: String?
        if user.isEmpty, let variable = getenv("HOME"), variable.pointee != 0 {
            home = String(path: variable)
        } else {
            let entry = user.isEmpty ? getpwuid(getuid()) : String(user).withPath { getpwnam($0) }
            home = entry.flatMap { $0.pointee.pw_dir }.map { String(path: $0) }
        }
        return home.map { $0 + path.dropFirst(1 + user.count) } ?? path
    }

    /// The absolute path without symbolic links and dots. For a file that does not exist yet, the place that it would
    /// get.
    public static func resolved(_ path: String) -> String {
        if let found = real(path) { return found }
        let folder = real(folder(of: path)) ?? folder(of: path)
        return "\(folder)/\(name(of: path))"
    }

    /// The absolute path without symbolic links and dots, or `nil` if nothing is there.
    static func real(_ path: String) -> String? {
        guard let found = path.withPath({ realpath($0, nil) }) else { return nil }
        defer { free(found) }
        return String(path: found)
    }

    /// The path in a symbolic link, or `nil` if `path` is not one.
    static func link(at path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = path.withPath { readlink($0, &bytes, bytes.count) }
        return count > 0 ? String(pathBytes: bytes.prefix(count).map(UInt8.init(bitPattern:))) : nil
    }

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")
    /// The longest name in bytes that every common file system accepts.
    private static let longestName = 255

    private static func withoutTrailingSlashes(_ path: String) -> ArraySlice<UInt8> {
        withoutTrailingSlashes(path.pathBytes[...])
    }

    private static func withoutTrailingSlashes(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        bytes.prefix(upTo: (bytes.lastIndex { $0 != slash } ?? bytes.startIndex - 1) + 1)
    }
}

extension String {
    /// Keeps a byte that is not part of a UTF-8 character as the character U+10FE00 plus the byte. If a name contains
    /// such a character itself, its bytes are kept the same way, so different names stay different.
    public init(pathBytes bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        var scalars = UnicodeScalarView()
        var (iterator, position) = (bytes.makeIterator(), 0)
        var parser = Unicode.UTF8.ForwardParser()
        func keep(_ count: Int) {
            for byte in bytes[position..<position + count] {
                if let scalar = Unicode.Scalar(Self.keptByte.lowerBound - 0x80 + UInt32(byte)) {
                    scalars.append(scalar)
                }
            }
            position += count
        }
        parsing: while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                if Self.keptByte.contains(scalar.value) {
                    keep(encoded.count)
                } else {
                    scalars.append(scalar)
                    position += encoded.count
                }
            case .error(let count): keep(count)
            case .emptyInput: break parsing
            }
        }
        self.init(scalars)
    }

    /// A path from a C string.
    public init(path: UnsafePointer<CChar>) {
        self.init(pathBytes: UnsafeRawBufferPointer(start: path, count: strlen(path)))
    }

    /// The bytes of the path in the file system.
    public var pathBytes: [UInt8] {
        guard unicodeScalars.contains(where: { Self.keptByte.contains($0.value) }) else { return Array(utf8) }
        return unicodeScalars.flatMap { scalar in
            Self.keptByte.contains(scalar.value)
                ? [UInt8(scalar.value - Self.keptByte.lowerBound + 0x80)] : Array(String(scalar).utf8)
        }
    }

    /// Calls `body` with the path as a C string.
    public func withPath<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        try (pathBytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            // The array is not empty, so it has an address.
            try body(buffer.baseAddress.unsafelyUnwrapped)
        }
    }

    /// The path for messages: a byte that is not text becomes `\xFF`.
    public var printablePath: String {
        guard unicodeScalars.contains(where: { Self.keptByte.contains($0.value) }) else { return self }
        return unicodeScalars.map { scalar in
            Self.keptByte.contains(scalar.value)
                ? "\\x" + String(scalar.value - Self.keptByte.lowerBound + 0x80, radix: 16, uppercase: true)
                : String(scalar)
        }.joined()
    }

    /// The characters that represent the bytes 0x80 to 0xFF.
    private static var keptByte: ClosedRange<UInt32> { 0x10FE80...0x10FEFF }
}
