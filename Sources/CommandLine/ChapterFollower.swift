import Foundation
import Runs
import Runtime
import Synchronization
import System

/// Follows what a chapter shows, and where in its source it is.
final class ChapterFollower: Sendable {
    private struct State {
        var transcript = Transcript()
        /// What was shown, and from where, until somebody asks. Finding a line takes hundredths of a second.
        var pending: [(piece: Terminal.Piece, backtrace: Backtrace?)] = []
        var source: [Substring] = []
        /// The folder that has the chapter's in it, with figures and the library beside it.
        var checkout = ""
        /// The lines of the chapter by the addresses of the calls that lead to them.
        var lines: [[Backtrace.Address]: Int] = [:]
        /// The line that showed the last piece.
        var line: Int?
    }

    /// Between the start of the program and the chapter's `run` are nine calls.
    private static let depth = 10
    private static let mostPending = 1000

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

    /// What the chapter has shown so far.
    var transcript: Transcript {
        state.withLock { state in
            write(&state)
            return state.transcript
        }
    }

    /// Notes a piece that is about to appear. The lecture first shows the prose of the line that asks for it.
    func hear(_ piece: Terminal.Piece) {
        let backtrace = try? Backtrace.capture(limit: Self.depth + 1, top: Self.depth)
        let (line, source, checkout) = state.withLock { state in
            state.pending.append((piece, backtrace))
            if lecture != nil || state.pending.count > Self.mostPending { write(&state) }
            return (state.line, state.source, state.checkout)
        }
        guard let lecture, let line else { return }
        lecture.show(source, in: checkout, upTo: line)
        if case .picture(let path) = piece { lecture.show(pictureAt: path) }
    }

    /// Writes what is pending into the transcript.
    private func write(_ state: inout State) {
        for (piece, backtrace) in state.pending {
            state.line = backtrace.flatMap { line(of: $0, &state) } ?? state.line
            guard let line = state.line, state.source.indices.contains(line - 1) else { continue }
            let words = state.source[line - 1].trimmingCharacters(in: .whitespaces)
            switch piece {
            case .text(let text): state.transcript.add(text.withoutFolders, line: line, source: words)
            case .picture(let path): state.transcript.add(picture: Path.name(of: path), line: line, source: words)
            }
        }
        state.pending = []
    }

    /// The line of the chapter's `run` from which the calls come; `nil` on other threads, and if the program has no debug
    /// information.
    private func line(of backtrace: Backtrace, _ state: inout State) -> Int? {
        let addresses = backtrace.frames.map(\.adjustedProgramCounter)
        if let known = state.lines[addresses] { return known }
        let frames = backtrace.symbolicated(options: [.showSourceLocations, .showInlineFrames, .useSymbolCache])?.frames
        // The outermost frame: functions further down in the source are steps of the line that calls them.
        let places = (frames ?? []).compactMap { $0.symbol?.sourceLocation }
        guard let place = places.last(where: { $0.line > 0 && $0.path.hasSuffix(file) }) else { return nil }
        if state.source.isEmpty {
            state.source = Self.lines(of: place.path)
            state.checkout = String(place.path.dropLast(file.count))
        }
        state.lines[addresses] = place.line
        return place.line
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
