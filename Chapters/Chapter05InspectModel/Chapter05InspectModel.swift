//: # Chapter 5: Looking into a network
//:
//: To freeze some layers of a network and train others, you need their numbers or their names. This chapter mirrors the
//: book's `inspect_model.py`: it lists the layers, with the shape of each output and the number of parameters.
//:
//: @figure 5.1
//:
//: > **What you need to know**: nothing of earlier chapters. Weights are not needed.
//: >
//: > **How long it takes**: less than a second.
//: >
//: > **What you will have**: a list of a network's layers, with their shapes and parameters.

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
    var includeTop: Int?

    @Option(help: "\(PretrainedNetwork.Name.list) (default: vgg16).")
    var network: PretrainedNetwork.Name?

    @Option(name: .shortAndLong, help: "A model file that takes the place of --network.", transform: Path.existingFile)
    var model: String?

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var lecture: LectureOptions

    func validate() throws {
        guard model == nil || (network == nil && includeTop == nil) else {
            throw ValidationError("--model takes the place of --network and --include-top")
        }
    }

    func run() throws {
        //: ## The network
        //:
        //: With its top, VGG16 has three dense layers at the end. The first alone has 103 of the 138 million parameters.

        info("loading network...")
        let model =
            try model.map { try Model.load($0, backend: compute.backend) }
            ?? (network ?? .vgg16).build(top: (includeTop ?? 1) > 0)

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

//: ## Exercises
//:
//: 1. What is left of VGG16's 138 million parameters without its top? `swift run Chapter05InspectModel -i -1`.
//: 2. ResNet-50 has fewer parameters than VGG16's first dense layer. Where are they?
//:    `swift run Chapter05InspectModel --network resnet50`.
//: 3. VGG16's first dense layer reads 7x7 positions with 512 channels and has 4,096 units. How many parameters are
//:    that? How many would it have after a global average pooling?
//: 4. SqueezeNet has as many classes. How many parameters has it, and what share is in its last convolution?
//:    `swift run Chapter05InspectModel --network squeezenet`.
//:
//: The answers are on [a page of their own](Answers.md#chapter-5-looking-into-a-network).
