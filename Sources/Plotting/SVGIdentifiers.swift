/// Names inside an SVG file. Cairo numbers them through everything that the process has drawn so far.
enum SVGIdentifiers {
    /// The file with its names numbered from 1, so that the same picture always gives the same bytes.
    static func renumbered(_ svg: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(svg.count)
        var numbers: [ArraySlice<UInt8>: Int] = [:]
        var position = 0
        while position < svg.count {
            result.append(svg[position])
            position += 1
            guard result.last == UInt8(ascii: "#") || result.suffix(4).elementsEqual(#"id=""#.utf8) else { continue }
            let letters = svg[position...].prefix { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
            let digits = svg[letters.endIndex...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            // Glyphs have two numbers, which cairo already counts per file.
            let isWhole = digits.endIndex < svg.count && svg[digits.endIndex] != UInt8(ascii: "-")
            guard !letters.isEmpty, !digits.isEmpty, isWhole else { continue }
            let name = svg[position..<digits.endIndex]
            let number = numbers[name] ?? numbers.count + 1
            numbers[name] = number
            result += letters
            result += "\(number)".utf8
            position = digits.endIndex
        }
        return result
    }
}
