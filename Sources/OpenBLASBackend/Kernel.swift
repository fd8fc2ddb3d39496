import ComputeGraph
import Tensors

typealias Input = UnsafePointer<Float>
typealias Output = UnsafeMutablePointer<Float>

/// How one operation is computed at one batch size.
///
/// `x` is what goes in, one pointer for each input; `y` what comes out; `dy` the gradient of the loss with respect to
/// `y`, and `dx` those with respect to the inputs, `nil` where nobody needs one.
protocol Kernel: AnyObject {
    func forward(_ x: [Input], _ y: Output) throws
    /// Adds to `dx`: an input that several operations use receives the sum of what they pass back.
    func backward(_ x: [Input], _ y: Input, _ dy: Input, _ dx: [Output?]) throws
}

/// What a kernel needs to know of the plan it belongs to.
struct Context {
    let node: Graph.Node
    let index: Int
    /// Shapes of one sample of each input.
    let inputShapes: [Shape]
    let batchSize: Int
    let isTraining: Bool
    let parameters: HostParameters
    let graph: Graph
    let randomness: Randomness

    /// Number of elements in the whole batch.
    var outputCount: Int { batchSize * node.shape.count }
    var channels: Int { node.shape[node.shape.rank - 1] }

    func weights(_ position: Int) -> Output { parameters.weightPointer(node.parameters[position]) }
    func gradient(_ position: Int) -> Output { parameters.gradientPointer(node.parameters[position]) }
}

/// The random numbers of the step that runs.
final class Randomness {
    var stream: RandomStream?
}

/// Memory of a plan: `count` floats, zero at first.
final class Floats {
    let pointer: Output
    let count: Int

    init(_ count: Int) {
        self.count = count
        pointer = .allocate(capacity: max(count, 1))
        pointer.initialize(repeating: 0, count: max(count, 1))
    }

    deinit { pointer.deallocate() }
}
