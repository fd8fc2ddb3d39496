/// Labels as keys that compare as NumPy's do.
///
/// Swift compares strings by what they mean to a reader: a precomposed é equals e with an accent, and the order
/// follows from that. NumPy compares code points, and the order of classes decides which output of a network
/// is which. Bytes of UTF-8 are ordered as their code points are.
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

/// The distinct labels in order, and the way back from a label to its place.
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
