//: # Chapter 11: Tiny ImageNet into HDF5
//:
//: Tiny ImageNet is ImageNet for a lecture: 200 classes with 500 training images each, all of 64x64 pixels. It comes as
//: 120,000 small JPEGs, and a network that opened 64 files in every step would wait for the disk. So this program
//: decodes all images once, into three HDF5 files, which training reads sequentially.
//:
//: @figure 11.8
//:
//: This chapter mirrors the book's `build_tiny_imagenet.py`. It writes `train.hdf5`, `val.hdf5`, `test.hdf5` and the
//: means of the three colors, which every later chapter subtracts.
//:
//: > **What you need to know**: nothing of earlier chapters. You need [Tiny
//: > ImageNet](http://cs231n.stanford.edu/tiny-imagenet-200.zip), unzipped.
//: >
//: > **How long it takes**: about a second and a half for 11,000 pictures on two cores, at 8,000 pictures a second (our
//: > own measurement, with other pictures of the same size). So all 120,000 take about a quarter of a minute, if the
//: > disk keeps up.
//: >
//: > **What you will have**: three HDF5 files with training, validation and test images, and the means of the three
//: > colors.

import Chapter

//: The book stores pixels as 64-bit floats, 8.8 GB for the training set. They were bytes in the JPEGs, and nothing has
//: been computed with them since. So storing bytes loses nothing, takes 1.1 GB, and is read eight times faster.
//: `--dtype float64` writes the book's files.

@main
struct Chapter11BuildTinyImageNet: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter11BuildTinyImageNet",
        abstract: "Decodes Tiny ImageNet into HDF5 files (the book's build_tiny_imagenet.py).",
        discussion: """
            The data set is http://cs231n.stanford.edu/tiny-imagenet-200.zip, unzipped. Images are stored as red, green, \
            blue; the book's own files hold blue first.
            """,
        version: PackageVersion.number)

    @Option(
        help: FlagHelp.data("Tiny ImageNet, unpacked", default: TinyImageNetConfig().images), transform: Path.argument)
    var data = TinyImageNetConfig().images

    @Option(
        name: .shortAndLong, help: FlagHelp.output(default: TinyImageNetConfig().hdf5),
        transform: Path.argument)
    var output = TinyImageNetConfig().hdf5

    @Option(help: FlagHelp.classes(order: "in the order of wnids.txt"), allowing: .count)
    var classes: Int?

    @Option(help: "How pixels are stored: uint8, float32 or float64.")
    var dtype = PixelType.uint8

    @OptionGroup var build: BuildOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        var config = TinyImageNetConfig()
        (config.images, config.hdf5) = (data, output)
        try build.claim([config.trainHDF5, config.valHDF5, config.testHDF5, config.datasetMean], in: output)

        //: ## Training, validation and test sets
        //:
        //: The class of a training image is the name of its folder. (In the book's text the training images are in the
        //: folder of their class; its code, rightly, looks one folder further down, in `images`. Both are read.) The
        //: validation images are in one folder, in no order; only `val_annotations.txt` gives their classes. Loaders
        //: that forget this file validate at chance level, 0.5 %. Some people sort the validation images into folders
        //: by their classes; the program recognizes this.
        //:
        //: The official test images have no labels. So, as in the book, a tenth of the training images, the same number
        //: from every class, becomes the test set. The seed decides which, and shuffles all of them.

        info("reading the lists of \(data)...")
        let dataset = try TinyImageNet(config.images, classes: classes)
        if dataset.isValidationSorted { info("the validation images lie in the folders of their classes") }
        if !dataset.passedOver.isEmpty { info("\(dataset.passedOver)") }
        let (trainRows, testRows) = trainTestSplit(
            labels: dataset.train.map(\.label), testShare: config.testShare, seed: build.seed)

        //: ## Decode, add up, store
        //:
        //: Each image is decoded as by `cv2.imread`, but with its colors in the order red, green, blue. (The book's
        //: images have OpenCV's order blue, green, red, which its `MeanPreprocessor` expects.) The mean of each color
        //: is taken over the training set alone: nothing about the other two sets may leak into training.
        //:
        //: All files are replaced together, or none: a training set of this split beside a test set of the last one
        //: would share images. The file of means is deleted first and written last; training refuses to start without
        //: it, so a half-finished build is never used.

        let training = PictureDataset(dataset.train, classNames: dataset.wordNetIDs)
        var builder = build.builder(side: config.side, classNames: dataset.wordNetIDs, source: data, type: dtype)
        builder.add("train", training.gathered(rows: trainRows), to: config.trainHDF5)
        builder.add(
            "val", PictureDataset(dataset.validation, classNames: dataset.wordNetIDs), to: config.valHDF5)
        builder.add("test", training.gathered(rows: testRows), to: config.testHDF5)
        try builder.build(means: config.datasetMean)
    }
}

//: ## What is different here, and why
//:
//: * The original has its paths in a config module. Here that is `TinyImageNetConfig`, and flags override it.
//: * It decodes one image after the other. Here several threads decode, and the order in the file still depends on the
//:   seed alone. Two runs with the same seed write the same bytes.
//: * It draws the test set with scikit-learn's `random_state=42`. Ours is another draw of the same kind, so the means
//:   differ from those of the README (R 122.41, G 114.18, B 101.29) in the second decimal place.
//: * A file gets its name only when it is complete. A build that is interrupted leaves nothing that could be mistaken
//:   for a data set.
//:
//: ## Exercises
//:
//: (`Chapter11BuildTinyImageNet` replaces no files. To repeat its commands, add `--overwrite`.)
//:
//: 1. How many bytes do the pixels of `train.hdf5` take, with `--dtype uint8` and with `--dtype float64`? Check with
//:    `swift run Chapter11BuildTinyImageNet --data tiny-imagenet-200` and `ls -l output/hdf5`.
//: 2. How many images does each set have after
//:    `swift run Chapter11BuildTinyImageNet --data tiny-imagenet-200 --classes 20 --overwrite`?
//: 3. Which accuracy does a network reach on the validation images if their labels are shuffled? And with 20 classes?
//:    What would you see in the curves of `swift run Chapter11Train`?
//: 4. *Open.* How much longer do this program and an epoch of training take with
//:    `swift run Chapter11BuildTinyImageNet --data tiny-imagenet-200 --dtype float64 --output output/float64`?
//:
//: The answers are on [a page of their own](Answers.md#chapter-11-tiny-imagenet-into-hdf5).
