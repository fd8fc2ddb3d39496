import Foundation
import System
import Testing

/// Every name that the system accepts works, and the file that was opened is the file that is put in place.
@Suite(.serialized) struct WholeFileTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("files \(UUID().uuidString)").path
        try WholeFile.makeFolder(folder)
    }

    private func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// Names with parts that some functions treat specially.
    private static let names = [
        Array("~".utf8), Array("~root".utf8), Array("a b".utf8), Array("100%41#?&".utf8), Array("-x".utf8),
        Array("back\\slash".utf8), Array("new\nline".utf8), [0x66, 0xFF, 0x80], Array("e\u{301}".utf8),
        [UInt8](repeating: 0x78, count: 255), Array("日本".utf8), Array("file:".utf8), Array("a'\"$(b)".utf8),
    ]

    @Test(arguments: names)
    func everyNameWorks(bytes: [UInt8]) throws {
        defer { remove() }
        let path = "\(folder)/\(String(pathBytes: bytes))"
        let previous = Path.beside(path, prefix: "p", suffix: "")
        try WholeFile.checkWritable(path)
        try WholeFile.write(Data([1]), to: path)
        try WholeFile.write(Data([2, 3]), to: path, keeping: previous)
        #expect(try FileBytes.read(path) == [2, 3] && FileBytes.read(previous) == [1])
        let names = try FileSystem.names(in: folder)
        #expect(Set(names.map(\.pathBytes)) == [bytes, Path.name(of: previous).pathBytes])
        #expect(FileSystem.isFile(path) && FileSystem.size(of: path) == 2)

        let lock = try OutputLock(path)
        #expect(throws: FileError.self) { try OutputLock(path) }
        withExtendedLifetime(lock) {}
        #expect(try FileSystem.setAside(path) == Path.beside(path, suffix: ".1"))
        #expect(!FileSystem.exists(path))
    }

    /// `link/..` is the parent of the link's target, not the folder that contains the link.
    @Test func dotsAreFollowedAfterLinks() throws {
        defer { remove() }
        try WholeFile.makeFolder("\(folder)/elsewhere/deep")
        #expect(symlink("elsewhere/deep", "\(folder)/link") == 0)
        try WholeFile.write(Data([7]), to: "\(folder)/link/../m")
        #expect(try FileBytes.read("\(folder)/elsewhere/m") == [7])
        #expect(Path.resolved("\(folder)/link/../m") == Path.resolved("\(folder)/elsewhere/m"))
        #expect(Path.resolved("\(folder)/link/../new") == Path.resolved("\(folder)/elsewhere/new"))
    }

    /// A link to a file that does not exist yet, for example a model on a larger disk: the file is made at the target, and
    /// the link stays.
    @Test func aLinkToAMissingFileIsFollowed() throws {
        defer { remove() }
        #expect(symlink("large/disk/m", "\(folder)/m") == 0)
        try WholeFile.write(Data([7]), to: "\(folder)/m")
        #expect(FileSystem.isLink("\(folder)/m"))
        #expect(try FileBytes.read("\(folder)/large/disk/m") == [7])
        #expect(symlink("loop", "\(folder)/loop") == 0)
        #expect(throws: FileError.self) { try WholeFile.write(Data([7]), to: "\(folder)/loop") }
    }

    /// What `chmod` has given a file stays when it is replaced.
    @Test func permissionsStay() throws {
        defer { remove() }
        let path = "\(folder)/m"
        try WholeFile.makeFolder(folder)
        try WholeFile.write(Data([1]), to: path)
        #expect(chmod(path, 0o600) == 0)
        try WholeFile.write(Data([2]), to: path)
        var now = stat()
        #expect(stat(path, &now) == 0 && now.st_mode & 0o777 == 0o600)
    }

    /// If the opened file was removed or replaced, it is an error, and the file in place before stays.
    @Test(arguments: [false, true])
    func theFileThatWasOpenedIsPutInPlace(isReplaced: Bool) throws {
        defer { remove() }
        let path = "\(folder)/m"
        try WholeFile.write(Data([1]), to: path)
        let file = try UnfinishedFile(path)
        try file.write(Data([2, 2]))
        FileSystem.remove(file.temporary)
        if isReplaced { #expect(FileManager.default.createFile(atPath: file.temporary, contents: Data())) }
        #expect(throws: FileError.self) { try file.finish() }
        #expect(try FileBytes.read(path) == [1])
    }

    @Test func aNameWithASlashAtItsEndIsAFolder() throws {
        defer { remove() }
        #expect(throws: FileError.self) { try WholeFile.checkWritable("\(folder)/new/") }
        #expect(try FileSystem.names(in: folder) == [])
    }

    /// A file of another size than expected is not put in place.
    @Test func theSizeIsChecked() throws {
        defer { remove() }
        let path = "\(folder)/m"
        do {
            let file = try UnfinishedFile(path)
            try file.write(Data([2, 2]))
            let error = #expect(throws: FileError.self) { try file.finish(size: 3) }
            #expect(error?.description.contains("2 of its 3 bytes") == true)
        }
        #expect(try FileSystem.names(in: folder) == [])
    }

    /// The user decides who may write a file.
    @Test(arguments: [0o002, 0o022, 0o077] as [mode_t])
    func theMaskOfPermissionsIsRespected(mask: mode_t) throws {
        defer { remove() }
        let path = "\(folder)/m"
        let before = umask(mask)
        defer { umask(before) }
        try WholeFile.write(Data(), to: path)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o666 & ~mask)
    }

    @Test func emptyFoldersThatWereMadeAreRemoved() throws {
        defer { remove() }
        try WholeFile.makeFolder("\(folder)/a/b")
        try WholeFile.makeFolder("\(folder)/c")
        try WholeFile.write(Data(), to: "\(folder)/c/file")
        WholeFile.removeEmptyFolders()
        #expect(try FileSystem.names(in: folder) == ["c"])
    }
}
