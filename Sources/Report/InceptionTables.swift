import Experiments
import Foundation
import NeuralNetwork
import PyImageSearch
import Tensors
import Weaving

extension Tables {
    /// Of the page on the Inception family.
    static let inceptionFamily: [String: Table] = [
        "inception-family": { _, folder, root in try networks(Experiments.inceptionFamily, folder, root) },
        "convolution-costs": { _, _, _ in try convolutionCosts(ConvolutionChain.examples()) },
    ]

    /// What the networks cost, from their graphs, and what their papers report.
    private static func networks(
        _ networks: [PublishedNetwork], _ folder: ReportFolder, _ root: String
    ) throws -> String {
        MarkdownTable(
            [
                "network", "year", "paper", "input", "depth", "parameters", "multiplications", "top-1 error",
                "top-5 error", "views of a picture", "images/s here",
            ],
            rows: try networks.map { network in
                let model = network.build()
                let speed = try folder.speed(of: network.name).map {
                    "[\($0)](\(root)/\(folder.speedPath(of: network.name)))"
                }
                return [
                    network.name, network.year,
                    "[\(network.preprint)](https://arxiv.org/abs/\(network.preprint))",
                    model.inputs[0].shape.inWords, "\(model.depth)", Model.grouped(model.parameterCount),
                    billions(model.multiplicationCount), error(network.top1Error), error(network.top5Error),
                    network.views, speed ?? "",
                ]
            }
        ).markdown
    }

    /// `15.47 billion`.
    private static func billions(_ count: Int) -> String { String(format: "%.2f billion", Double(count) / 1e9) }

    /// With the digits of the papers: `5.0 %`, `10.07 %`.
    private static func error(_ percent: Double?) -> String {
        guard let percent else { return "" }
        return String(format: (10 * percent).rounded() == 10 * percent ? "%.1f %%" : "%.2f %%", percent)
    }

    private static func convolutionCosts(_ chains: [ConvolutionChain]) -> String {
        MarkdownTable(
            [
                "two convolutions", "where", "channels", "image", "weights", "million multiplications", "one kernel",
                "weights", "million multiplications", "two against one",
            ],
            rows: chains.map { chain in
                let two = chain.model(of: chain.kernels), one = chain.model(of: [chain.window])
                let change = 100 * (Double(two.multiplicationCount) / Double(one.multiplicationCount) - 1)
                return [
                    chain.kernels.map(inWords).joined(separator: ", "), chain.place,
                    chain.channels.map(String.init).joined(separator: ", "), inWords(chain.image),
                ] + costs(of: two) + [inWords(chain.window)] + costs(of: one) + [String(format: "%+.0f %%", change)]
            }
        ).markdown
    }

    private static func inWords(_ size: ConvolutionChain.Size) -> String { "\(size.height)x\(size.width)" }

    private static func costs(of model: Model) -> [String] {
        [Model.grouped(model.parameterCount), String(format: "%.1f", Double(model.multiplicationCount) / 1e6)]
    }
}

/// Convolutions one after the other, with strides of 1, that see as much of an image as one larger kernel.
struct ConvolutionChain {
    typealias Size = (height: Int, width: Int)

    let place: String
    let kernels: [Size]
    /// Before, between and behind them.
    let channels: [Int]
    let image: Size

    /// Kernels of the papers, and what their modules make of them.
    static func examples() throws -> [ConvolutionChain] {
        let (v1, v2) = (InceptionV1.build(width: 224, height: 224, depth: 3, classes: 1000), InceptionV2.build())
        let v3 = InceptionV3.build()
        let square: Size = (3, 3), row: Size = (1, 7), column: Size = (7, 1)
        return [
            ConvolutionChain(
                place: "any", kernels: [square, square], channels: [96, 96, 96], image: (28, 28)),
            try ConvolutionChain([square, square], in: v2, "Inception v2", module: "4c"),
            try ConvolutionChain([square, square], in: v2, "Inception v2", module: "3a"),
            try ConvolutionChain(splitting: (5, 5), into: square, in: v1, "Inception v1", module: "4e"),
            try ConvolutionChain([row, column], in: v3, "Inception v3", module: "mixed7"),
            try ConvolutionChain([row, column], in: v3, "Inception v3", module: "mixed4"),
        ]
    }

    init(place: String, kernels: [Size], channels: [Int], image: Size) {
        (self.place, self.kernels, self.channels, self.image) = (place, kernels, channels, image)
    }

    /// The last two convolutions of these kernels in an inception module of which one reads the other.
    private init(_ kernels: [Size], in network: Model, _ title: String, module name: String) throws {
        let units = try NetworkOutline(network).module(.inception, named: name).parts
        for unit in units.reversed() {
            guard case .part(let before)? = unit.inputs.first, let first = units[before].main.layer as? Conv2D,
                let second = unit.main.layer as? Conv2D, first.has(kernels[0]), second.has(kernels[1])
            else { continue }
            self.init(
                place: "\(title), \(name)", kernels: kernels,
                channels: [units[before].inputChannels, first.filters, second.filters], image: unit.outputShape.image)
            return
        }
        throw ReportError("module \(name) of \(title) has no \(kernels) one after the other")
    }

    /// Two convolutions in place of the first one of a kernel in an inception module. The channels between are as many as
    /// behind them.
    private init(
        splitting kernel: Size, into half: Size, in network: Model, _ title: String, module name: String
    ) throws {
        let units = try NetworkOutline(network).module(.inception, named: name).parts
        for unit in units {
            guard let convolution = unit.main.layer as? Conv2D, convolution.has(kernel) else { continue }
            let filters = convolution.filters
            self.init(
                place: "\(title), \(name), if it were split", kernels: [half, half],
                channels: [unit.inputChannels, filters, filters], image: unit.outputShape.image)
            return
        }
        throw ReportError("module \(name) of \(title) has no \(kernel)")
    }

    /// The kernel that sees as much of the image as all of them.
    var window: Size {
        kernels.reduce((1, 1)) { ($0.height + $1.height - 1, $0.width + $1.width - 1) }
    }

    /// The convolutions alone, without biases. One kernel has the first and the last number of channels.
    func model(of kernels: [Size]) -> Model {
        let input = Input(shape: [image.height, image.width, channels[0]])
        let filters = kernels.count == 1 ? channels.suffix(1) : channels.dropFirst()
        let output = zip(kernels, filters).reduce(input) { x, next in
            Conv2D(next.1, kernelSize: (next.0.height, next.0.width), padding: .same, useBias: false)(x)
        }
        return Model(inputs: input, outputs: output)
    }
}

extension NetworkOutline.Part {
    /// Of a unit's convolution that is not divided into groups.
    fileprivate var inputChannels: Int { main.weights.first.map { $0.shape[2] } ?? 0 }
}

extension Conv2D {
    fileprivate func has(_ kernel: ConvolutionChain.Size) -> Bool {
        window.kernel.height == kernel.height && window.kernel.width == kernel.width
    }
}

extension Shape {
    fileprivate var image: ConvolutionChain.Size { (self[0], self[1]) }
}
