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

    /// Names of the layers by their identities. Given names are kept; so is the number that another model has given, if
    /// it is free. Numbering skips names that are taken.
    ///
    /// - Parameter calls: in the order in which they were written down.
    static func names(for calls: [LayerNode]) -> [ObjectIdentifier: String] {
        var names: [ObjectIdentifier: String] = [:]
        for call in calls { names[ObjectIdentifier(call.identity)] = call.layer.name }
        var taken = Set(names.values)
        for call in calls where names[ObjectIdentifier(call.identity)] == nil {
            guard let name = call.identity.givenName, taken.insert(name).inserted else { continue }
            names[ObjectIdentifier(call.identity)] = name
        }
        var counts: [String: Int] = [:]
        for call in calls where names[ObjectIdentifier(call.identity)] == nil {
            let base = (call.layer as? NestedModel)?.network.name ?? snakeCase(type(of: call.layer).className)
            var name: String
            repeat {
                let count = counts[base, default: 0]
                counts[base] = count + 1
                name = count == 0 ? base : "\(base)_\(count)"
            } while taken.contains(name)
            names[ObjectIdentifier(call.identity)] = name
            call.identity.givenName = name
        }
        return names
    }
}
