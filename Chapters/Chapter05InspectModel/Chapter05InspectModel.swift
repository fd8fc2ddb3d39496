//: # Chapter 5: Looking into a network
//:
//: Whoever freezes some layers of a network and trains others has to know them by number or by name. This chapter
//: mirrors the book's `inspect_model.py`: it lists the layers, with the shape of each output and the number of
//: parameters.
//:
//: @figure 5.1

import Chapter

@main
struct Chapter05InspectModel: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter05InspectModel",
        abstract: "Lists the layers of a network: index, class, name, shape, parameters (the book's inspect_model.py).",
        discussion: "A network's layers do not depend on its weights, so none are needed.",
        version: PackageVersion.number)

    @Option(
        name: [.customShort("i"), .customLong("include-top")], parsing: .unconditional,
        help: "Above 0: with the layers that tell the classes apart; -1: without (default: 1).")
    var includeTop = 1

    @Option(help: "\(PretrainedNetwork.Name.list).")
    var network = PretrainedNetwork.Name.vgg16

    @Option(name: .shortAndLong, help: "A model file that takes the place of --network.", transform: Path.existingFile)
    var model: String?

    @OptionGroup var compute: ComputeOptions

    func run() throws {
        //: ## The network
        //:
        //: With its top, VGG16 has three dense layers at the end. The first alone has 103 of the 138 million parameters.

        info("loading network...")
        let model = try model.map { try Model.load($0, backend: compute.backend) } ?? network.build(top: includeTop > 0)

        //: ## Its layers
        //:
        //: The numbers are those by which fine-tuning chooses: 15 is the first convolution of VGG16's last block.

        info("showing layers...")
        let rows = model.layers.enumerated().map { index, layer in
            [
                "\(index)", layer.className, layer.name, "\(layer.outputShape)",
                "\(layer.weights.reduce(0) { $0 + $1.shape.count })",
            ]
        }
        let headings = ["#", "class", "name", "output", "parameters"]
        let widths = headings.indices.map { column in ([headings] + rows).map { $0[column].count }.max() ?? 0 }
        for row in [headings] + rows {
            let cells = zip(row, widths).map { text, width in text.padding(toLength: width, withPad: " ", startingAt: 0)
            }
            info(cells.joined(separator: "  "))
        }
        info("\(counted(model.layers.count, "layer")), \(counted(model.parameterCount, "parameter"))")
    }
}

//: ## What to try next
//:
//: * `-i -1`: what is left of the 138 million parameters?
//: * `--network resnet50`: 177 layers, and fewer parameters than VGG16's first dense layer. Where are they?
