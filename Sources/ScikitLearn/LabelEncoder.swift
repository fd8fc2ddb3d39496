/// Turns labels into the numbers 0, 1, ... of their classes, as scikit-learn does.
public struct LabelEncoder<Label: Comparable & Hashable> {
    private var sorted: SortedClasses<Label>?

    public init() {}

    /// The distinct labels in ascending order, strings by code point; empty before `fit`.
    public var classes: [Label] { sorted?.labels ?? [] }

    /// Learns the classes, and forgets earlier ones.
    public mutating func fit(_ labels: [Label]) { sorted = SortedClasses(of: labels) }

    /// The number of each label; throws for a label that `fit` has not seen.
    public func transform(_ labels: [Label]) throws(LabelError) -> [Int] {
        guard let sorted else { throw .notFitted }
        var numbers: [Int] = []
        numbers.reserveCapacity(labels.count)
        for label in labels {
            guard let number = sorted.place(of: label) else { throw .unseen(label: "\(label)") }
            numbers.append(number)
        }
        return numbers
    }

    public mutating func fitTransform(_ labels: [Label]) throws(LabelError) -> [Int] {
        fit(labels)
        return try transform(labels)
    }

    /// The label of each number.
    public func inverseTransform(_ numbers: [Int]) throws(LabelError) -> [Label] {
        guard let classes = sorted?.labels else { throw .notFitted }
        var labels: [Label] = []
        labels.reserveCapacity(numbers.count)
        for number in numbers {
            guard classes.indices.contains(number) else { throw .noSuchClass(number: number, classes: classes.count) }
            labels.append(classes[number])
        }
        return labels
    }
}

extension LabelEncoder: Sendable where Label: Sendable {}
