/// Names as Keras 3 gives them: the class in snake case, then `_1`, `_2`, ..., counted within the model.
enum Naming {
    /// `MaxPooling2D` becomes `max_pooling2d`.
    static func snakeCase(_ className: String) -> String {
        var name = ""
        var previous: Character?
        let characters = Array(className)
        for (index, character) in characters.enumerated() {
            // A word begins at a capital after a small letter, and at the last capital of a run before a small letter.
            if character.isUppercase, let previous {
                let next = index + 1 < characters.count ? characters[index + 1] : nil
                let beginsWord = previous.isLowercase || (previous.isUppercase && next?.isLowercase == true)
                if beginsWord { name += "_" }
            }
            name += character.lowercased()
            previous = character
        }
        return name
    }

    /// Names for `nodes`, which are in the order in which they were written down. Given names are kept; numbering skips
    /// names that are taken.
    static func names(for nodes: [LayerNode]) -> [ObjectIdentifier: String] {
        let given = Set(nodes.compactMap(\.layer.name))
        var counts: [String: Int] = [:]
        var names: [ObjectIdentifier: String] = [:]
        for node in nodes {
            if let name = node.layer.name {
                names[ObjectIdentifier(node)] = name
                continue
            }
            let base = snakeCase(type(of: node.layer).className)
            var name: String
            repeat {
                let count = counts[base, default: 0]
                counts[base] = count + 1
                name = count == 0 ? base : "\(base)_\(count)"
            } while given.contains(name)
            names[ObjectIdentifier(node)] = name
        }
        return names
    }
}
