/// Labels as keys that compare as in NumPy.
///
/// Swift compares strings by their meaning: a precomposed é equals e with a combining accent. NumPy compares code
/// points. The order of classes decides which output of a network is which, so it must be NumPy's. UTF-8 bytes sort as
/// their code points do.
enum LabelKey<Label: Comparable & Hashable>: Hashable, Comparable {
    case codePoints([UInt8])
    case value(Label)

    init(_ label: Label) {
        if let text = label as? String {
            self = .codePoints(Array(text.utf8))
        } else {
            self = .value(label)
        }
    }

    static func < (one: LabelKey, other: LabelKey) -> Bool {
        switch (one, other) {
        case (.codePoints(let one), .codePoints(let other)): one.lexicographicallyPrecedes(other)
        case (.value(let one), .value(let other)): one < other
        case (.codePoints, .value): true
        case (.value, .codePoints): false
        }
    }
}

extension LabelKey: Sendable where Label: Sendable {}

/// The distinct labels in order, and the position of each.
struct SortedClasses<Label: Comparable & Hashable> {
    private(set) var labels: [Label] = []
    private var places: [LabelKey<Label>: Int] = [:]

    init(of labels: some Sequence<Label>) {
        var distinct: [LabelKey<Label>: Label] = [:]
        for label in labels { distinct[LabelKey(label)] = label }
        for (key, label) in distinct.sorted(by: { $0.key < $1.key }) {
            places[key] = self.labels.count
            self.labels.append(label)
        }
    }

    func place(of label: Label) -> Int? { places[LabelKey(label)] }
}

extension SortedClasses: Sendable where Label: Sendable {}
