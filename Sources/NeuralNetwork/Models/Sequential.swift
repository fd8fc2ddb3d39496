import System
import Tensors

// swift-format-ignore: AlwaysUseLowerCamelCase
/// A chain of layers as a model: Keras's `Sequential`. It makes the same model as calling the layers one by one.
///
/// The program ends with one line if a layer does not fit the one before it.
///
/// - Parameters:
///   - shape: of one sample, without the batch axis: `[height, width, channels]` or `[features]`.
///   - layers: each takes the output of the one before it.
///   - name: files hold it.
public func Sequential(_ shape: Shape, _ layers: [any Layer], name: String = "sequential") -> Model {
    let input = Input(shape: shape)
    return Model(inputs: input, outputs: layers.reduce(input) { $1($0) }, name: name)
}
