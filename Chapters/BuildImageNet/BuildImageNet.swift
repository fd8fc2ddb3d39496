//: # ImageNet into HDF5
//:
//: ImageNet set out to show a picture of every noun. Its makers took the nouns from WordNet, a dictionary that is
//: ordered by meaning, searched the web for each, and had people say whether the picture shows what was searched for:
//: fourteen million pictures of 22,000 nouns in the end. The yearly challenge, ILSVRC, takes a thousand of them. From
//: 2012 to 2014 it was where convolutional networks were believed in or not: AlexNet won the first year, GoogLeNet the
//: third; on 6.67 % of the pictures the right noun was not among its five best guesses. It is what the networks of this
//: package come from.
//:
//: | | images | size |
//: |---|---|---|
//: | CIFAR-10 | 60,000 | 32x32 |
//: | Tiny ImageNet | 120,000 | 64x64 |
//: | ImageNet (ILSVRC 2012) | 1,281,167 to train, 50,000 to validate | any: 500x375 is common |
//:
//: This chapter is `Chapter11BuildTinyImageNet` for pictures of any size and for more of them than memory holds. What
//: it hands on is the same: `train.hdf5`, `val.hdf5` and the means of the three colours.
//:
//: ## What has to be there
//:
//: ImageNet cannot be downloaded by a program: its pictures belong to those who took them, and researchers ask for
//: access at image-net.org. What they get is unpacked into
//:
//:     train/n01440764/n01440764_10026.JPEG      a folder for each class, named by its WordNet ID
//:     val/ILSVRC2012_val_00000001.JPEG          all classes in one folder
//:     ILSVRC2012_validation_ground_truth.txt    the classes of the latter, a line a file
//:
//: The list has a class a line, in the sorted order of the validation files: a WordNet ID, or a number counted from 1.
//: **Beware of the numbers**: the challenge's own list counts its classes in an order of its own, 1 being the kit fox,
//: which is neither sorted nor to be found in the folders. A network that is validated against the wrong order is right
//: once in a thousand times. So a list of numbers is only taken with a file `wnids.txt`, beside the list or in the folder
//: of the data set, which says what is counted, a WordNet ID a line; or with `--sorted-labels`, where the numbers count
//: the sorted folders of `train`.
//:
//: Many sort the validation pictures into folders by their classes, `val/n01440764/...JPEG`. That is told apart by
//: itself, and needs no list. Pictures may be PNG files too. Whatever else lies among them is passed over and counted,
//: but for what macOS and its like hide there.

import Chapter

@main
struct BuildImageNet: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "BuildImageNet",
        abstract: "Decodes ImageNet, or anything in its layout, into HDF5 files of 256x256 images.",
        discussion: """
            The folder must hold train/<wnid>/*.JPEG and either val/<wnid>/*.JPEG, or val/*.JPEG and a list of the \
            validation images' classes, one a line in the sorted order of the files: a WordNet ID, or a number counted \
            from 1 in wnids.txt beside it, or with --sorted-labels in the sorted folders of train. PNG files are taken too.
            """,
        version: PackageVersion.number)

    @Option(help: "The unpacked data set (default: ILSVRC2012).", transform: Path.argument)
    var data = ImageNetConfig().images

    @Option(
        name: .shortAndLong, help: "The folder for the HDF5 files and their means (default: output/imagenet).",
        transform: Path.argument)
    var output = ImageNetConfig().hdf5

    @Option(
        help: "The list of the validation images' classes (default: \(ImageNet.groundTruthName) in --data).",
        transform: Path.argument)
    var groundTruth: String?

    @Flag(help: "Numbers in that list count the sorted folders of train, not the lines of wnids.txt.")
    var sortedLabels = false

    @Option(help: "Only the first N classes, in the order of their WordNet IDs.")
    var classes: Int?

    @Option(help: "Threads that decode.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "The order of the images follows from it.")
    var seed: UInt64 = 42

    @Flag(help: "Replace files that are there.")
    var overwrite = false

    @Flag(help: "Leave out images that cannot be decoded, and count them.")
    var skipUnreadable = false

    func validate() throws {
        guard (1...1024).contains(jobs) else { throw ValidationError("--jobs must be from 1 to 1024, not \(jobs)") }
    }

    func run() throws {
        var config = ImageNetConfig()
        (config.images, config.hdf5) = (data, output)
        let files = [config.trainHDF5, config.valHDF5, config.datasetMean]
        try HDF5DatasetWriter.checkFree(files, overwrite: overwrite)
        try OutputFiles.claim(files, in: output)

        //: ## Who is in which set
        //:
        //: The validation set is the challenge's own; there is a test set too, but nobody outside knows its labels, and
        //: papers report what they reach on the 50,000. Both are put in random order, for training reads in long
        //: strides and must not meet one class after the other.

        info("reading the lists of \(data)...")
        let imageNet = try ImageNet(
            config.images, classes: classes, groundTruth: groundTruth, sortedLabels: sortedLabels)
        var passedOver = imageNet.passedOver
        let train = try imageNet.train(passingOver: &passedOver)
        if imageNet.isValidationSorted { info("the validation images lie in the folders of their classes") }
        if !passedOver.isEmpty { info("\(passedOver)") }
        var datasets = [
            ("train", shuffled(train, half: 0), config.trainHDF5),
            ("val", shuffled(imageNet.validation, half: 1), config.valHDF5),
        ]
        Interruption.listen()
        let listed = datasets.reduce(0) { $0 + $1.1.count }
        if skipUnreadable {
            for (index, (name, samples, _)) in datasets.enumerated() {
                datasets[index].1 = try readable(samples, of: name, side: config.storedSide)
            }
        }
        let skipped = listed - datasets.reduce(0) { $0 + $1.1.count }
        for (name, samples, _) in datasets where samples.isEmpty {
            throw DatasetError("\(data) leaves no images for the \(name) set")
        }
        let trained = Set(datasets[0].1.map(\.label))
        for (label, identifier) in imageNet.wordNetIDs.enumerated() where !trained.contains(label) {
            throw DatasetError("none of the training images of \(identifier) can be decoded")
        }
        info("\(counted(imageNet.wordNetIDs.count, "class")); labels count from \(imageNet.wordNetIDs[0]), which is 0")
        if let counting = imageNet.counting { info("the validation list's numbers count \(counting)") }

        //: ## One size for all
        //:
        //: A data set in HDF5 is an array, and an array has one shape. So the shorter side of every picture is scaled
        //: to 256 pixels, a little more than the 224 that the network sees, and of the longer one what lies outside the
        //: square in the middle is cut off: an eighth at each end of a picture of 4:3. Pictures that are smaller are
        //: scaled up. Training loses little by it, for it looks at parts of pictures anyway; but the ends of a picture
        //: are in none of these files, and the paper's test, which looks at them too, goes back to the JPEGs
        //: (`ImageNetAccuracy`).
        //:
        //: A square is 196,608 bytes, more than its JPEG: all of ImageNet takes 262 GB here, nearly twice what it took
        //: before. What that buys is that no epoch of the 250 has to decode a JPEG.
        //:
        //: ## Decode, add up, store
        //:
        //: Neither pictures nor squares are ever all in memory. A hundred or so at a time are decoded, by as many
        //: threads as there are processors; while they are being written, the next ones are decoded. What grows with
        //: the data set is the list of its files, some hundred bytes a picture.

        var means: ChannelMeans?
        var writers: [HDF5DatasetWriter] = []
        for (name, samples, path) in datasets {
            info("building \(path)...")
            let writer = try HDF5DatasetWriter(
                dims: [samples.count, config.storedSide, config.storedSide, 3], outputPath: path,
                bufferSize: Self.chunk, overwrite: overwrite)
            try writer.storeClassLabels(imageNet.wordNetIDs)
            var (red, green, blue) = (0.0, 0.0, 0.0)
            let bar = ProgressBar("images decoded for \(name)", total: samples.count)
            for start in stride(from: 0, to: samples.count, by: Self.chunk) {
                guard !Interruption.isRequested else {
                    throw DatasetError("interrupted: \(path) was not finished and is not there; build again")
                }
                let chunk = samples[start..<min(start + Self.chunk, samples.count)]
                var pixels: [UInt8] = []
                pixels.reserveCapacity(chunk.count * config.storedSide * config.storedSide * 3)
                for square in squares(chunk, side: config.storedSide, warn: { warn($0) }) {
                    let square = try square.get()
                    let mean = square.mean
                    (red, green, blue) = (red + mean.red, green + mean.green, blue + mean.blue)
                    pixels += square.pixels
                }
                try writer.add(pixels, labels: chunk.map(\.label))
                bar.update(start + chunk.count)
            }
            try writer.complete()
            writers.append(writer)
            if name == "train" {
                let count = Double(samples.count)
                means = ChannelMeans(
                    red: red / count, green: green / count, blue: blue / count, classNames: imageNet.wordNetIDs)
            }
        }

        //: ## The means, and the files into their places
        //:
        //: The means go first and come last, for without them nothing reads the others: pictures of two builds are never
        //: taken for one.

        FileSystem.remove(config.datasetMean)
        for writer in writers { try writer.close() }
        if let means {
            info("serializing means: R \(digits(means.red)), G \(digits(means.green)), B \(digits(means.blue))...")
            try means.write(to: config.datasetMean)
        }
        if skipped > 0 {
            info("\(counted(skipped, "image")) could not be decoded and \(skipped == 1 ? "was" : "were") left out")
        }
    }

    /// Images in memory at a time.
    private static let chunk = 128

    private func squares(
        _ samples: ArraySlice<ImageNet.Sample>, side: Int, warn: @Sendable (String) -> Void
    ) -> [Result<Image, any Error>] {
        samples.map(\.path).concurrentMap(jobs: jobs) {
            try Image(contentsOf: $0, warn: warn).square(.center, side: side)
        }
    }

    private func shuffled(_ samples: [ImageNet.Sample], half: Int) -> [ImageNet.Sample] {
        RandomStream(seed: seed, purpose: .shuffling, index: half).permutation(samples.count).map { samples[$0] }
    }

    /// Those that can be decoded: how many there are has to be known before a file of them is begun.
    private func readable(
        _ samples: [ImageNet.Sample], of name: String, side: Int
    ) throws -> [ImageNet.Sample] {
        var kept: [ImageNet.Sample] = []
        let bar = ProgressBar("images checked for \(name)", total: samples.count)
        for start in stride(from: 0, to: samples.count, by: Self.chunk) {
            guard !Interruption.isRequested else {
                throw DatasetError("interrupted while the images of \(name) were checked: nothing was built")
            }
            let chunk = samples[start..<min(start + Self.chunk, samples.count)]
            for (sample, square) in zip(chunk, squares(chunk, side: side, warn: { _ in })) {
                switch square {
                case .success: kept.append(sample)
                case .failure(let error): info("left out: \(error)")
                }
            }
            bar.update(start + chunk.count)
        }
        return kept
    }
}

//: ## What is worth knowing
//:
//: * A few files of ImageNet are not what their names say: one is a PNG, some twenty are made for printing, in cyan,
//:   magenta, yellow and black. They are decoded all the same, as the bytes say and not the name.
//: * Two runs with one seed write the same bytes, however many threads decode.
//: * A file gets its name when it is whole. A build that is interrupted leaves nothing that could pass for one.
//:
//: ## What to try next
//:
//: * `--classes 10`, the fish and the birds with which the list begins: 13,000 pictures, 2.6 GB.
//: * Whatever lies in folders by class is in this layout with a few links and a list: photographs of your own, or Tiny
//:   ImageNet, scaled up from 64x64. How much worse is a network that never saw what was between the pixels?
