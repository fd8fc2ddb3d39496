import Tensors

extension Model {
    /// The model as a table, like Keras's `summary()`: layers with output shapes, parameters and inputs, then the
    /// totals.
    ///
    /// A module has a row of its own above the rows of its layers, and so has a model that was called as a layer; the
    /// number in it is the sum of theirs. A model without modules is in the order of ``layers``.
    public func summary() -> String {
        let headings = ["Layer (type)", "Output Shape", "Param #", "Connected to"]
        let rows = NetworkOutline(self).parts.flatMap { $0.rows(depth: 0) }
        let widths = headings.indices.map { column in
            ([headings] + rows).map { $0[column].count }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { column -> String in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                // Numbers are aligned right, text left.
                return column == 2 ? space + cells[column] : cells[column] + space
            }
            return "│ " + padded.joined(separator: " │ ") + " │"
        }
        func rule(_ left: String, _ middle: String, _ right: String) -> String {
            left + widths.map { String(repeating: "─", count: $0 + 2) }.joined(separator: middle) + right
        }
        return
            (["Model: \"\(name)\"", rule("┌", "┬", "┐"), line(headings), rule("├", "┼", "┤")]
            + rows.map(line) + [rule("└", "┴", "┘")]
            + [
                "Total params: \(Self.sized(parameterCount))",
                "Trainable params: \(Self.sized(trainableParameterCount))",
                "Non-trainable params: \(Self.sized(parameterCount - trainableParameterCount))",
            ]).joined(separator: "\n")
    }

    /// Number of scalars in all weights.
    public var parameterCount: Int { graph.parameters.reduce(0) { $0 + $1.shape.count } }

    /// Number of scalars in the trainable weights.
    public var trainableParameterCount: Int {
        graph.parameters.reduce(0) { $0 + ($1.isTrainable ? $1.shape.count : 0) }
    }

    /// `1,656,250`.
    package static func grouped(_ number: Int) -> String {
        var digits = String(number)
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: position))
            position -= 3
        }
        return digits
    }

    /// `1,656,250 (6.32 MB)`, at four bytes a parameter.
    private static func sized(_ count: Int) -> String {
        var size = Double(count * 4)
        var unit = "B"
        for larger in ["KB", "MB", "GB"] where size >= 1024 {
            size /= 1024
            unit = larger
        }
        return "\(grouped(count)) (\((size * 100).rounded() / 100) \(unit))"
    }
}

extension NetworkOutline.Part {
    /// The rows of a summary. A unit has those of its layers only.
    ///
    /// - Parameter depth: number of rows of modules that the first row is below.
    fileprivate func rows(depth: Int) -> [[String]] {
        func row(_ name: String, _ type: String, connectedTo inputs: [String]) -> [String] {
            [
                (depth == 0 ? "" : String(repeating: "  ", count: depth - 1) + "└ ") + "\(name) (\(type))",
                outputShape.withOpenBatch, Model.grouped(parameterCount),
                inputs.isEmpty ? "-" : inputs.joined(separator: ", "),
            ]
        }
        guard let module else {
            let layer = layers[0]
            return [row(layer.name, layer.className, connectedTo: layer.inbound)]
                + (layer.network.map { NetworkOutline($0).parts.flatMap { $0.rows(depth: depth + 1) } } ?? [])
        }
        if module.kind.isUnit { return parts.flatMap { $0.rows(depth: depth) } }
        var met = Set(layers.map(\.name))
        let inputs = layers.flatMap(\.inbound).filter { met.insert($0).inserted }
        return [row(module.name, module.kind.name, connectedTo: inputs)] + parts.flatMap { $0.rows(depth: depth + 1) }
    }
}

extension Shape {
    /// A sample's shape as Keras prints it, with `None` for the size of the batch: `(None, 32, 32, 3)`.
    public var withOpenBatch: String { "(" + (["None"] + dimensions.map(String.init)).joined(separator: ", ") + ")" }
}
