//: # ImageNet into HDF5
//:
//: ImageNet set out to show a picture of every noun. Its makers took the nouns from WordNet, a dictionary that is
//: ordered by meaning, searched the web for each, and had people check whether the picture shows what was searched for.
//: The result is fourteen million pictures of 22,000 nouns. The yearly challenge, ILSVRC, uses a thousand of them. From
//: 2012 to 2014 it was the contest that convinced the field of convolutional networks. AlexNet won in the first of
//: these years and GoogLeNet in the third: on only 6.67 % of the pictures, the right noun was not among its five best
//: guesses.
//:
//: | | images | size |
//: |---|---|---|
//: | CIFAR-10 | 60,000 | 32x32 |
//: | Tiny ImageNet | 120,000 | 64x64 |
//: | ImageNet (ILSVRC 2012) | 1,281,167 to train, 50,000 to validate | any: 500x375 is common |
//:
//: This chapter is `Chapter11BuildTinyImageNet` for pictures of any size, and for more of them than fit into memory. It
//: writes the same files: `train.hdf5`, `val.hdf5` and the means of the three colors.
//:
//: > **What you need to know**: why images are stored in one file, from [Tiny ImageNet into
//: > HDF5](Chapter11BuildTinyImageNet.md). You need ImageNet, or pictures in its layout.
//: >
//: > **How long it takes**: about a second for 280 small photographs on two cores (our own test). We have not built all
//: > of ImageNet.
//: >
//: > **What you will have**: HDF5 files with squares of 256x256 pixels, and the means of the three colors.
//:
//: ## The files it needs
//:
//: A program cannot download ImageNet: its pictures belong to those who took them, and researchers ask for access at
//: image-net.org. Unpacked, the data set has these files:
//:
//:     train/n01440764/n01440764_10026.JPEG      a folder for each class, named by its WordNet ID
//:     val/ILSVRC2012_val_00000001.JPEG          all classes in one folder
//:     ILSVRC2012_validation_ground_truth.txt    the classes of these images, one per line
//:
//: The list has one class per line, in the sorted order of the validation files. It takes one of three forms:
//:
//: | the list holds | what is needed |
//: |---|---|
//: | WordNet IDs | nothing |
//: | numbers from 1 that count in an order of their own | `wnids.txt`, which gives that order |
//: | numbers from 1 that count the sorted folders of `train` | `--sorted-labels` |
//:
//: The file `wnids.txt` has one WordNet ID per line. It is beside the list or in the folder of the data set.
//:
//: **Beware of the numbers.** The challenge's own list counts its classes in an order of its own, where 1 is the kit
//: fox. This order is not sorted, and the folders do not show it. A network that is validated against the wrong order
//: is right once in a thousand times. So the program refuses a list of numbers without `wnids.txt` or
//: `--sorted-labels`.
//:
//: Many people sort the validation pictures into folders by their classes, `val/n01440764/...JPEG`. The program
//: recognizes this, and needs no list. Pictures may also be PNG files. Other files are ignored and counted.

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

    @OptionGroup var data: ImageNetOptions

    @Option(
        name: .shortAndLong, help: FlagHelp.output(default: ImageNetConfig().hdf5),
        transform: Path.argument)
    var output = ImageNetConfig().hdf5

    @OptionGroup var build: BuildOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        let config = ImageNetConfig(hdf5: output)
        try build.claim([config.trainHDF5, config.valHDF5, config.datasetMean], in: output)

        //: ## Training and validation sets
        //:
        //: The validation set is the challenge's own. There is also a test set, but its labels are secret, and papers
        //: report their results on the 50,000 validation images. Both sets are shuffled, because training reads them
        //: sequentially and must not meet one class after the other.

        info("reading the lists of \(data.folder)...")
        let imageNet = try data.imageNet()
        var passedOver = imageNet.passedOver
        let train = try imageNet.train(passingOver: &passedOver)
        if imageNet.isValidationSorted { info("the validation images lie in the folders of their classes") }
        if !passedOver.isEmpty { info("\(passedOver)") }
        info("\(counted(imageNet.wordNetIDs.count, "class")); labels count from \(imageNet.wordNetIDs[0]), which is 0")
        if let counting = imageNet.counting { info("the validation list's numbers count \(counting)") }

        //: ## One size for all
        //:
        //: A data set in HDF5 is an array, and an array has one shape. So the shorter side of every picture is scaled
        //: to 256 pixels, a little more than the 224 that the network sees. Of the longer side, only the central square
        //: is kept: a picture of 4:3 loses an eighth at each end. Smaller pictures are scaled up. Training loses little
        //: by this, because it uses random crops anyway. But the ends of the pictures are missing from these files, and
        //: the paper's test uses them too; so `ImageNetAccuracy` goes back to the JPEGs.
        //:
        //: A square is 196,608 bytes, more than its JPEG: all of ImageNet takes 262 GB here, nearly twice as much as
        //: before. In return, none of the 250 epochs has to decode a JPEG.
        //:
        //: ## Decode, add up, store
        //:
        //: Memory never holds all pictures, or all squares. About a hundred at a time are decoded, by as many threads
        //: as there are processors; while they are written, the next ones are decoded. Only the list of files grows
        //: with the data set, by about a hundred bytes per picture.
        //:
        //: The file of means is deleted first and written last; training refuses to start without it, so a
        //: half-finished build is never used.

        func shuffled(_ samples: [ImageNet.Sample], half: Int) -> PictureDataset {
            let random = RandomStream(seed: build.seed, purpose: .shuffling, index: half)
            return PictureDataset(
                random.permutation(samples.count).map { samples[$0] }, classNames: imageNet.wordNetIDs)
        }
        var builder = build.builder(
            side: config.storedSide, classNames: imageNet.wordNetIDs, source: data.folder)
        builder.add("train", shuffled(train, half: 0), to: config.trainHDF5)
        builder.add("val", shuffled(imageNet.validation, half: 1), to: config.valHDF5)
        try builder.build(means: config.datasetMean) { $0.square(.center, side: config.storedSide) }
    }
}

//: ## Good to know
//:
//: * A few files of ImageNet are not what their names say: one is a PNG, and about twenty are made for printing, in
//:   cyan, magenta, yellow and black. They are decoded by their contents, not by their names.
//: * Two runs with the same seed write the same bytes, however many threads decode.
//: * A file gets its name only when it is complete. A build that is interrupted leaves nothing that could be mistaken
//:   for a data set.
//:
//: ## Exercises
//:
//: (`BuildImageNet` replaces no files. To repeat its commands, add `--overwrite`.)
//:
//: 1. How many bytes do the squares of all 1,281,167 + 50,000 pictures take, and those of ten classes (13,000
//:    pictures)?
//: 2. Which part of a picture of 500x375 pixels does the central square leave out?
//: 3. A network is validated against labels in the wrong order. Which top-1 and top-5 accuracy would
//:    `swift run ImageNetAccuracy` report with 1,000 classes?
//: 4. *Open.* Bring pictures of your own into the layout (one folder for each class in `train` and in `val`), and run
//:    `swift run BuildImageNet --data my-pictures --output output/mine`. How do you choose which pictures validate?
//: 5. *Open.* How much worse is a network that was trained on pictures without fine detail? Build Tiny ImageNet's
//:    pictures and those of the same classes of ImageNet (`swift run BuildImageNet --classes 10`), and train on both.
//:
//: The answers are on [a page of their own](Answers.md#imagenet-into-hdf5).
