import NeuralNetwork
import Plotting
import PyImageSearch

/// The book's names for the parts of its networks.
enum SectionKind {
    case convolution, inception, downsample, other

    var color: Color {
        switch self {
        case .convolution: LayerKind.convolution.color
        case .inception: LayerKind.merging.color
        case .downsample: LayerKind.pooling.color
        case .other: LayerKind.other.color
        }
    }
}

extension NetworkOutline.Section {
    var kind: SectionKind {
        guard merge != nil else { return branches[0][0].main.layer is Conv2D ? .convolution : .other }
        // A downsample module has a branch that is a pooling layer alone.
        return branches.contains { $0.count == 1 && $0[0].main.layer.kind == .pooling } ? .downsample : .inception
    }
}
