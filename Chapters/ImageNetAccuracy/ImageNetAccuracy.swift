//: # 144 looks at a picture
//:
//: GoogLeNet won with an error of 6.67 %. A single GoogLeNet that sees one crop of each picture has the right class
//: outside its five best guesses on 10.07 %. The difference is six more networks and 143 more crops:
//:
//: @table imagenet-crops
//:
//: (This is from table 3 of the paper.) A prediction from one crop depends on that crop. The average over many crops
//: depends much less on any single crop. It takes 144 times as long, so it is rarely done outside a challenge.
//:
//: > **What you need to know**: a trained model of [Inception v1 on ImageNet](TrainImageNet.md), and what [ten
//: > crops](Chapter10CropAccuracy.md) are.
//: >
//: > **How long it takes**: about seven seconds for 40 pictures with ten crops on two cores (measured with Inception
//: > v1). At that speed, 60 crops a second, the 50,000 validation pictures take a quarter of an hour with one crop, and
//: > 33 hours with 144.
//: >
//: > **What you will have**: top-1 and top-5 accuracy of a network, with 1, 10 or 144 views of each picture.

import Chapter

@main
struct ImageNetAccuracy: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "ImageNetAccuracy",
        abstract: "Top-1 and top-5 accuracy on ImageNet's validation set, at 1, 10 or the paper's 144 crops.",
        discussion:
            "It reads the validation JPEGs themselves: the paper's crops need more than the squares in val.hdf5.",
        version: PackageVersion.number)

    static let builder: String? = "BuildImageNet"

    @Option(
        name: .shortAndLong,
        help: "The model file, as TrainImageNet wrote it (default: output/inception_v1_imagenet.hdf5).",
        transform: Path.argument)
    var model = "output/inception_v1_imagenet.hdf5"

    @OptionGroup var data: ImageNetOptions

    @Option(
        help: "The folder of the means, as BuildImageNet wrote it (default: output/imagenet).",
        transform: Path.argument)
    var hdf5 = ImageNetConfig().hdf5

    @Option(help: "Views of an image whose predictions are averaged: 1, 10 or 144.", allowing: .oneOf(1, 10, 144))
    var crops = 1

    @Option(help: FlagHelp.limit, allowing: .count)
    var limit: Int?

    @Option(help: FlagHelp.batchSize(), allowing: .from(1, to: 1024))
    var batchSize = 48

    @Flag(help: FlagHelp.skipUnreadable)
    var skipUnreadable = false

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        let config = ImageNetConfig(hdf5: hdf5)

        //: ## The network, without its heads
        //:
        //: The auxiliary heads were needed for training only. A model from the input to the first output leaves them out.
        //: The file can hold any network of `TrainImageNet`: the size of its input is the size of the crops.

        info("loading \(model)...")
        let trained = try Model.load(model, backend: compute.backend)
        let input = trained.inputs[0].shape
        guard trained.inputs.count == 1, input.rank == 3, input[0] == input[1], input[2] == 3 else {
            throw ModelFileError("\(model) holds a network that does not take square pictures of three colors")
        }
        guard trained.outputs[0].shape.rank == 1 else {
            throw ModelFileError(
                "\(model) gives \(trained.outputs[0].shape) for a picture, not a list of probabilities")
        }
        let (side, network) = (input[0], Model(inputs: trained.inputs, outputs: [trained.outputs[0]]))
        try network.move(to: compute.backend)

        //: ## The pictures, whole
        //:
        //: The squares that training saw lack the ends of the pictures, which some of the paper's crops show. So this
        //: program reads the validation JPEGs themselves.

        let means = try ChannelMeans(contentsOf: config.datasetMean)
        let imageNet = try data.imageNet()
        if let counting = imageNet.counting { info("the validation list's numbers count \(counting)") }
        if !imageNet.passedOver.isEmpty { info("\(imageNet.passedOver)") }
        let classes = imageNet.wordNetIDs
        try trained.check(model, tellsApart: classes.count, named: classes, of: data.folder)
        try means.check(belongsTo: data.folder, of: classes)
        let samples = imageNet.validation.prefix(limit ?? imageNet.validation.count)
        guard !samples.isEmpty else { throw DatasetError("\(data.folder) has no validation images of these classes") }

        //: ## The paper's crops
        //:
        //: The picture is scaled to four sizes, with a shorter side of 256, 288, 320 and 352 pixels. Three squares are
        //: taken of each size: left, center and right, or top, center and bottom of a portrait. Of each square come the
        //: four corners and the center at 224x224 pixels, and the whole square scaled to that size; then the mirror
        //: images of all six. That makes 4 x 3 x 6 x 2 = 144 crops. For a network of 299x299 pixels all sizes grow alike: 341,
        //: 384, 427 and 469 pixels.
        //:
        //: @source Sources/PyImageSearch/Preprocessing/TestTimeCrops.swift

        let views: TestTimeCrops =
            switch crops {
            case 1: .center(side: side)
            case 10: .ten(side: side)
            default: .paper(side: side)
            }

        //: ## Predict, average, count
        //:
        //: The program averages probabilities, after the softmax. The paper also tried the maximum, and found the mean
        //: better. Few pictures are in memory at a time, with all their crops; only their mean probabilities are kept.
        //: After Ctrl+C the program reports on the pictures that it has predicted so far.

        info("predicting \(counted(samples.count, "validation image")), crops of each: \(views.count)...")
        Interruption.listen()
        func leaveOut(_ error: any Error) { info("left out: \(error)") }
        let images = DecodedImages(samples, jobs: compute.threads, leavingOut: skipUnreadable ? leaveOut : nil)
        let (predictions, labels) = try network.predict(
            views: views, of: images.lazy.prefix { _ in !Interruption.isRequested }, count: samples.count,
            preprocessor: means.preprocessor, batchSize: batchSize, verbose: true)
        guard !labels.isEmpty else { throw DatasetError("no validation image was predicted") }
        let (top1, top5) = rank5Accuracy(predictions: predictions, labels: labels)
        if labels.count < samples.count { info("of \(labels.count) of the \(samples.count) images:") }
        info("top-1: \(percent(top1))")
        info("top-5: \(percent(top5))")
    }
}

//: ## What is different here, and why
//:
//: * The paper scales a picture and then cuts squares out of it. Here a square is cut out first and then scaled: the
//:   pictures are the same except for the rounding of their borders, and the unused part of a long picture is never
//:   scaled.
//: * The paper does not say how it interpolates. Here pictures are scaled down by averaging over the area of each new
//:   pixel, and scaled up by linear interpolation.
//:
//: ## Exercises
//:
//: 1. Where do 144 crops come from, and how many remain with one scale, without mirror images, or with the squares'
//:    centers alone?
//: 2. How much do the first nine additional crops of a single network gain in the paper, and how much the 134 after
//:    them? Use the table above.
//: 3. A picture of 1,000x600 pixels is scaled until its shorter side is 256. How wide is it then, and which columns do
//:    the left, the center and the right square cover?
//: 4. *Open.* Which of the 144 crops are worth their time? `swift run ImageNetAccuracy --crops 144`; then take the
//:    first scale alone, or leave out the mirror images, in `Sources/PyImageSearch/Preprocessing/TestTimeCrops.swift`.
//:
//: The answers are on [a page of their own](Answers.md#144-looks-at-a-picture).
