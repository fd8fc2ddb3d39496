/// The order of Keras's `model.layers`: by depth, the layers farthest from the outputs first; layers of one depth in
/// the order in which a walk back from the outputs meets them.
///
/// Weights in model files are matched by this order, so it must be exactly Keras's.
enum LayerOrder {
    static func sorted(inputs: [LayerNode], outputs: [LayerNode]) -> [LayerNode] {
        var met: [ObjectIdentifier: Int] = [:]
        var finished: Set<ObjectIdentifier> = []
        var bottomUp: [LayerNode] = []

        // The walk keeps its own stack: a deep network would overflow a thread's.
        for output in outputs {
            var stack: [(node: LayerNode, next: Int)] = [(output, 0)]
            while let (node, next) = stack.last {
                let id = ObjectIdentifier(node)
                if finished.contains(id) {
                    stack.removeLast()
                } else if next < node.inputs.count {
                    if next == 0, met[id] == nil { met[id] = met.count }
                    stack[stack.count - 1].next += 1
                    stack.append((node.inputs[next], 0))
                } else {
                    if met[id] == nil { met[id] = met.count }
                    finished.insert(id)
                    bottomUp.append(node)
                    stack.removeLast()
                }
            }
        }
        for input in inputs where !finished.contains(ObjectIdentifier(input)) {
            met[ObjectIdentifier(input)] = met.count
            bottomUp.append(input)
        }

        var depths: [ObjectIdentifier: Int] = [:]
        for node in bottomUp.reversed() {
            let depth = depths[ObjectIdentifier(node)] ?? 0
            depths[ObjectIdentifier(node)] = depth
            for input in node.inputs {
                depths[ObjectIdentifier(input)] = max(depths[ObjectIdentifier(input)] ?? 0, depth + 1)
            }
        }
        func key(_ node: LayerNode) -> (Int, Int) {
            (-(depths[ObjectIdentifier(node)] ?? 0), met[ObjectIdentifier(node)] ?? 0)
        }
        return bottomUp.sorted { key($0) < key($1) }
    }
}
