import NeuralNetwork
import Plotting
import PyImageSearch

extension NetworkOutline.Part {
    /// The color in diagrams, gray for what they do not distinguish.
    var color: Color {
        guard let module else { return layers[0].layer.kind == .convolution ? LayerKind.convolution.color : gray }
        return Self.colors[module.kind] ?? gray
    }

    private var gray: Color { LayerKind.other.color }

    private static let colors: [Module.Kind: Color] = [
        .convolution: LayerKind.convolution.color, .inception: LayerKind.merging.color,
        .downsample: LayerKind.pooling.color, .residual: LayerKind.activation.color,
        .auxiliaryHead: LayerKind.dense.color, .fire: LayerKind.merging.color,
    ]

    /// The layer that gives a unit its name, the convolution or the dense layer.
    var main: PlacedLayer {
        layers.first { [.convolution, .dense].contains($0.layer.kind) } ?? layers[0]
    }
}
