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
///   - name: files hold it; by default `sequential`, and `sequential_1`, ... where models of that name are called in one
///     model.
public func Sequential(_ shape: Shape, _ layers: [any Layer], name: String? = nil) -> Model {
    let input = Input(shape: shape)
    do {
        return try Model(
            Network(
                inputs: [input], outputs: [layers.reduce(input) { $1($0) }], name: name ?? "sequential",
                isNamed: name != nil))
    } catch {
        stop("\(error)")
    }
}
