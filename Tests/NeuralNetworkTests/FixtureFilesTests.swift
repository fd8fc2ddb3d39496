import FixtureSupport
import System
import Testing

/// What the folder of reference numbers has. A set that is not the one beside the tests may lack files and have others:
/// both are printed.
@Suite struct FixtureFilesTests {
    @Test func absentFilesAreListed() {
        let absent = FixtureFile.allCases.filter { !$0.exists }
        if Fixtures.folder == Fixtures.own {
            #expect(absent.isEmpty)
        } else if !absent.isEmpty {
            print("fixtures: \(Fixtures.folder) has no \(absent.map(\.rawValue).joined(separator: ", "))")
        }
        #expect(absent.count < FixtureFile.allCases.count, "\(Fixtures.folder) is not a folder of fixtures")
        for file in FixtureFile.allCases where file.exists {
            #expect(file.io.exists, "\(file.rawValue) needs \(file.io.rawValue)")
        }
    }

    @Test func everyFileIsRead() throws {
        let known = Set(FixtureFile.allCases.map(\.rawValue) + ["README.md", "h5py_images", "version_0.9"])
        let others = try FileSystem.names(in: Fixtures.folder).filter { !known.contains($0) }.sorted()
        if Fixtures.folder == Fixtures.own {
            #expect(others.isEmpty, "no test reads these files")
        } else if !others.isEmpty {
            print("fixtures: no test reads \(others.joined(separator: ", "))")
        }
    }
}
