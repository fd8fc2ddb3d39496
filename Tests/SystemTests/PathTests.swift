import Foundation
import System
import Testing

@Suite struct PathTests {
    @Test(arguments: [
        ("model.hdf5", ".", "model.hdf5", "hdf5"), ("a/b.c/model", "a/b.c", "model", ""), ("/x", "/", "x", ""),
        ("a//b/", "a", "b", ""), ("link/../m.h5", "link/..", "m.h5", "h5"), ("~/m", "~", "m", ""),
        (".hidden", ".", ".hidden", ""), ("a/.hidden.txt", "a", ".hidden.txt", "txt"), ("/", "/", "", ""),
        ("a%20b#c/d e?.hdf5", "a%20b#c", "d e?.hdf5", "hdf5"), ("///a", "/", "a", ""),
    ])
    func aPathIsSplit(path: String, folder: String, name: String, suffix: String) {
        #expect(Path.folder(of: path) == folder)
        #expect(Path.name(of: path) == name)
        #expect(Path.suffix(of: path) == suffix)
    }

    @Test func theSuffixIsRemoved() {
        #expect(Path.withoutSuffix("a.b/m.run.json") == "a.b/m.run")
        #expect(Path.withoutSuffix("a.b/m") == "a.b/m")
    }

    /// Every sequence of bytes is a path and is preserved, even the characters that represent bytes that are not text.
    @Test(arguments: [
        Array("plain/ä/日本.hdf5".utf8), [0x66, 0xFF, 0x6F], [0xC3], [0xE2, 0x82], [0x80, 0xC3, 0xA4],
        Array("\u{10FE80}\u{10FEFF}".utf8), [0xED, 0xA0, 0x80], [0xF5, 0x80], [], Array(1...255),
    ])
    func bytesArePreserved(bytes: [UInt8]) {
        let path = String(pathBytes: bytes)
        #expect(path.pathBytes == bytes)
        #expect(path.withPath { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } == bytes)
        #expect(path.printablePath.utf8.count >= bytes.count)
    }

    @Test func differentBytesAreDifferentPaths() {
        #expect(String(pathBytes: [0xFF]) != String(pathBytes: [0xFE]))
        #expect(String(pathBytes: [0xFF]) != String(pathBytes: String(pathBytes: [0xFF]).utf8))
        #expect(String(pathBytes: [0x61, 0xFF]).printablePath == "a\\xFF")
    }

    @Test func theTildeIsTheHomeFolder() throws {
        let home = try #require(getenv("HOME").map { String(cString: $0) })
        #expect(Path.expandingTilde("~") == home)
        #expect(Path.expandingTilde("~/runs") == "\(home)/runs")
        #expect(
            Path.expandingTilde("~root/runs").hasSuffix("/runs") && !Path.expandingTilde("~root/runs").hasPrefix("~"))
        for path in ["a~", "./~/runs", "~nobody-has-this-name/runs", ""] { #expect(Path.expandingTilde(path) == path) }
    }

    /// File systems accept names of 255 bytes. Names derived from them must not be longer, and must stay different.
    @Test func longNamesAreShortened() {
        let long = String(repeating: "x", count: 250)
        let names = ["\(long)aaaaa", "\(long)bbbbb"].map {
            Path.beside("folder/\($0)", prefix: ".", suffix: ".123.tmp")
        }
        #expect(names[0] != names[1])
        for name in names {
            #expect(name.hasPrefix("folder/.xxx") && name.hasSuffix(".123.tmp"))
            #expect(Path.name(of: name).utf8.count == 255)
        }
        #expect(Path.beside("m.hdf5", suffix: ".lock") == "m.hdf5.lock")
        #expect(Path.beside("/m", suffix: ".lock") == "/m.lock")
    }
}
