/// One step of an optimizer, as arithmetic on every element of a weight. An optimizer writes it down beside its settings,
/// and every backend carries it out: in a loop, or as a kernel that it compiles.
public struct UpdateRule: Sendable, Equatable {
    /// What an assignment changes.
    public enum Variable: Sendable, Equatable {
        case weight
        /// One of the numbers that the optimizer keeps for each element.
        case slot(Int)
    }

    public struct Assignment: Sendable, Equatable {
        public let variable: Variable
        public let value: Expression
    }

    /// Carried out in this order; a later one reads what an earlier one has changed.
    public private(set) var assignments: [Assignment] = []

    public init() {}

    public mutating func set(_ variable: Variable, to value: Expression) {
        assignments.append(Assignment(variable: variable, value: value))
    }

    /// The number of slots of each element that the step reads or changes.
    public var slotCount: Int {
        assignments.reduce(0) { count, assignment in
            let changed = if case .slot(let slot) = assignment.variable { slot + 1 } else { 0 }
            return max(count, changed, assignment.value.slotCount)
        }
    }

    /// Arithmetic on the numbers of one element, in 32-bit floats and exactly in this order.
    public indirect enum Expression: Sendable, Equatable {
        /// The gradient, penalties included.
        case gradient
        case weight
        case slot(Int)
        case constant(Float)
        case sum(Expression, Expression)
        case difference(Expression, Expression)
        case product(Expression, Expression)
        case quotient(Expression, Expression)
        case squareRoot(Expression)

        fileprivate var slotCount: Int {
            switch self {
            case .gradient, .weight, .constant: 0
            case .slot(let slot): slot + 1
            case .sum(let a, let b), .difference(let a, let b), .product(let a, let b), .quotient(let a, let b):
                max(a.slotCount, b.slotCount)
            case .squareRoot(let a): a.slotCount
            }
        }

        public static func + (a: Expression, b: Expression) -> Expression { .sum(a, b) }
        public static func - (a: Expression, b: Expression) -> Expression { .difference(a, b) }
        public static func * (a: Expression, b: Expression) -> Expression { .product(a, b) }
        public static func / (a: Expression, b: Expression) -> Expression { .quotient(a, b) }
    }
}
