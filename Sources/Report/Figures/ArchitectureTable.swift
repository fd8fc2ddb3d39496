import NeuralNetwork
import Plotting
import PyImageSearch

/// A network in the form of table 1 of Szegedy et al. (2015).
///
/// - Throws: ``ReportError`` for an inception module with a branch that the table has no column for.
func architectureTable(of network: Model) throws -> TablePicture {
    try TablePicture(
        headings: [
            "type", "patch size/\nstride", "output size", "#1x1", "#3x3\nreduce", "#3x3", "#5x5\nreduce", "#5x5",
            "pool\nproj", "params",
        ],
        rows: NetworkOutline(network).parts.flatMap(rows))
}

private func rows(of part: NetworkOutline.Part) throws -> [[String]] {
    let parameters = part.parameterCount == 0 ? "" : Model.grouped(part.parameterCount)
    let noFilters = [String](repeating: "", count: 6)
    if let module = part.module, !module.kind.isUnit {
        let filters = module.kind == .inception ? try part.filterColumns(module) : noFilters
        return [["\(module.kind) (\(module.name))", "", part.outputShape.inWords] + filters + [parameters]]
    }
    // As in the paper, a unit's normalization and ReLU are not shown; the softmax has its own row.
    let layers = part.layers.filter {
        part.module == nil || $0.layer.kind != .normalization && ($0.layer as? Activation)?.function != .relu
    }
    return layers.enumerated().map { index, layer in
        [layer.layer.rowName, layer.layer.patch, layer.outputShape.inWords] + noFilters
            + [index == 0 ? parameters : ""]
    }
}

extension NetworkOutline.Part {
    /// The columns of an inception module: the filters of each branch, from the windows of its units.
    fileprivate func filterColumns(_ module: Module) throws -> [String] {
        var columns = [String](repeating: "", count: 6)
        for branch in try branches(module) {
            let windows = branch.map(\.main.layer.window)
            let name = windows.isEmpty ? "a branch without layers" : "a branch of " + windows.joined(separator: ", ")
            guard let positions = Self.columns[windows] else { throw misfit(module, "\(name) has no column") }
            for (position, unit) in zip(positions, branch) {
                guard let position, let convolution = unit.main.layer as? Conv2D else { continue }
                guard columns[position].isEmpty else { throw misfit(module, "there is more than \(name)") }
                columns[position] = "\(convolution.filters)"
            }
        }
        return columns
    }

    /// The columns of a branch's units, by their windows. The pooling itself has none.
    private static let columns: [[String]: [Int?]] = [
        ["1x1"]: [0], ["3x3"]: [2], ["1x1", "3x3"]: [1, 2], ["5x5"]: [4], ["1x1", "5x5"]: [3, 4],
        ["pool", "1x1"]: [nil, 5],
    ]

    /// The units between the module's input and its last part, which merges the branches.
    private func branches(_ module: Module) throws -> [[NetworkOutline.Part]] {
        try parts[parts.count - 1].inputs.map { end in
            var branch: [NetworkOutline.Part] = []
            var source = end
            while case .part(let position) = source {
                let part = parts[position]
                branch.insert(part, at: 0)
                guard part.inputs.count == 1, parts.filter({ $0.inputs.contains(source) }).count == 1 else {
                    throw misfit(module, "a branch forks")
                }
                source = part.inputs[0]
            }
            return branch
        }
    }

    private func misfit(_ module: Module, _ reason: String) -> ReportError {
        ReportError(
            "the inception module \"\(module.name)\" does not fit into table 1 of Szegedy et al. (2015): \(reason)")
    }
}

extension Layer {
    fileprivate var window: String {
        (self as? Conv2D)?.window.kernel.inWords ?? (kind == .pooling ? "pool" : "")
    }

    /// Window and stride, as the paper writes them: `3x3/2`.
    fileprivate var patch: String {
        let window = (self as? Conv2D)?.window ?? (self as? MaxPooling2D)?.window ?? (self as? AveragePooling2D)?.window
        return window.map { "\($0.kernel.inWords)/\($0.strides.height)" } ?? ""
    }

    fileprivate var rowName: String {
        switch self {
        case is InputLayer: "image"
        case is Conv2D: "convolution"
        case is MaxPooling2D: "max pool"
        case is AveragePooling2D: "avg pool"
        case let layer as Dropout: "dropout (\(Int((layer.rate * 100).rounded()))%)"
        case is Dense: "linear"
        case let layer as Activation: layer.function.kerasName
        default: Self.className.lowercased()
        }
    }
}
