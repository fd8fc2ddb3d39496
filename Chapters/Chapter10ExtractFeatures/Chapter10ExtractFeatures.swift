//: # Chapter 10: Features again
//:
//: After 75 epochs the book's AlexNet is right on 93 of 100 pictures. A network that has learned ImageNet has seen dogs
//: of 120 breeds and several kinds of cats, so its features should separate dogs from cats. The book ends its chapter
//: as [chapter 3](Chapter03ExtractFeatures.md) began: with features.
//:
//: This chapter mirrors the book's second `extract_features.py`. There the network is ResNet50, whose last maps are
//: averaged: 2,048 numbers for each picture, a twelfth of VGG16's.
//:
//: > **What you need to know**: [feature extraction](Chapter03ExtractFeatures.md).
//: >
//: > **How long it takes**: about six seconds for 400 drawn pictures on two cores. VGG16 took seven minutes for 4,000
//: > photographs (9.4 a second).
//: >
//: > **What you will have**: features of two kinds of drawn pictures, or of cats and dogs.

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
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        try extraction.claim(output, reading: network)
        try source.check()

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

//: ## Exercises
//:
//: (`Chapter10ExtractFeatures` and `Chapter10TrainModel` replace no files. To repeat their commands, add `--overwrite`.)
//:
//: 1. How large is the book's file, with 25,000 rows of 2,048 64-bit floats, and how large is ours with 32 bits?
//: 2. The two kinds of drawn pictures are kinds that the small network has never seen. Do its features separate them?
//:    `swift run Chapter10ExtractFeatures`, then `swift run Chapter10TrainModel`.
//: 3. A single picture takes VGG16 15.47 billion multiplications and ResNet-50 3.86 billion ([the table of the
//:    family](InceptionFamily.md)). How long would 25,000 photographs take with ResNet-50 if time followed the
//:    multiplications, at our 9.4 pictures a second with VGG16?
//: 4. *Open.* SqueezeNet has 512 features and a fiftieth of AlexNet's weights. Do its features beat AlexNet?
//:    `swift run Chapter10ExtractFeatures --dataset dogs-vs-cats --network squeezenet --output output/squeezenet.hdf5`,
//:    then `swift run Chapter10TrainModel --db output/squeezenet.hdf5 --model output/squeezenet-classifier.hdf5`.
//:
//: The answers are on [a page of their own](Answers.md#chapter-10-features-again).
