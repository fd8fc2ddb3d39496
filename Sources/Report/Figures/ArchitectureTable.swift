import NeuralNetwork
import Plotting
import PyImageSearch

/// A network of Inception modules in the form of table 1 of Szegedy et al. (2015).
func architectureTable(of outline: NetworkOutline) throws -> TablePicture {
    try TablePicture(
        headings: [
            "type", "patch size/\nstride", "output size", "#1x1", "#3x3\nreduce", "#3x3", "#5x5\nreduce", "#5x5",
            "pool\nproj", "params",
        ],
        rows: outline.sections.flatMap(rows))
}

private func rows(of section: NetworkOutline.Section) -> [[String]] {
    let parameters = section.parameterCount == 0 ? "" : Model.grouped(section.parameterCount)
    if let merge = section.merge {
        // "3a_mixed" ends the module 3a.
        let stage = merge.name.prefix { $0 != "_" }
        return [["inception (\(stage))", "", section.outputShape.inWords] + section.filterColumns + [parameters]]
    }
    // As in the paper, normalization and ReLU are not shown; the softmax has its own row.
    let layers = section.branches.joined().flatMap(\.layers).filter {
        $0.layer.kind != .normalization && ($0.layer as? Activation)?.function != .relu
    }
    return layers.enumerated().map { index, layer in
        let filters = [String](repeating: "", count: 6)
        return [layer.layer.rowName, layer.layer.patch, layer.outputShape.inWords] + filters
            + [index == 0 ? parameters : ""]
    }
}

extension NetworkOutline.Section {
    /// The filters of an Inception module, each recognized by the windows of its branch.
    fileprivate var filterColumns: [String] {
        let layers = branches.map { $0.map(\.main.layer) }
        func filters(_ position: Int, in windows: [String]) -> String {
            let branch = layers.first { $0.map(\.window) == windows }
            return (branch?[position] as? Conv2D).map { "\($0.filters)" } ?? ""
        }
        return [
            filters(0, in: ["1x1"]), filters(0, in: ["1x1", "3x3"]), filters(1, in: ["1x1", "3x3"]),
            filters(0, in: ["1x1", "5x5"]), filters(1, in: ["1x1", "5x5"]), filters(1, in: ["pool", "1x1"]),
        ]
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
