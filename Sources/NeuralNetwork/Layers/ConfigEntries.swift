import Foundation

/// The entries of a layer's configuration. It notes which ones are read, so that the others can be refused.
struct ConfigEntries: Sendable {
    private let members: [String: JSON]
    private let reads = Reads()

    private final class Reads: @unchecked Sendable {  // The lock protects the set.
        private let lock = NSLock()
        private var keys: Set<String> = []

        func note(_ key: String) { _ = lock.withLock { keys.insert(key) } }
        var all: Set<String> { lock.withLock { keys } }
    }

    init(_ members: [String: JSON]) { self.members = members }

    subscript(key: String) -> JSON? {
        reads.note(key)
        return members[key]
    }

    /// The entries that nothing has read, sorted by name.
    var unread: [(key: String, value: JSON)] {
        let read = reads.all
        return members.filter { !read.contains($0.key) }.sorted { $0.key < $1.key }
    }

    /// All entries, unnoted.
    var all: [String: JSON] { members }
}
