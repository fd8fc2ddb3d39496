/// A camera's data about a photograph: a TIFF header with a directory of entries, in a JPEG's segment or a PNG's chunk.
///
/// Broken data are read as OpenCV reads them: it stops at the first entry whose value is outside the data.
enum EXIF {
    /// The value of the orientation entry, even an invalid one; `nil` if the entry is missing or cannot be read.
    static func orientation(_ tiff: UnsafeRawBufferPointer) -> Int? {
        // Any mark except Intel's ("II") counts as Motorola's ("MM").
        let isBigEndian = tiff.integer(2, at: 0) != 0x4949
        func integer(_ size: Int, _ offset: Int) -> Int? { tiff.integer(size, at: offset, isBigEndian: isBigEndian) }
        guard integer(2, 2) == 42, let directory = integer(4, 4), let entries = integer(2, directory) else {
            return nil
        }
        for entry in 0..<entries {
            let start = directory + 2 + 12 * entry
            guard let tag = integer(2, start) else { return nil }
            // The value is in the entry itself, in 16 bits, whatever type the entry declares.
            if tag == orientationTag { return integer(2, start + 8) }
            if let count = rationalNumbers[tag] {
                guard let place = integer(4, start + 8), place + 8 * count <= tiff.count else { return nil }
            } else if texts.contains(tag) {
                guard let length = integer(4, start + 4) else { return nil }
                // Up to four characters are in the entry itself, but OpenCV reads them after the header.
                guard let place = length > 4 ? integer(4, start + 8) : 8, place + length <= tiff.count else {
                    return nil
                }
            }
        }
        return nil
    }

    private static let orientationTag = 0x0112
    /// The text entries: description, make, model, software, date and copyright.
    private static let texts: Set = [0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x8298]
    /// The number of fractions in each entry of fractions: resolutions, white point, primary colors, coefficients of
    /// YCbCr, reference black and white.
    private static let rationalNumbers = [0x011A: 1, 0x011B: 1, 0x013E: 2, 0x013F: 6, 0x0211: 3, 0x0214: 6]
}
