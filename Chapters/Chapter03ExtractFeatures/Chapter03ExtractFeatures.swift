//: # Chapter 3: Networks as feature extractors
//:
//: A network that has learned ImageNet's thousand classes can do more than name them. Its first layers respond to edges
//: and colors, its middle layers to textures and parts. Only the dense layers at its end are tied to the thousand
//: classes. Without them, the network turns any photograph into numbers that describe it. A linear classifier of these
//: numbers often beats a network that was trained on the photographs alone: on Flowers-17 it reaches 91.76 %, and
//: [chapter 2](Chapter02MiniVGGNetFlowers17DataAug.md) 75.39 %, the mean of three runs.
//:
//: @figure 3.1
//:
//: This chapter mirrors the book's `extract_features.py`: each picture goes through VGG16 once, and its last maps, 7x7
//: of 512 channels, become a row of 25,088 numbers in an HDF5 file. The next chapters learn from that file. Nothing is
//: trained here.
//:
//: > **What you need to know**: what a convolution and a pooling do. No training is needed.
//: >
//: > **How long it takes**: about six seconds with 1,000 drawn pictures on two cores. The photographs of Flowers-17
//: > took two minutes in the recorded run (11.5 pictures a second: the table in [chapter
//: > 4](Chapter04RankAccuracy.md#results)). They take 48 seconds on two idle cores, at the 28.6 pictures a second of
//: > [Benchmarks](../../Benchmarks/README.md).
//: >
//: > **What you will have**: an HDF5 file with a row of numbers for each picture.

import Chapter

//: The body need not be VGG16. `--network` takes other networks with published weights, `--model` any model that a
//: chapter has saved, and `--layer` cuts a model wherever you like: features from an early layer suit pictures that are
//: unlike ImageNet's.
//:
//: Without flags, on a machine without data or weights, the program draws shapes in place of photographs, and a small
//: network takes the place of VGG16. The program trains it first, to tell five kinds of shapes apart. The data set has
//: ten kinds. So half of the classes are new to the network, as most flowers are to a network that has learned
//: ImageNet.

@main
struct Chapter03ExtractFeatures: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter03ExtractFeatures",
        abstract: "Features of pictures from a trained network, into an HDF5 file (the book's extract_features.py).",
        discussion: """
            Without flags it draws its pictures, and trains a small network on other drawings first. With pictures it takes \
            VGG16 with weights of ImageNet.
            """,
        version: PackageVersion.number)

    @OptionGroup var source: PictureOptions
    @OptionGroup var network: ExtractorOptions

    @Option(
        name: .shortAndLong, help: "The HDF5 file to write (default: output/features.hdf5).", transform: Path.argument)
    var output = "output/features.hdf5"

    @Option(name: .shortAndLong, help: FlagHelp.batchSize(), allowing: .batchSize)
    var batchSize = 32

    @OptionGroup var extraction: ExtractionOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        try extraction.claim(output, reading: network)
        try source.check()

        //: ## The network
        //:
        //: The body takes pictures of one size, 224x224 for VGG16. The weights expect what the network was trained with:
        //: blue first, as OpenCV reads pictures, and ImageNet's mean of each channel subtracted (103.939, 116.779,
        //: 123.68). With red first the features would still look plausible, and be worse.

        let seed = extraction.seed
        let extractor = try network.load(
            forDrawings: source.isDrawn, seed: seed, backend: extraction.compute.backend)
        info("\(extractor.title): \(extractor.featureCount) features from \(extractor.side)x\(extractor.side) pixels")

        //: ## The pictures
        //:
        //: The class of a picture is the name of its folder; labels number the names in alphabetical order. All pictures
        //: are shuffled here, once, so that the next program can take the first three quarters of the file for training.
        //: (The original's shuffle has no seed, so its split cannot be repeated. This one is NumPy's for `--seed`.)

        let pictures = try source.list(side: extractor.side, seed: seed)

        //: ## Extraction
        //:
        //: Pictures are resized to the network's size without keeping their aspect ratio, by nearest-neighbor
        //: interpolation, as Keras's `load_img` does. A batch goes through the network, its maps are flattened, and the
        //: writer's buffer collects them.
        //:
        //: @figure 3.2
        //:
        //: Chapter 10 extracts features in the same way, so the steps are in the library.
        //:
        //: @source Sources/Chapter/ExtractionOptions.swift ExtractionOptions.extract

        try extraction.extract(
            pictures, of: source.name.rawValue, by: extractor, to: output, batchSize: batchSize)
    }
}

//: ## What is different here, and why
//:
//: * The original stores 64-bit floats. The network computes 32 bits, so nothing is lost with half the file;
//:   `--dtype float64` writes the book's.
//: * It decodes one picture after the other. Here a batch is decoded on all processors.
//: * Photographs are turned upright if their EXIF data say how they lie. Pillow, which reads them in the original, leaves
//:   them as they are.
//: * The file also says which network and which data set it is of.
//:
//: ## Exercises
//:
//: (`Chapter03ExtractFeatures` and `Chapter03TrainModel` replace no files. To repeat their commands, add `--overwrite`.)
//:
//: 1. How large is the file for the 1,360 photographs of Flowers-17, with the features of VGG16, as 32-bit and as
//:    64-bit floats? `swift run Chapter03ExtractFeatures --dataset flowers17 --output output/flowers17.hdf5` writes it.
//: 2. *Open.* Take features from an earlier layer:
//:    `swift run Chapter03ExtractFeatures --layer max_pooling2d --output output/early.hdf5`. Then
//:    `swift run Chapter03TrainModel --db output/early.hdf5 --model output/early-classifier.hdf5`. Are they better or
//:    worse on drawn shapes?
//: 3. How long would the 8,677 pictures of CALTECH-101 take at the speed of our recorded run on Flowers-17, and how
//:    long did the book's Titan X take?
//: 4. *Open.* What has a network learned if it has seen drawings only?
//:    `swift run Chapter03ExtractFeatures --dataset flowers17 --network small --output output/small.hdf5`, then
//:    `swift run Chapter03TrainModel --db output/small.hdf5 --model output/small-classifier.hdf5`.
//:
//: The answers are on [a page of their own](Answers.md#chapter-3-networks-as-feature-extractors).
