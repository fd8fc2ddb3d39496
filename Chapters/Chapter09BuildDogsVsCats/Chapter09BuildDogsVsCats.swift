//: # Chapter 9: Data sets that do not fit into memory
//:
//: Kaggle's competition Dogs vs. Cats has 25,000 photographs of all sizes. As JPEGs they take 600 MB, as squares of
//: 256x256 pixels 4.9 GB, and as the 64-bit floats of the book's files 39 GB. A training program that opened 128 small
//: files in every step would wait for the disk most of the time. In one large file the images of a step are stored side
//: by side, and are read at once.
//:
//: This chapter mirrors the book's `build_dogs_vs_cats.py`. It writes `train.hdf5`, `val.hdf5`, `test.hdf5` and the
//: means of the three colors, which chapter 10 subtracts.
//:
//: > **What you need to know**: nothing of earlier chapters.
//: >
//: > **How long it takes**: about three seconds for 400 drawn pictures on two cores. The table below gives the sizes
//: > for the photographs.
//: >
//: > **What you will have**: three HDF5 files with drawn pictures of two kinds, or with cats and dogs.

import Chapter

//: An HDF5 file works like a folder: its arrays have names, shapes and types, and any rows of an array can be read
//: without the others. Keras stores models in HDF5 files; Python reads them with h5py, and MATLAB opens them too.

@main
struct Chapter09BuildDogsVsCats: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter09BuildDogsVsCats",
        abstract: "Decodes Dogs vs. Cats into HDF5 files of 256x256 images (the book's build_dogs_vs_cats.py).",
        discussion: """
            Without flags it draws pictures of two kinds. The photographs are --dataset dogs-vs-cats, or a folder that holds \
            cat.0.jpg, dog.0.jpg and so on. Images are stored as red, green, blue; the book's own files hold blue first.
            """,
        version: PackageVersion.number)

    @OptionGroup var source: PictureOptions

    @Option(name: .shortAndLong, help: FlagHelp.output(default: DogsVsCatsConfig().hdf5), transform: Path.argument)
    var output = DogsVsCatsConfig().hdf5

    @Option(help: "How pixels are stored: uint8, float32 or float64.")
    var dtype = PixelType.uint8

    @OptionGroup var build: BuildOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        let config = DogsVsCatsConfig(hdf5: output)
        try build.claim([config.trainHDF5, config.valHDF5, config.testHDF5, config.datasetMean], in: output)

        //: ## Training, validation and test sets
        //:
        //: The class is the first part of a picture's name: `cat.0.jpg`. (The original takes the third part of the path,
        //: which is the name only if the data are in the right folder.)
        //:
        //: The competition's own test pictures have no labels. So a tenth of the training pictures becomes the test
        //: set, and another tenth the validation set. Both draws are *stratified*: each set has as many cats as dogs.
        //: They follow scikit-learn's rule and NumPy's generator, so scikit-learn would divide 25,000 pictures in this
        //: order into the same sets.

        info("reading the list of \(source.origin)...")
        let pictures = try source.list(
            drawn: config.drawnPictures, kinds: config.drawnKinds, side: config.storedSide, seed: build.seed)
        let labels = pictures.labels
        let heldOut = Int((Double(pictures.count) * config.heldOutShare).rounded())
        guard heldOut >= pictures.classNames.count else {
            throw DatasetError(
                "\(source.origin) has \(pictures.count) pictures of \(pictures.classNames.count) classes; a tenth of them, "
                    + "\(heldOut), must have some of each: add pictures")
        }
        let state = UInt32(truncatingIfNeeded: build.seed)
        let (rest, testRows) = try trainTestSplit(
            pictures.count, testSize: .count(heldOut), randomState: state, stratify: labels)
        let (train, val) = try trainTestSplit(
            rest.count, testSize: .count(heldOut), randomState: state, stratify: rest.map { labels[$0] })

        //: ## Decode, add up, store
        //:
        //: The shorter side of a picture is scaled to 256 pixels, and the longer one is cut at both ends: 256 is a little
        //: more than the network's 227, so that training can cut out a random part. The mean of each color is taken over the
        //: training pictures alone.
        //:
        //: @source Sources/PyImageSearch/Preprocessing/AspectAwarePreprocessor.swift AspectAwarePreprocessor.preprocess
        //:
        //: All files are replaced together, or none. The file of means is deleted first and written last; training refuses
        //: to start without it.

        let aap = AspectAwarePreprocessor(width: config.storedSide, height: config.storedSide)
        var builder = build.builder(
            side: config.storedSide, classNames: pictures.classNames, source: source.origin, type: dtype)
        builder.add("train", pictures.gathered(rows: train.map { rest[$0] }), to: config.trainHDF5)
        builder.add("val", pictures.gathered(rows: val.map { rest[$0] }), to: config.valHDF5)
        builder.add("test", pictures.gathered(rows: testRows), to: config.testHDF5)
        try builder.build(means: config.datasetMean) { try aap.preprocess($0) }
    }
}

//: ## How large, how fast
//:
//: | `train.hdf5`, 20,000 images | bytes |
//: |---|---|
//: | the book's, `float64` | 31,457,442,144 |
//: | here, `uint8` | 3,932,326,176 |
//:
//: Bytes lose nothing against floats: the pixels were bytes in the JPEGs. `--compression gzip` makes the files of
//: photographs about a quarter smaller. That is little, because decoded photographs are noisy. The build then takes ten
//: times as long, because one thread compresses. (Both numbers are our own measurement, without a record.)
//: `--chunk-rows N` sets how many images a compressed block holds. A block can only be read whole, so a network that
//: reads in random order wants blocks of one image.
//:
//: ## What is different here, and why
//:
//: * Pixels are bytes. `--dtype float64` writes the book's files.
//: * Several threads decode. The order in the files depends on the seed alone, and two runs write the same bytes.
//: * The original has its paths in a config module. Here that is `DogsVsCatsConfig`, and flags override it.
//:
//: ## Exercises
//:
//: (`Chapter09BuildDogsVsCats` replaces no files. To repeat its commands, add `--overwrite`.)
//:
//: 1. How many bytes do the pixels of 20,000 images of 256x256 take, as bytes and as 64-bit floats? Compare with the
//:    table above.
//: 2. Build the drawn data set twice, with one thread and with two, and compare the files:
//:    `swift run Chapter09BuildDogsVsCats --output output/a`, then `--jobs 1 --output output/b`, then
//:    `cmp output/a/train.hdf5 output/b/train.hdf5`.
//: 3. How much does compression save? `swift run Chapter09BuildDogsVsCats --compression gzip --output output/gzip`,
//:    then compare the sizes of the files. Why is the saving smaller than a quarter here?
//: 4. *Open.* How much of the 39 GB is left with `--compression gzip --dtype float64` on the photographs?
//:
//:        swift run Chapter09BuildDogsVsCats --dataset dogs-vs-cats \
//:            --compression gzip --dtype float64 --output output/gzip64
//:
//: The answers are on [a page of their own](Answers.md#chapter-9-data-sets-that-do-not-fit-into-memory).
