import Foundation

/// A JSON value: what Keras writes its configurations in.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// - Throws: ``JSONError`` where the text is not JSON, or not such as anybody writes.
    public init(parsing text: String) throws {
        let bytes = Array(text.utf8)
        try Self.checkDepth(bytes)
        guard Self.replacingNaN(in: bytes) == nil else {
            throw JSONError("it is not valid JSON: it holds NaN or Infinity, which only Python reads")
        }
        do {
            // JSONDecoder makes an error of every type that a value is not, and takes minutes for what takes seconds.
            self = try JSON(JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed))
        } catch { throw JSONError("it is not valid JSON") }
    }

    /// From what Foundation makes of a text.
    private init(_ value: Any) throws {
        switch value {
        case is NSNull: self = .null
        case let string as String: self = .string(string)
        case let number as NSNumber:
            // Foundation has truth values among the numbers, and calls them characters.
            if number.objCType.pointee == CChar(bitPattern: UInt8(ascii: "c")) {
                self = .bool(number.boolValue)
            } else {
                // Foundation's decimal numbers hold 38 digits of what was written, but do not become the nearest Double.
                let value = (number as? NSDecimalNumber).flatMap { Double($0.stringValue) } ?? number.doubleValue
                guard value.isFinite else { throw JSONError("a number is too large") }
                self = .number(value)
            }
        case let entries as [Any]: self = .array(try entries.map { try JSON($0) })
        case let members as [String: Any]: self = .object(try members.mapValues { try JSON($0) })
        default: throw JSONError("it holds something unknown")
        }
    }

    /// Values in values are read by calls in calls, which a thread has room for only so many of.
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

    /// Replaces `NaN`, `Infinity` and `-Infinity` by `null`, except in strings. Python writes these words, which JSON does not
    /// have. (JSON5 has them too, but Foundation's reader of it does not survive text that is not UTF-8.)
    ///
    /// - Returns: `nil` if the text holds none of them.
    public static func replacingNaN(in bytes: [UInt8]) -> [UInt8]? {
        let words = ["NaN", "Infinity", "-Infinity"].map { Array($0.utf8) }
        var result: [UInt8] = [], copied = 0, place = 0, isInString = false
        while place < bytes.count {
            if isInString {
                // What follows a backslash ends no string.
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

    /// Compact text, keys sorted, so that equal values give equal text.
    public func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    public subscript(key: String) -> JSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var number: Double? { if case .number(let value) = self { value } else { nil } }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    public var isNull: Bool { self == .null }
    /// A whole number, as counts and indices are.
    public var integer: Int? { number.flatMap { Int(exactly: $0) } }
}

/// Text that is not read as JSON; the reason, to be put behind a name.
public struct JSONError: Error, CustomStringConvertible, Equatable {
    public let description: String
    init(_ description: String) { self.description = description }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(nilLiteral: ()) { self = .null }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}

extension JSON {
    /// As Keras writes an object that can be made anew: `{"class_name": "SGD", "config": {"momentum": 0.9}}`.
    public init(className: String, config: [String: JSON] = [:]) {
        self = .object(["class_name": .string(className), "config": .object(config)])
    }

    public init(_ value: Int) { self = .number(Double(value)) }
    public init(_ values: [Double]) { self = .array(values.map(JSON.number)) }
    public init(_ values: [Int]) { self = .array(values.map { JSON($0) }) }
}

extension JSON: Codable {
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

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        // Whole numbers without a point: Keras takes no 3.0 for a count.
        case .number(let value):
            if let whole = Int(exactly: value) { try container.encode(whole) } else { try container.encode(value) }
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
