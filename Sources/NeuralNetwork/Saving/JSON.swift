import Foundation

/// A JSON value: the form of Keras's configurations. Literals make values: `["units": 10, "use_bias": true]`.
public enum JSON: Sendable, Equatable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// Any number; whole numbers are written without a point.
    case number(Double)
    /// Text.
    case string(String)
    /// A list of values.
    case array([JSON])
    /// Named values.
    case object([String: JSON])

    /// Reads JSON text.
    ///
    /// - Throws: ``JSONError`` if the text is not JSON, nests more than 100 deep, or holds NaN or a number beyond
    ///   `Double`.
    public init(parsing text: String) throws {
        let bytes = Array(text.utf8)
        try Self.checkDepth(bytes)
        guard Self.replacingNaN(in: bytes) == nil else {
            throw JSONError("it is not valid JSON: it holds NaN or Infinity, which only Python reads")
        }
        do {
            // JSONDecoder throws and catches an error for every type that a value is not: minutes instead of seconds.
            self = try JSON(JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed))
        } catch { throw JSONError("it is not valid JSON") }
    }

    /// Converts Foundation's result.
    private init(_ value: Any) throws {
        switch value {
        case is NSNull: self = .null
        case let string as String: self = .string(string)
        case let number as NSNumber:
            // Foundation's booleans are numbers whose type is "character".
            if number.objCType.pointee == CChar(bitPattern: UInt8(ascii: "c")) {
                self = .bool(number.boolValue)
            } else {
                // A decimal number of Foundation holds 38 digits, but its doubleValue is not the nearest Double.
                let value = (number as? NSDecimalNumber).flatMap { Double($0.stringValue) } ?? number.doubleValue
                guard value.isFinite else { throw JSONError("a number is too large") }
                self = .number(value)
            }
        case let entries as [Any]: self = .array(try entries.map { try JSON($0) })
        case let members as [String: Any]: self = .object(try members.mapValues { try JSON($0) })
        default: throw JSONError("it holds something unknown")
        }
    }

    /// Refuses deep nesting: the reader is recursive, and a thread's stack is finite.
    private static func checkDepth(_ bytes: [UInt8]) throws {
        var depth = 0, isInString = false, isEscaped = false
        for byte in bytes {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isInString: isEscaped = true
            case UInt8(ascii: "\""): isInString.toggle()
            case _ where isInString: break
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                guard depth <= 100 else { throw JSONError("it is nested more than 100 deep") }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
    }

    /// Replaces `NaN`, `Infinity` and `-Infinity` by `null`, except in strings. Python writes these words, which JSON
    /// does not have. (JSON5 has them too, but Foundation's JSON5 reader crashes on text that is not UTF-8.)
    ///
    /// - Returns: `nil` if the text holds none of them.
    public static func replacingNaN(in bytes: [UInt8]) -> [UInt8]? {
        let words = ["NaN", "Infinity", "-Infinity"].map { Array($0.utf8) }
        var result: [UInt8] = [], copied = 0, place = 0, isInString = false
        while place < bytes.count {
            if isInString {
                // A character after a backslash does not end the string.
                if bytes[place] == UInt8(ascii: "\\") {
                    place += 1
                } else if bytes[place] == UInt8(ascii: "\"") {
                    isInString = false
                }
            } else if bytes[place] == UInt8(ascii: "\"") {
                isInString = true
            } else if let word = words.first(where: { bytes[place...].starts(with: $0) }) {
                result += bytes[copied..<place] + Array("null".utf8)
                place += word.count
                copied = place
                continue
            }
            place += 1
        }
        return copied == 0 ? nil : result + bytes[copied...]
    }

    /// Compact text with sorted keys: equal values give equal text.
    ///
    /// - Throws: `EncodingError` for a number that is infinite or NaN.
    public func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The same text with a point in the numbers of some members, where Keras refuses a whole number: `"momentum":1.0`.
    ///
    /// - Throws: as ``text()``.
    func text(withPointIn keys: [String]) throws -> String {
        // Within a string, a quotation mark has a backslash in front of it.
        let member = try Regex("(\"(?:\(keys.joined(separator: "|")))\":-?[0-9]+)(?=[,}])")
        return try text().replacing(member) { "\($0[0].substring ?? "").0" }
    }

    /// The member of an object; `nil` if there is none, or this is not an object.
    public subscript(key: String) -> JSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The text, if this is a string.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The number, if this is one.
    public var number: Double? { if case .number(let value) = self { value } else { nil } }
    /// The truth value, if this is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements, if this is an array.
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    /// Whether this is `null`.
    public var isNull: Bool { self == .null }
    /// The number, if this is a whole number that `Int` holds.
    public var integer: Int? { number.flatMap { Int(exactly: $0) } }
}

/// Text that cannot be read as JSON.
public struct JSONError: Error, CustomStringConvertible, Equatable {
    /// The reason, as words that follow a file's name.
    public let description: String
    init(_ description: String) { self.description = description }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
    /// An object. Of equal keys the last one counts.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}

extension JSON {
    /// An object as Keras writes it, with class and settings: `{"class_name": "SGD", "config": {"momentum": 0.9}}`.
    public init(className: String, config: [String: JSON] = [:]) {
        self = .object(["class_name": .string(className), "config": .object(config)])
    }

    /// A whole number.
    public init(_ value: Int) { self = .number(Double(value)) }
    /// An array of numbers.
    public init(_ values: [Double]) { self = .array(values.map(JSON.number)) }
    /// An array of whole numbers.
    public init(_ values: [Int]) { self = .array(values.map { JSON($0) }) }
}

extension JSON: Codable {
    /// Reads any JSON value.
    ///
    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    /// Writes the value, whole numbers without a point.
    ///
    /// - Throws: `EncodingError` for a number that is not finite.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        // Whole numbers without a point: Keras refuses 3.0 as a count.
        case .number(let value):
            if let whole = Int(exactly: value) { try container.encode(whole) } else { try container.encode(value) }
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
