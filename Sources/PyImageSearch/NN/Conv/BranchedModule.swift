import NeuralNetwork

/// A module of the later Inception papers: branches of one input, each a chain of boxes as the papers' figures draw them.
///
/// ```swift
/// x = mixed(
///     x, "a1",
///     [.conv(96, (1, 1))],
///     [.conv(64, (1, 1)), .conv(96, (3, 3))],
///     [.averagePool, .conv(96, (1, 1))])
/// ```
struct BranchedModule {
    /// A box of a figure.
    enum Box {
        /// A convolution unit. Strides of 1 keep the image's size; with strides of 2 no border is added, the figures' "V".
        case conv(Int, (Int, Int), strides: Int = 1)
        /// The mean over 3x3 positions; keeps the image's size.
        case averagePool
        /// The maximum over 3x3 positions, strides 2, no border.
        case maxPool
        /// Two convolutions side by side, concatenated.
        case fork((Int, (Int, Int)), (Int, (Int, Int)), name: String? = nil)

        /// Of the convolutions.
        fileprivate var kernels: [String] {
            switch self {
            case .conv(_, let kernel, _): [Self.name(kernel)]
            case .fork(let first, let second, _): [Self.name(first.1), Self.name(second.1)]
            case .averagePool, .maxPool: []
            }
        }
        fileprivate static func name(_ kernel: (Int, Int)) -> String { "\(kernel.0)x\(kernel.1)" }
    }

    /// The unit that the branches consist of.
    var conv: ConvUnit
    /// Whether layers are named after the module, the branch and the kernel: `a1_b2_3x3`. Otherwise the model numbers them, as
    /// in Keras, and only the concatenation has the module's name.
    var namesLayers = true

    /// Concatenates new branches of `x`.
    ///
    /// - Parameters:
    ///   - name: of the module, and of its concatenation.
    ///   - kind: `.downsample` if the image shrinks.
    func callAsFunction(
        _ x: KerasTensor, _ name: String, _ kind: Module.Kind = .inception, _ branches: [Box]...
    ) -> KerasTensor {
        module(name, kind) { Concatenate(name: name)(apply(branches, to: x, in: name)) }
    }

    /// The outputs of new branches of `x`.
    func apply(_ branches: [[Box]], to x: KerasTensor, in name: String) -> [KerasTensor] {
        branches.enumerated().map { index, boxes in apply(boxes, to: x, in: name, branch: "\(name)_b\(index + 1)") }
    }

    private func apply(_ boxes: [Box], to x: KerasTensor, in name: String, branch: String) -> KerasTensor {
        let kernels = boxes.flatMap(\.kernels)
        var seen: [String: Int] = [:]
        func unit(_ x: KerasTensor, _ filters: Int, _ kernel: (Int, Int), strides: Int = 1) -> KerasTensor {
            let size = Box.name(kernel)
            seen[size, default: 0] += 1
            let isAlone = kernels.filter { $0 == size }.count == 1
            return conv(
                x, filters, kernel, strides: (strides, strides), padding: strides == 1 ? .same : .valid,
                name: namesLayers ? "\(branch)_\(size)" + (isAlone ? "" : "_\(seen[size, default: 1])") : nil)
        }
        return boxes.reduce(x) { x, box in
            switch box {
            case .conv(let filters, let kernel, let strides): unit(x, filters, kernel, strides: strides)
            case .averagePool:
                AveragePooling2D((3, 3), strides: (1, 1), padding: .same, name: namesLayers ? "\(name)_pool" : nil)(x)
            case .maxPool: MaxPooling2D((3, 3), strides: (2, 2), name: namesLayers ? "\(name)_pool" : nil)(x)
            case .fork(let first, let second, let fork):
                Concatenate(name: namesLayers ? branch : fork)([
                    unit(x, first.0, first.1), unit(x, second.0, second.1),
                ])
            }
        }
    }
}
