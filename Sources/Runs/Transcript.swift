import Foundation

/// What a program has shown, each piece with the line of its chapter that asked for it.
public struct Transcript: Codable, Equatable, Sendable {
    /// What one line of the chapter has shown without another in between.
    public struct Entry: Codable, Equatable, Sendable {
        /// The line's number in the chapter's source, counted from 1.
        public var line: Int
        /// The line itself, without the spaces around it.
        public var source: String
        /// The lines that were printed. Of many, those in the middle are left out.
        public var text: [String]
        /// How many are left out, behind the first half of ``text``.
        public var leftOut: Int
        /// The name of a picture that was written; such an entry has no text.
        public var picture: String?

        public init(line: Int, source: String, text: [String] = [], leftOut: Int = 0, picture: String? = nil) {
            self.line = line
            self.source = source
            self.text = text
            self.leftOut = leftOut
            self.picture = picture
        }
    }

    /// The most lines that an entry keeps, and the most entries that a transcript keeps.
    static let mostLines = 40
    static let mostEntries = 120

    /// In the order in which they were shown.
    public private(set) var entries: [Entry]
    /// How many entries are left out, behind the first half.
    public private(set) var leftOut = 0

    public init(entries: [Entry] = []) { self.entries = entries }

    /// Adds what a line of the chapter shows.
    public mutating func add(_ text: String, line: Int, source: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        if entries.last?.line != line || entries.last?.picture != nil {
            append(Entry(line: line, source: source))
        }
        let last = entries.count - 1
        entries[last].text += lines
        let surplus = entries[last].text.count - Self.mostLines
        guard surplus > 0 else { return }
        let middle = Self.mostLines / 2
        entries[last].text.removeSubrange(middle..<middle + surplus)
        entries[last].leftOut += surplus
    }

    /// Adds a picture that a line of the chapter has written.
    public mutating func add(picture: String, line: Int, source: String) {
        append(Entry(line: line, source: source, picture: picture))
    }

    private mutating func append(_ entry: Entry) {
        entries.append(entry)
        guard entries.count > Self.mostEntries else { return }
        entries.remove(at: Self.mostEntries / 2)
        leftOut += 1
    }
}

extension Transcript {
    /// With each entry at the line that has its text in `source`: the one it had, or else the nearest.
    ///
    /// - Returns: `nil` if a line is not there any more.
    public func moved(to source: [Substring]) -> Transcript? {
        let lines = source.map { $0.trimmingCharacters(in: .whitespaces) }
        var moved = self
        for (place, entry) in entries.enumerated() {
            // A damaged file may hold any number.
            guard (1...1 << 30).contains(entry.line) else { return nil }
            let nearest = lines.indices.filter { lines[$0] == entry.source }
                .min { abs($0 + 1 - entry.line) < abs($1 + 1 - entry.line) }
            guard let nearest else { return nil }
            moved.entries[place].line = nearest + 1
        }
        return moved
    }

    /// - Throws: ``RunRecordError`` naming the file if it is not a transcript; `FileError` if it cannot be read.
    public init(contentsOf path: String) throws { self = try RecordFile.read(path, "a transcript") }

    /// Writes it as JSON, whole or not at all.
    public func write(to path: String) throws { try RecordFile.write(self, to: path) }
}
