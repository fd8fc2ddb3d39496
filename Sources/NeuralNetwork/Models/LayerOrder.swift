/// The orders of a network's layers and of their calls: by depth, the farthest from the outputs first; of one depth in
/// the order in which a walk back from the outputs meets them.
///
/// That of the layers is Keras's `model.layers`. Weights in model files are matched by it, so it must be exactly Keras's.
struct LayerOrder {
    /// Every call once, inputs before the calls that read them.
    let calls: [LayerNode]
    /// The layers' identities.
    let layers: [ObjectIdentifier]

    init(inputs: [LayerNode], outputs: [LayerNode]) {
        var met: [ObjectIdentifier: Int] = [:]
        var layersMet: [ObjectIdentifier: Int] = [:]
        var finished: Set<ObjectIdentifier> = []
        var bottomUp: [LayerNode] = []
        func meet(_ node: LayerNode) {
            let (call, layer) = (ObjectIdentifier(node), ObjectIdentifier(node.identity))
            if met[call] == nil { met[call] = met.count }
            if layersMet[layer] == nil { layersMet[layer] = layersMet.count }
        }

        // The walk keeps its own stack: a deep network would overflow a thread's.
        for output in outputs {
            var stack: [(node: LayerNode, next: Int)] = [(output, 0)]
            while let (node, next) = stack.last {
                if finished.contains(ObjectIdentifier(node)) {
                    stack.removeLast()
                } else if next < node.inputs.count {
                    if next == 0 { meet(node) }
                    stack[stack.count - 1].next += 1
                    stack.append((node.inputs[next].node, 0))
                } else {
                    meet(node)
                    finished.insert(ObjectIdentifier(node))
                    bottomUp.append(node)
                    stack.removeLast()
                }
            }
        }
        for input in inputs where !finished.contains(ObjectIdentifier(input)) {
            meet(input)
            bottomUp.append(input)
        }

        var depths: [ObjectIdentifier: Int] = [:]
        var layerDepths: [ObjectIdentifier: Int] = [:]
        for node in bottomUp.reversed() {
            let layer = ObjectIdentifier(node.identity)
            // A call is at least as deep as the calls of its layer that are nearer to the outputs.
            let depth = max(depths[ObjectIdentifier(node)] ?? 0, layerDepths[layer] ?? 0)
            depths[ObjectIdentifier(node)] = depth
            layerDepths[layer] = depth
            for source in node.sources {
                depths[ObjectIdentifier(source)] = max(depths[ObjectIdentifier(source)] ?? 0, depth + 1)
            }
        }
        func sorted<Element>(
            _ elements: [Element], _ depths: [ObjectIdentifier: Int], _ met: [ObjectIdentifier: Int],
            by identifier: (Element) -> ObjectIdentifier
        ) -> [Element] {
            func key(_ element: Element) -> (Int, Int) {
                (-(depths[identifier(element)] ?? 0), met[identifier(element)] ?? 0)
            }
            return elements.sorted { key($0) < key($1) }
        }
        calls = sorted(bottomUp, depths, met) { ObjectIdentifier($0) }
        layers = sorted(Array(layersMet.keys), layerDepths, layersMet) { $0 }
    }
}
