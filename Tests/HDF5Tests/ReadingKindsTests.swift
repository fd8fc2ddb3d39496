import Foundation
import Testing
@testable import HDF5

/// Values of every kind that h5py writes.
@Suite struct ReadingKindsTests {
    let root: HDF5Group

    init() throws {
        root = try HDF5File(reading: Fixtures.kinds).root
    }

    @Test(arguments: ["int8", "uint16", "int32", "big_i4", "uint64", "float16", "big_f8", "float32"])
    func numbersOfAnyTypeAreConverted(name: String) throws {
        let dataset = try root.dataset("numbers/\(name)")
        #expect(try !dataset.holdsBytes())
        #expect(try dataset.read(as: Float.self) == [1, 2, 100])
        #expect(try dataset.read(as: Double.self) == [1, 2, 100])
        #expect(try dataset.read(as: UInt8.self) == [1, 2, 100])
        #expect(try dataset.read(as: Int32.self) == [1, 2, 100])
        #expect(try dataset.read(as: Int64.self) == [1, 2, 100])
        #expect(try dataset.read(as: Int.self) == [1, 2, 100])
    }

    @Test func conversionToIntegersClampsAndCutsOff() throws {
        let dataset = try root.dataset("numbers/negative")
        #expect(try dataset.read(as: UInt8.self) == [0, 255, 2])
        #expect(try dataset.read(as: Int.self) == [-1, 300, 2])
    }

    @Test func scalarsAndEmptyArraysAreRead() throws {
        #expect(try root.dataset("numbers/scalar").read(as: Int.self) == [42])
        let empty = try root.dataset("numbers/empty")
        #expect(empty.shape == [0, 3])
        #expect(try empty.read(as: Float.self) == [])
        #expect(try root.dataset("numbers/unwritten").read(as: Float.self) == [0, 0, 0, 0])
    }

    @Test func chunkedAndDeflatedDataAreRead() throws {
        let dataset = try root.dataset("numbers/deflated")
        #expect(try dataset.read(as: Int.self) == Array(0..<60))
        #expect(try dataset.read(as: Float.self, rows: 3..<5) == (18..<30).map(Float.init))
    }

    @Test func stringsLoseTheirPadding() throws {
        #expect(try root.dataset("strings/variable").readStrings() == ["cat", "", "Käse"])
        #expect(try root.dataset("strings/fixed").readStrings() == ["ab", "abcd", ""])
        #expect(try root.dataset("strings/spaces").readStrings() == ["a b", ""])
    }

    @Test func badUTF8IsRepaired() throws {
        #expect(try root.dataset("strings/damaged").readStrings() == ["ok", "\u{FFFD}\u{FFFD}a"])
        #expect(try root.group("strings").attributes.string("damaged") == "a\u{FFFD}b")
    }

    @Test func attributesAreRead() throws {
        let attributes = try root.group("strings").attributes
        #expect(try attributes.string("variable") == "tensorflow")
        #expect(try attributes.string("ascii_bytes") == "2.2.4")
        #expect(try attributes.strings("list") == ["a", "bb"])
        #expect(try attributes.strings("fixed_list") == ["conv2d", "dense"])
        #expect(try attributes.strings("empty") == [])
        #expect(try attributes.strings("variable") == ["tensorflow"])
        #expect(try attributes.numbers("int") == [-3])
        #expect(try attributes.numbers("floats") == [0.5, 1.5])
        #expect(try attributes.numbers("null") == [])
        #expect(try attributes.numbers("missing") == nil)
    }

    @Test func attributesOfTheWrongKindAreRefused() throws {
        let attributes = try root.group("strings").attributes
        let object = "attribute int of /strings"
        #expect(
            throws: HDF5Error.wrongType(
                object: object, file: Fixtures.kinds, expected: "strings", found: "integers")
        ) { try attributes.string("int") }
        #expect(throws: HDF5Error.self) { try attributes.strings("floats") }
        #expect(throws: HDF5Error.self) { try attributes.numbers("variable") }
        #expect(throws: HDF5Error.self) { try attributes.numbers("matrix") }
        #expect(
            throws: HDF5Error.wrongShape(
                object: "attribute list of /strings", file: Fixtures.kinds, expected: "one string",
                found: "shape [2]")
        ) { try attributes.string("list") }
    }

    @Test func datasetsOfTheWrongKindAreRefused() throws {
        let strings = try root.dataset("strings/variable")
        #expect(
            throws: HDF5Error.wrongType(
                object: "/strings/variable", file: Fixtures.kinds, expected: "numbers", found: "strings")
        ) { try strings.read(as: Float.self) }
        #expect(
            throws: HDF5Error.wrongType(
                object: "/other/compound", file: Fixtures.kinds, expected: "numbers", found: "compound values")
        ) { try root.dataset("other/compound").read(as: Float.self) }
        #expect(
            throws: HDF5Error.wrongType(
                object: "/numbers/int32", file: Fixtures.kinds, expected: "strings", found: "integers")
        ) { try root.dataset("numbers/int32").readStrings() }
    }

    @Test func groupsAreNotDatasets() throws {
        #expect(
            throws: HDF5Error.wrongKind(
                object: "/numbers", file: Fixtures.kinds, expected: "a dataset", found: "a group")
        ) { try root.dataset("numbers") }
        #expect(
            throws: HDF5Error.wrongKind(
                object: "/numbers/int8", file: Fixtures.kinds, expected: "a group", found: "a dataset")
        ) { try root.group("numbers/int8") }
        #expect(throws: HDF5Error.self) { try root.dataset("other/type") }
        #expect(throws: HDF5Error.missing(object: "/numbers/no", file: Fixtures.kinds)) {
            try root.dataset("numbers/no/such")
        }
    }

    @Test func rowsThatDoNotExistAreRefused() throws {
        #expect(throws: HDF5Error.self) { try root.dataset("numbers/int8").read(as: Float.self, rows: 2..<4) }
        #expect(throws: HDF5Error.self) { try root.dataset("numbers/int8").read(as: Float.self, rows: -1..<1) }
        #expect(throws: HDF5Error.self) { try root.dataset("numbers/scalar").read(as: Float.self, rows: 0..<1) }
    }

    @Test func softLinksAreFollowed() throws {
        #expect(try root.dataset("other/soft_link").read(as: Int.self) == [42])
        #expect(!root.contains("other/dangling"))
        #expect(!root.contains("other/loop"))
    }

    @Test func otherFilesAreNotOpened() throws {
        // In a separate folder, where no other test has the linked file open.
        let folder = try TemporaryFolder()
        let file = folder.file("kinds.hdf5")
        try FileManager.default.copyItem(atPath: Fixtures.kinds, toPath: file)
        try FileManager.default.copyItem(
            atPath: Fixtures.keras2, toPath: folder.file("keras2_small_miniception_sgd.hdf5"))
        let root = try HDF5File(reading: file).root
        #expect(
            throws: HDF5Error.elsewhere(
                object: "/other/external_link", file: file, found: "a link into another file")
        ) { try root.group("other/external_link/conv2d") }
        #expect(!root.contains("other/external_link"))
        #expect(!root.contains("other/soft_to_external"))
        for name in ["external", "virtual"] {
            #expect(
                throws: HDF5Error.elsewhere(
                    object: "/other/\(name)", file: file, found: "a dataset stored in other files")
            ) { try root.dataset("other/\(name)") }
        }
    }
}
