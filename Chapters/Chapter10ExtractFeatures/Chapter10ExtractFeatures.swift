//: # Chapter 10: Features again
//:
//: After 75 epochs the book's AlexNet is right on 93 of 100 pictures. A network that has learned ImageNet has seen dogs
//: of 120 breeds and several kinds of cats, so its features should separate dogs from cats. The book ends its chapter
//: as [chapter 3](Chapter03ExtractFeatures.md) began: with features.
//:
//: This chapter mirrors the book's second `extract_features.py`. There the network is ResNet50, whose last maps are
//: averaged: 2,048 numbers for each picture, a twelfth of VGG16's.

import Chapter

@main
struct Chapter10ExtractFeatures: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter10ExtractFeatures",
        abstract: "Features of Dogs vs. Cats, into an HDF5 file (extract_features.py of the book's chapter 10).",
        discussion: """
            Without flags it draws pictures of two kinds, and trains a small network on other drawings first. With pictures it \
            takes ResNet50 with weights of ImageNet, or VGG16 where those of ResNet50 cannot be had.
            """,
        version: PackageVersion.number)

    @OptionGroup var source: PictureOptions
    @OptionGroup var network: ExtractorOptions

    @Option(name: .shortAndLong, help: "The HDF5 file to write.", transform: Path.argument)
    var output = "output/dogs_vs_cats_features.hdf5"

    @Option(name: .shortAndLong, help: FlagHelp.batchSize(), allowing: .batchSize)
    var batchSize = 16

    @OptionGroup var extraction: ExtractionOptions

    func run() throws {
        try extraction.claim(output, reading: network)

        //: ## The network

        let extractor = try network.load(
            forDrawings: source.isDrawn, preferring: [.resnet50, .vgg16], seed: extraction.seed,
            backend: extraction.compute.backend)
        info("\(extractor.title): \(extractor.featureCount) features from \(extractor.side)x\(extractor.side) pixels")

        //: ## The pictures
        //:
        //: Here the original takes the class from the name of the file rightly: the part before the first dot.

        let config = DogsVsCatsConfig()
        let pictures = try source.list(
            drawn: config.drawnPictures, kinds: config.drawnKinds, side: extractor.side, seed: extraction.seed)

        //: ## Extraction, as in chapter 3

        try extraction.extract(
            pictures, of: source.name.rawValue, by: extractor, to: output, batchSize: batchSize)
    }
}

//: ## What to try next
//:
//: * `Chapter10TrainModel` learns from the file.
//: * `--network squeezenet`: 512 features of a network with a fiftieth of AlexNet's weights. Does it beat AlexNet?
