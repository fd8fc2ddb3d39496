import ComputeGraph
import NeuralNetwork
import Plotting

/// The kinds of layers that pictures of a network distinguish.
public enum LayerKind: Sendable {
    /// A layer's kind follows from its class.
    case convolution, normalization, activation, pooling, merging, dense, other

    /// The color in diagrams. Kinds that are neighbors in our networks stay distinct for color-blind readers.
    public var color: Color {
        switch self {
        case .convolution: Palette.blue
        case .normalization: Palette.skyBlue
        case .activation: Palette.orange
        case .pooling: Palette.vermilion
        case .merging: Palette.bluishGreen
        case .dense: Palette.reddishPurple
        case .other: Color(hex: 0x888888)
        }
    }
}

extension Layer {
    /// The layer's kind; `.other` for layers that pictures do not distinguish, such as `Dropout`.
    public var kind: LayerKind {
        switch self {
        case is Conv2D, is DepthwiseConv2D, is SeparableConv2D: .convolution
        case is BatchNormalization, is LocalResponseNormalization, is Normalization: .normalization
        case is Activation, is ELU, is ReLU, is LeakyReLU, is PReLU, is Softmax: .activation
        case is MaxPooling2D, is AveragePooling2D, is GlobalAveragePooling2D, is GlobalMaxPooling2D: .pooling
        case is Concatenate, is Add, is Average, is Subtract, is Multiply, is Maximum, is Minimum, is CustomScaleLayer:
            .merging
        case is Dense: .dense
        default: .other
        }
    }

    /// The layer's settings in the words of a paper: `96 filters 3x3, strides 1x1, same`; `nil` if it has none to show.
    public var settings: String? {
        switch self {
        case let layer as Conv2D: "\(layer.filters) filters \(layer.window.inWords)"
        case let layer as DepthwiseConv2D: "\(layer.depthMultiplier) filters a channel \(layer.window.inWords)"
        case let layer as SeparableConv2D: "\(layer.filters) filters \(layer.window.inWords)"
        case let layer as CustomScaleLayer: "scale \(layer.scale)"
        case let layer as MaxPooling2D: layer.window.inWords
        case let layer as AveragePooling2D: layer.window.inWords
        case let layer as Activation: layer.function.kerasName
        case let layer as Dense: "\(layer.units) units"
        case let layer as Dropout: "rate \(layer.rate)"
        default: nil
        }
    }
}

extension SlidingWindow {
    fileprivate var inWords: String { "\(kernel.inWords), strides \(strides.inWords), \(padding.rawValue)" }
}

extension Size2D {
    /// `3x3`.
    public var inWords: String { "\(height)x\(width)" }
}
