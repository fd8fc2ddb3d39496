import Foundation
import Synchronization
import Testing
@testable import System

/// What a program shows, and pictures in a terminal.
@Suite struct ListeningTests {
    @Test func listenersHearWhatIsShown() {
        let heard = Mutex<[Terminal.Piece]>([])
        let mark = UUID().uuidString
        Terminal.listen { piece in heard.withLock { $0.append(piece) } }
        info("loading \(mark)")
        warn("careful \(mark)")
        Terminal.show("a table\nof \(mark)")
        Terminal.show(pictureAt: "\(mark).png")
        // Other tests print too.
        let own = heard.withLock { $0 }.filter { "\($0)".contains(mark) }
        #expect(
            own == [
                .text("[INFO] loading \(mark)"), .text("[WARNING] careful \(mark)"), .text("a table\nof \(mark)"),
                .picture(path: "\(mark).png"),
            ])
    }

    @Test func theEnvironmentSaysHowPicturesAreShown() throws {
        #expect(InlinePicture.way(["TERM": "xterm-256color"]) == nil)
        #expect(InlinePicture.way(["TERM": "xterm-kitty"]) == .kitty)
        #expect(InlinePicture.way(["TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"]) == .iTerm)
        #expect(InlinePicture.way(["TERM": "xterm-kitty", "TMUX": "/tmp/tmux"]) == nil)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(InlinePicture.way(["TERM": "foot", "PATH": "/nowhere:\(folder)"]) == nil)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let program = "\(folder)/img2sixel"
        _ = FileManager.default.createFile(
            atPath: program, contents: Data("#!/bin/sh\necho $@\n".utf8), attributes: [.posixPermissions: 0o755])
        #expect(InlinePicture.way(["TERM": "foot", "PATH": "/nowhere:\(folder)"]) == .sixel(program: program))
        let drawn = InlinePicture.sequence("a.png", .sixel(program: program), width: 40)
        #expect(drawn.map { String(decoding: $0, as: UTF8.self) } == "--width 320 a.png\n")
    }

    /// Both protocols carry the file as base64; kitty's chunks have at most 4096 characters.
    @Test func sequencesCarryTheFile() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).png").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = Data((0..<7000).map { UInt8(truncatingIfNeeded: $0 * 7) })
        try bytes.write(to: URL(fileURLWithPath: path))
        func text(_ way: InlinePicture.Way) throws -> String {
            String(decoding: try #require(InlinePicture.sequence(path, way, width: 80)), as: UTF8.self)
        }
        let pieces = try text(.kitty).split(separator: "\u{1B}\\")
        #expect(pieces.count == 3 && pieces[0].hasPrefix("\u{1B}_Ga=T,f=100,c=80,m=1;"))
        #expect(pieces[1].hasPrefix("\u{1B}_Gm=1;") && pieces[2].hasPrefix("\u{1B}_Gm=0;"))
        let carried = pieces.map { String($0.split(separator: ";", maxSplits: 1)[1]) }
        #expect(carried.allSatisfy { $0.count <= 4096 } && Data(base64Encoded: carried.joined()) == bytes)
        let iTerm = try text(.iTerm)
        #expect(iTerm.hasPrefix("\u{1B}]1337;File=inline=1;width=80:") && iTerm.hasSuffix("\u{07}"))
        #expect(Data(base64Encoded: String(iTerm.dropLast().split(separator: ":")[1])) == bytes)
        #expect(InlinePicture.sequence("\(path).missing", .kitty, width: 80) == nil)
    }
}
