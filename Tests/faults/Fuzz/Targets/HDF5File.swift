import FixtureSupport
import HDF5

extension FuzzTarget {
    /// Everything that an HDF5 file may hold, from a file with one of every kind.
    static let hdf5File = FuzzTarget(
        name: "hdf5-file",
        starts: { [try contents(of: Fixtures.own("../HDF5Tests/Fixtures/kinds.hdf5"))] },
        mutate: HDF5Metadata.mutate,
        read: { _, file in try readEverything(in: HDF5File(reading: file).root, depth: 0) })

    private static func readEverything(in group: HDF5Group, depth: Int) throws {
        try read(group.attributes)
        // A group may contain itself.
        guard depth < 4 else { return }
        for name in try group.names().prefix(100) {
            if let below = try readable({ try group.group(name) }) {
                try readable { try readEverything(in: below, depth: depth + 1) }
            } else if let dataset = try readable({ try group.dataset(name) }) {
                try readable { try read(dataset.attributes) }
                try readable { try dataset.readStrings() }
                try readable { try dataset.read(as: Float.self) }
                try readable { try dataset.read(as: Int.self, rows: 0..<1) }
            }
        }
    }

    private static func read(_ attributes: HDF5Attributes) throws {
        for name in try attributes.names().prefix(100) {
            try readable { try attributes.strings(name) }
            try readable { try attributes.numbers(name) }
        }
    }

    /// `nil` if the file cannot give it; any other error is thrown.
    @discardableResult
    private static func readable<Result>(_ body: () throws -> Result) throws -> Result? {
        do { return try body() } catch is HDF5Error { return nil }
    }
}
