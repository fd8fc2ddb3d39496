import ComputeGraph

extension UpdateRule {
    /// So few elements that all intermediate results stay in the processor's first cache.
    private static let chunk = 512

    /// Carries the rule out on `count` elements, a chunk at a time: each operation is one loop over the chunk.
    func apply(
        weight: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, slots: [UnsafeMutablePointer<Float>],
        count: Int, penalty: Penalty
    ) {
        let depth = assignments.reduce(0) { max($0, $1.value.depth) }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.chunk * (depth + 1)) { memory in
            guard let penalized = memory.baseAddress else { return }
            for start in stride(from: 0, to: count, by: Self.chunk) {
                let count = min(Self.chunk, count - start)
                let w = weight + start, g = gradient + start
                let chunk = Chunk(
                    count: count, weight: w, gradient: penalty == .none ? g : UnsafePointer(penalized),
                    slots: slots, start: start)
                if penalty != .none { penalty.addGradient(at: w, to: g, into: penalized, count: count) }
                for assignment in assignments {
                    let target =
                        switch assignment.variable {
                        case .weight: w
                        case .slot(let slot): slots[slot] + start
                        }
                    switch chunk.evaluate(assignment.value, penalized + Self.chunk) {
                    case .constant(let value): target.update(repeating: value, count: count)
                    case .array(let values):
                        if values != UnsafePointer(target) { target.update(from: values, count: count) }
                    }
                }
            }
        }
    }

    private struct Chunk {
        let count: Int
        let weight, gradient: UnsafePointer<Float>
        let slots: [UnsafeMutablePointer<Float>]
        let start: Int

        init(
            count: Int, weight: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
            slots: [UnsafeMutablePointer<Float>], start: Int
        ) {
            self.count = count
            self.weight = UnsafePointer(weight)
            self.gradient = gradient
            self.slots = slots
            self.start = start
        }

        enum Value {
            case constant(Float)
            case array(UnsafePointer<Float>)
        }

        /// - Parameter memory: for intermediate results, a chunk for each level of the expression.
        func evaluate(_ expression: Expression, _ memory: UnsafeMutablePointer<Float>) -> Value {
            switch expression {
            case .gradient: .array(gradient)
            case .weight: .array(weight)
            case .slot(let slot): .array(UnsafePointer(slots[slot] + start))
            case .constant(let value): .constant(value)
            case .sum(let a, let b): combine(a, b, memory) { $0 + $1 }
            case .difference(let a, let b): combine(a, b, memory) { $0 - $1 }
            case .product(let a, let b): combine(a, b, memory) { $0 * $1 }
            case .quotient(let a, let b): combine(a, b, memory) { $0 / $1 }
            case .squareRoot(let a):
                switch evaluate(a, memory) {
                case .constant(let value): .constant(value.squareRoot())
                case .array(let values): loop(memory) { values[$0].squareRoot() }
                }
            }
        }

        @inline(__always)
        private func combine(
            _ a: Expression, _ b: Expression, _ memory: UnsafeMutablePointer<Float>, _ body: (Float, Float) -> Float
        ) -> Value {
            // The right side's intermediate results come after the left side's result.
            switch (evaluate(a, memory), evaluate(b, memory + UpdateRule.chunk)) {
            case (.constant(let a), .constant(let b)): .constant(body(a, b))
            case (.constant(let a), .array(let b)): loop(memory) { body(a, b[$0]) }
            case (.array(let a), .constant(let b)): loop(memory) { body(a[$0], b) }
            case (.array(let a), .array(let b)): loop(memory) { body(a[$0], b[$0]) }
            }
        }

        @inline(__always)
        private func loop(_ result: UnsafeMutablePointer<Float>, _ body: (Int) -> Float) -> Value {
            for i in 0..<count { result[i] = body(i) }
            return .array(UnsafePointer(result))
        }
    }
}

extension UpdateRule.Expression {
    /// The number of intermediate results that are needed at the same time.
    fileprivate var depth: Int {
        switch self {
        case .gradient, .weight, .slot, .constant: 0
        case .squareRoot(let a): max(a.depth, 1)
        case .sum(let a, let b), .difference(let a, let b), .product(let a, let b), .quotient(let a, let b):
            max(a.depth, b.depth + 1)
        }
    }
}
