//: # 144 looks at a picture
//:
//: GoogLeNet won with 6.67 %, and a single GoogLeNet that looks at each picture once is wrong, in its five best
//: guesses, on 10.07 %. Between the two numbers lie six more networks and 143 more looks:
//:
//: | networks | crops | wrong in five guesses |
//: |---|---|---|
//: | 1 | 1 | 10.07 % |
//: | 1 | 10 | 9.15 % |
//: | 1 | 144 | 7.89 % |
//: | 7 | 1 | 8.09 % |
//: | 7 | 10 | 7.62 % |
//: | 7 | 144 | 6.67 % |
//:
//: (Table 3 of the paper.) A network that sees a part of a picture says what is in that part; averaged over many parts,
//: the accidents of each are lost and what they have in common remains. It costs nothing but time, 144 times as much of
//: it, which is why nobody does it outside a challenge.

import Chapter

@main
struct ImageNetAccuracy: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "ImageNetAccuracy",
        abstract: "Top-1 and top-5 accuracy on ImageNet's validation set, at 1, 10 or the paper's 144 crops.",
        discussion:
            "It reads the validation JPEGs themselves: the paper's crops need more than the squares in val.hdf5.",
        version: PackageVersion.number)

    @Option(
        name: .shortAndLong,
        help: "The model file, as TrainImageNet wrote it (default: output/inception_v1_imagenet.hdf5).",
        transform: Path.argument)
    var model = ImageNetConfig().model

    @Option(help: "The unpacked data set, as for BuildImageNet (default: ILSVRC2012).", transform: Path.argument)
    var data = ImageNetConfig().images

    @Option(
        help: "The list of the validation images' classes (default: \(ImageNet.groundTruthName) in --data).",
        transform: Path.argument)
    var groundTruth: String?

    @Flag(help: "Numbers in that list count the sorted folders of train, not the lines of wnids.txt.")
    var sortedLabels = false

    @Option(
        help: "The folder of the means, as BuildImageNet wrote it (default: output/imagenet).",
        transform: Path.argument)
    var hdf5 = ImageNetConfig().hdf5

    @Option(help: "Views of an image whose predictions are averaged: 1, 10 or 144.", allowing: .oneOf(1, 10, 144))
    var crops = 1

    @Option(help: "Only the first N classes, as they were built.", allowing: .count)
    var classes: Int?

    @Option(help: "Predict the first N validation images only.", allowing: .count)
    var limit: Int?

    @Option(help: "Views that are predicted together.", allowing: .from(1, to: 1024))
    var batchSize = 48

    @Flag(help: "Leave out images that cannot be decoded, and count the others.")
    var skipUnreadable = false

    @OptionGroup var compute: ComputeOptions

    func run() throws {
        var config = ImageNetConfig()
        (config.images, config.hdf5) = (data, hdf5)

        //: ## The network, without its heads
        //:
        //: The auxiliary heads were there to train it. A network that was never given any takes its weights, by the
        //: names of its layers, from the file of the one that was; how that one was normalised is in the file too.

        info("loading \(model)...")
        let trained = try Model.load(model, backend: compute.backend)
        func has(_ layer: String) -> Bool { trained.layer(named: layer) != nil }
        guard let output = trained.layer(named: "output"), output.className == Dense.className else {
            throw ModelFileError(
                "\(model) holds another network than Inception v1: it has no dense layer named \"output\"")
        }
        let outputs = output.outputShape.count
        let inception = InceptionV1.build(
            width: config.side, height: config.side, depth: 3, classes: outputs, auxiliaryHeads: false,
            localResponseNormalization: has("norm_1"), batchNormalization: has("conv_1_7x7_2_bn"))
        try inception.move(to: compute.backend)
        try inception.loadWeights(model, byName: true)

        //: ## The pictures, whole
        //:
        //: The squares that training saw have lost the ends of the pictures, which some of the paper's crops show. So
        //: the validation JPEGs are read themselves.

        let means = try ChannelMeans(contentsOf: config.datasetMean, builder: "BuildImageNet")
        let imageNet = try ImageNet(
            config.images, classes: classes, groundTruth: groundTruth, sortedLabels: sortedLabels)
        if let counting = imageNet.counting { info("the validation list's numbers count \(counting)") }
        if !imageNet.passedOver.isEmpty { info("\(imageNet.passedOver)") }
        guard outputs == imageNet.wordNetIDs.count else {
            throw ModelFileError(
                "\(model) tells \(counted(outputs, "class")) apart, not "
                    + "\(imageNet.wordNetIDs.count): it was trained on another data set than \(data), or on another "
                    + "number of --classes")
        }
        let advice = "the model was trained on other classes than those of \(data)"
        try checkSameClasses(trained.classNames, of: model, imageNet.wordNetIDs, of: data, advice: advice)
        try means.check(config.datasetMean, belongsTo: data, of: imageNet.wordNetIDs)
        guard
            trained.classNames != nil || trained.trainingSettings.isEmpty
                || trained.trainingSettings["class_names"] == md5(ofNames: imageNet.wordNetIDs)
        else {
            throw ModelFileError("\(model): \(advice)")
        }
        let samples = imageNet.validation.prefix(limit ?? imageNet.validation.count)
        guard !samples.isEmpty else { throw DatasetError("\(data) has no validation images of these classes") }

        //: ## The paper's crops
        //:
        //: The picture is scaled to four sizes, its shorter side 256, 288, 320 and 352 pixels; of each size three
        //: squares are taken, left, centre and right (of a portrait top, centre and bottom); of each square the four
        //: corners and the centre at 224x224, and the whole square scaled to that; and the mirror images of all six: 4
        //: x 3 x 6 x 2 = 144.
        //:
        //: @source Sources/PyImageSearch/Preprocessing/TestTimeCrops.swift

        let views: TestTimeCrops =
            switch crops {
            case 1: .center(side: config.side)
            case 10: .ten(side: config.side)
            default: .paper(side: config.side)
            }

        //: ## Predict, average, count
        //:
        //: What is averaged are probabilities, after the softmax. The paper tried the maximum too, and found the
        //: mean better. Of a few pictures at a time all views are predicted; nothing is kept of them but whether they
        //: were right.

        info("predicting \(counted(samples.count, "validation image")), crops of each: \(views.count)...")
        var (right1, right5, predicted) = (0.0, 0.0, 0)
        Interruption.listen()
        let bar = ProgressBar("images predicted", total: samples.count)
        let chunk = max(1, batchSize / views.count)
        for start in stride(from: 0, to: samples.count, by: chunk) {
            if Interruption.isRequested { break }
            var part = Array(samples[start..<min(start + chunk, samples.count)])
            let decoded = part.concurrentMap(jobs: compute.threads) { views.crops(of: try Image(contentsOf: $0.path)) }
            var images: [[Image]] = []
            part = try zip(part, decoded).compactMap { sample, crops in
                do { images.append(try crops.get()) } catch  where skipUnreadable {
                    info("left out: \(error)")
                    return nil
                }
                return sample
            }
            guard !part.isEmpty else { continue }
            let probabilities = try inception.predict(
                views: images, preprocessor: means.preprocessor, batchSize: batchSize)
            let (top1, top5) = rank5Accuracy(predictions: probabilities, labels: part.map(\.label))
            right1 += top1 * Double(part.count)
            right5 += top5 * Double(part.count)
            predicted += part.count
            bar.update(min(start + chunk, samples.count))
        }
        guard predicted > 0 else { throw DatasetError("no validation image was predicted") }
        if predicted < samples.count { info("of \(predicted) of the \(samples.count) images:") }
        info("top-1: \(percent(right1, of: predicted))")
        info("top-5: \(percent(right5, of: predicted))")
    }

    private func percent(_ right: Double, of count: Int) -> String {
        String(format: "%.2f%%", 100 * right / Double(count))
    }
}

//: ## What is different here, and why
//:
//: * The paper scales a picture and then cuts squares out of it. Here a square is cut out first and scaled then: the
//:   same pictures but for the rounding of their borders, and of a very long picture only what is looked at is scaled.
//: * It does not say between which pixels it interpolates. Here pictures are made smaller by averaging over what a new
//:   pixel covers, and larger in straight lines.
//:
//: ## What to try next
//:
//: * Which of the 144 are worth their time? The paper notes that with enough crops further ones bring little: average
//:   over the first scale alone, or without the mirror images, and see what is lost.
