import Foundation
import Runs
import Runtime
import Synchronization
import System

/// Follows what a chapter shows, and where in its source it is.
final class ChapterFollower: Sendable {
    private struct State {
        var transcript = Transcript()
        var source: [Substring] = []
        /// The line that showed the last piece.
        var line: Int?
    }

    private static let shared = Mutex<ChapterFollower?>(nil)
    /// The follower of the chapter that is running, if there is one.
    static var current: ChapterFollower? {
        get { shared.withLock { $0 } }
        set { shared.withLock { $0 = newValue } }
    }

    private let file: String
    private let lecture: Lecture?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: of the chapter.
    ///   - lecture: shows the chapter's prose, if anybody wants to read it.
    init(_ name: String, lecture: Lecture?) {
        file = "/Chapters/\(name)/\(name).swift"
        self.lecture = lecture
    }

    var transcript: Transcript { state.withLock { $0.transcript } }

    /// Notes a piece that is about to appear. The lecture first shows the prose of the line that asks for it.
    func hear(_ piece: Terminal.Piece) {
        let place = place()
        let (line, source) = state.withLock { state in
            if let place {
                if state.source.isEmpty { state.source = Self.lines(of: place.path) }
                state.line = place.line
            }
            return (state.line, state.source)
        }
        guard let line, source.indices.contains(line - 1) else { return }
        lecture?.show(source, upTo: line)
        let words = source[line - 1].trimmingCharacters(in: .whitespaces)
        state.withLock { state in
            switch piece {
            case .text(let text): state.transcript.add(text.withoutFolders, line: line, source: words)
            case .picture(let path): state.transcript.add(picture: Path.name(of: path), line: line, source: words)
            }
        }
        if case .picture(let path) = piece { lecture?.show(pictureAt: path) }
    }

    /// The line of the chapter's `run` that asks for what is about to appear; `nil` on other threads, and if the program
    /// has no debug information.
    private func place() -> (path: String, line: Int)? {
        guard let backtrace = try? Backtrace.capture(limit: 256), let frames = backtrace.symbolicated()?.frames
        else { return nil }
        // The outermost frame: functions further down in the source are steps of the line that calls them.
        let places = frames.compactMap { $0.symbol?.sourceLocation }
        return places.last { $0.line > 0 && $0.path.hasSuffix(file) }.map { ($0.path, $0.line) }
    }

    private static func lines(of path: String) -> [Substring] {
        guard let bytes = try? FileBytes.read(path) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }
}

extension String {
    /// The text with absolute paths cut to their last part: on another machine the folders mean nothing.
    fileprivate var withoutFolders: String {
        replacing(#/(^|[\s"'(=])/(?:[\w.+-]+/)+/#) { "\($0.output.1)…/" }
    }
}
