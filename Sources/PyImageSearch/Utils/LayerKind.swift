import ComputeGraph
import NeuralNetwork
import Plotting

/// What layers do, as far as a picture of a network tells them apart.
public enum LayerKind: Sendable {
    case convolution, normalization, activation, pooling, merging, dense, other

    /// Neighbours in the networks here differ also for readers who see no red or no green.
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
    public var kind: LayerKind {
        switch self {
        case is Conv2D: .convolution
        case is BatchNormalization, is LocalResponseNormalization: .normalization
        case is Activation, is ELU: .activation
        case is MaxPooling2D, is AveragePooling2D, is GlobalAveragePooling2D: .pooling
        case is Concatenate, is Add: .merging
        case is Dense: .dense
        default: .other
        }
    }

    /// What the layer is set to, in the words of a paper; nil where its class says all.
    public var settings: String? {
        switch self {
        case let layer as Conv2D: "\(layer.filters) filters \(layer.window.inWords)"
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
