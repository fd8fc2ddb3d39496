import Foundation

/// A path as the system's own calls understand it: `link/..` is the parent of what the link leads to, and `~` is a name.
/// Nothing here changes a path's meaning, which Foundation's file functions do.
///
/// A path is a `String`, though the system takes any bytes but NUL as a name. ``Swift/String/init(pathBytes:)`` keeps a
/// byte that is not UTF-8 as a private character, and ``Swift/String/withPath(_:)`` gives the byte back.
public enum Path {
    /// The folder that a file lies in: `.` for a bare name.
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

    /// A name beside `path`, made from its own: `folder/PREFIXnameSUFFIX`. A name that is too long for a file system is
    /// shortened, and stays different from other such names.
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

    /// What a shell makes of a path that begins with `~` or `~user`: the home folder. An unknown user's stays as it is.
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

    /// Where the system finds what lies at `path`, without symbolic links and dots; a file that is not there yet has the
    /// place that it would get.
    public static func resolved(_ path: String) -> String {
        if let found = real(path) { return found }
        let folder = real(folder(of: path)) ?? folder(of: path)
        return "\(folder)/\(name(of: path))"
    }

    /// `nil` where nothing is there.
    static func real(_ path: String) -> String? {
        guard let found = path.withPath({ realpath($0, nil) }) else { return nil }
        defer { free(found) }
        return String(path: found)
    }

    /// What a symbolic link says; `nil` where it is none.
    static func link(at path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = path.withPath { readlink($0, &bytes, bytes.count) }
        return count > 0 ? String(pathBytes: bytes.prefix(count).map(UInt8.init(bitPattern:))) : nil
    }

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")
    /// Bytes; every common file system takes as many.
    private static let longestName = 255

    private static func withoutTrailingSlashes(_ path: String) -> ArraySlice<UInt8> {
        withoutTrailingSlashes(path.pathBytes[...])
    }

    private static func withoutTrailingSlashes(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        bytes.prefix(upTo: (bytes.lastIndex { $0 != slash } ?? bytes.startIndex - 1) + 1)
    }
}

extension String {
    /// A byte that is not part of a UTF-8 character is kept as U+10FE00 plus the byte. The bytes of such a character itself
    /// are kept so too: two different names never become one.
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

    /// A path that C has.
    public init(path: UnsafePointer<CChar>) {
        self.init(pathBytes: UnsafeRawBufferPointer(start: path, count: strlen(path)))
    }

    /// The bytes that the system knows the name by.
    public var pathBytes: [UInt8] {
        guard unicodeScalars.contains(where: { Self.keptByte.contains($0.value) }) else { return Array(utf8) }
        return unicodeScalars.flatMap { scalar in
            Self.keptByte.contains(scalar.value)
                ? [UInt8(scalar.value - Self.keptByte.lowerBound + 0x80)] : Array(String(scalar).utf8)
        }
    }

    /// Calls `body` with the path as C takes it.
    public func withPath<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        try (pathBytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            // An array with a last element has an address.
            try body(buffer.baseAddress.unsafelyUnwrapped)
        }
    }

    /// As a person reads it: a byte that is not text becomes `\xFF`.
    public var printablePath: String {
        guard unicodeScalars.contains(where: { Self.keptByte.contains($0.value) }) else { return self }
        return unicodeScalars.map { scalar in
            Self.keptByte.contains(scalar.value)
                ? "\\x" + String(scalar.value - Self.keptByte.lowerBound + 0x80, radix: 16, uppercase: true)
                : String(scalar)
        }.joined()
    }

    /// The characters that stand for the bytes 0x80 to 0xFF.
    private static var keptByte: ClosedRange<UInt32> { 0x10FE80...0x10FEFF }
}
