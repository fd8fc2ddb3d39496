/// What a camera says of a photograph: a TIFF header with a directory of entries, in a JPEG's segment or a PNG's chunk.
///
/// It is read as OpenCV reads it, in what is broken too: from the first entry whose value lies outside the data, OpenCV
/// reads no further.
enum EXIF {
    /// The number of the orientation's entry, whatever it is; `nil` where no entry can be read.
    static func orientation(_ tiff: UnsafeRawBufferPointer) -> Int? {
        // Any other mark than Intel's counts as Motorola's.
        let isBigEndian = tiff.integer(2, at: 0) != 0x4949
        func integer(_ size: Int, _ offset: Int) -> Int? { tiff.integer(size, at: offset, isBigEndian: isBigEndian) }
        guard integer(2, 2) == 42, let directory = integer(4, 4), let entries = integer(2, directory) else {
            return nil
        }
        for entry in 0..<entries {
            let start = directory + 2 + 12 * entry
            guard let tag = integer(2, start) else { return nil }
            // The number stands in the entry itself, in 16 bits, whatever type the entry claims.
            if tag == orientationTag { return integer(2, start + 8) }
            if let count = rationalNumbers[tag] {
                guard let place = integer(4, start + 8), place + 8 * count <= tiff.count else { return nil }
            } else if texts.contains(tag) {
                guard let length = integer(4, start + 4) else { return nil }
                // Up to four characters stand in the entry itself; OpenCV takes them from behind the header.
                guard let place = length > 4 ? integer(4, start + 8) : 8, place + length <= tiff.count else {
                    return nil
                }
            }
        }
        return nil
    }

    private static let orientationTag = 0x0112
    /// Description, make, model, software, date and copyright.
    private static let texts: Set = [0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x8298]
    /// Resolutions, white point, primary colours, coefficients of YCbCr, reference black and white: how many
    /// fractions each has.
    private static let rationalNumbers = [0x011A: 1, 0x011B: 1, 0x013E: 2, 0x013F: 6, 0x0211: 3, 0x0214: 6]
}
