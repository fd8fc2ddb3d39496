import CHDF5
import Foundation
import System

/// The references in a dataset or attribute to its variable-length strings: each string's length, and its place in
/// the global heap.
///
/// libhdf5 1.10 allocates the length in the reference but copies the length in the heap. So the two are compared
/// before libhdf5 reads.
enum StringReferences {
    /// Four bytes of length, an address of eight, an index of four.
    private static let size = 16

    /// Teaches libhdf5 to read references unchanged, as opaque bytes. ``check(count:object:file:_:)`` needs it.
    static func register() {
        guard let string = try? StoredStrings.variableType(characters: H5T_CSET_UTF8, file: "") else { return }
        defer { H5Tclose(string) }
        let opaque = H5Tcreate(H5T_OPAQUE, size)
        defer { H5Tclose(opaque) }
        H5Tregister(H5T_PERS_SOFT, "references", string, opaque) { source, target, request, _, _, _, _, _, _ in
            request?.pointee.need_bkg = H5T_BKG_NO
            // Same size: converting in place means doing nothing.
            return H5Tis_variable_str(source) > 0 && H5Tget_size(target) == StringReferences.size ? 0 : -1
        }
    }

    /// Refuses strings whose place or length differs from their references.
    ///
    /// - Parameter read: fills memory with elements of a memory type.
    /// - Throws: `HDF5Error.library`, or `.tooLarge` if the strings together exceed the file or the free memory.
    static func check(
        count: Int, object: String, file: HDF5File,
        _ read: (_ memoryType: hid_t, _ memory: UnsafeMutableRawPointer) -> herr_t
    ) throws {
        let opaque = try HDF5Library.checked(
            H5Tcreate(H5T_OPAQUE, size), "prepare reading \(object)", file: file.path)
        defer { H5Tclose(opaque) }
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, FreeMemory.has(byteCount) else {
            throw HDF5Error.tooLarge(object: object, file: file.path, reason: "impossibly many strings: \(count)")
        }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        try bytes.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return }
            try HDF5Library.checked(read(opaque, base), "read \(object)", file: file.path)
        }

        let image = try file.image(reading: object)
        var heap = GlobalHeap(of: image)
        var total = 0
        try bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: byteCount, by: size) {
                let length = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
                let address = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt64.self))
                let index = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 12, as: UInt32.self))
                // An empty string is not in the heap.
                if address == 0 { continue }
                guard let stored = heap.size(ofObject: index, inCollectionAt: address), stored == length else {
                    throw HDF5Error.library(
                        message: GlobalHeap.doesNotFit, doing: "read \(object)", file: file.path)
                }
                total += stored
                guard total <= image.count, FreeMemory.has(2 * total) else {
                    throw HDF5Error.tooLarge(
                        object: object, file: file.path, reason: "strings larger than the file or than free memory"
                    )
                }
            }
        }
    }
}
