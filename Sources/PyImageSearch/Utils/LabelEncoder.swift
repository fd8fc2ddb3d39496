/// What can label a sample: numbers, and strings, which are ordered by code point as in Python ("Z" before "a").
public protocol LabelType: Hashable, Sendable {
    static func sortedClasses(_ labels: [Self]) -> [Self]
}

extension Int: LabelType {
    public static func sortedClasses(_ labels: [Int]) -> [Int] { Set(labels).sorted() }
}

extension String: LabelType {
    // Python compares code points; Swift's own order follows Unicode's canonical equivalence.
    public static func sortedClasses(_ labels: [String]) -> [String] {
        Set(labels).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }
}

/// Labels as numbers 0, 1, ..., in ascending order of the labels, as scikit-learn's `LabelEncoder`.
public struct LabelEncoder<Label: LabelType>: Sendable {
    public private(set) var classes: [Label] = []

    public init() {}

    /// Learns the classes of `labels`.
    public mutating func fit(_ labels: [Label]) { classes = Label.sortedClasses(labels) }

    public mutating func fitTransform(_ labels: [Label]) -> [Int] {
        fit(labels)
        let positions = Dictionary(uniqueKeysWithValues: zip(classes, classes.indices))
        return labels.compactMap { positions[$0] }
    }

    /// - Throws: ``LabelError`` for a label that was never seen.
    public func transform(_ labels: [Label]) throws -> [Int] {
        let positions = Dictionary(uniqueKeysWithValues: zip(classes, classes.indices))
        return try labels.map { label in
            guard let position = positions[label] else { throw LabelError("the label \(label) was not seen in fit") }
            return position
        }
    }

    /// - Throws: ``LabelError`` for a number that is no class.
    public func inverseTransform(_ numbers: [Int]) throws -> [Label] {
        try numbers.map { number in
            guard classes.indices.contains(number) else {
                throw LabelError("\(number) is no class; there are \(classes.count)")
            }
            return classes[number]
        }
    }
}

/// Labels that do not fit what was learned.
public struct LabelError: Error, CustomStringConvertible, Equatable {
    public let description: String
    init(_ description: String) { self.description = description }
}
