import NeuralNetwork
import Plotting
import PyImageSearch

/// What the book calls the parts of its networks.
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
        // Who shrinks the image pools in a branch that ends there.
        return branches.contains { $0.count == 1 && $0[0].main.layer.kind == .pooling } ? .downsample : .inception
    }
}
