import CHDF5
import Foundation
import System

/// What lies in a dataset or attribute in the place of a string of variable length: its length, and where in the
/// global heap it is.
///
/// libhdf5 1.10 takes as much memory as the reference says, and copies as much into it as the heap has. So the two are
/// compared before it reads.
enum StringReferences {
    /// Four bytes of length, an address of eight, an index of four.
    private static let size = 16

    /// Has libhdf5 hand out references as they are, as opaque bytes; once, before ``check(count:object:file:_:)``.
    static func register() {
        guard let string = try? StoredStrings.variableType(characters: H5T_CSET_UTF8, file: "") else { return }
        defer { H5Tclose(string) }
        let opaque = H5Tcreate(H5T_OPAQUE, size)
        defer { H5Tclose(opaque) }
        H5Tregister(H5T_PERS_SOFT, "references", string, opaque) { source, target, request, _, _, _, _, _, _ in
            request?.pointee.need_bkg = H5T_BKG_NO
            // Elements of one size are converted in their place by leaving them there.
            return H5Tis_variable_str(source) > 0 && H5Tget_size(target) == StringReferences.size ? 0 : -1
        }
    }

    /// Refuses strings that are not where, or not as long as, the references to them say.
    ///
    /// - Parameter read: fills memory with elements of a memory type.
    /// - Throws: `HDF5Error.library`, `.tooLarge` for strings that together are more than their file.
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
                // An empty string is nowhere.
                if address == 0 { continue }
                guard let stored = heap.size(ofObject: index, inCollectionAt: address), stored == length else {
                    throw HDF5Error.library(
                        message: GlobalHeap.doesNotFit, doing: "read \(object)", file: file.path)
                }
                total += stored
                guard total <= image.count, FreeMemory.has(2 * total) else {
                    throw HDF5Error.tooLarge(
                        object: object, file: file.path, reason: "strings that are larger than the file, or than memory"
                    )
                }
            }
        }
    }
}
