//: # Chapter 2: What augmentation does to a picture
//:
//: A network that always sees the same pictures learns them by heart. *Augmentation* shows it each picture a little
//: different every time: turned, shifted, sheared, zoomed, mirrored. The class stays the same. So the network has to
//: learn what the class looks like, and not where in the picture it happened to be.
//:
//: @figure 2.1
//:
//: This chapter mirrors the book's `augmentation_demo.py`. It takes one picture and writes ten that are made from it.
//:
//: > **What you need to know**: that a picture is an array of numbers: height, width and three colors.
//: >
//: > **How long it takes**: about a second.
//: >
//: > **What you will have**: ten changed copies of one picture, and a montage of them.

import Chapter

@main
struct Chapter02AugmentationDemo: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter02AugmentationDemo",
        abstract: "Ten random changes of a picture, and a montage of them (the book's augmentation_demo.py).",
        discussion: "Without --image it takes a picture of --dataset, or draws one.",
        version: PackageVersion.number)

    @Option(name: .shortAndLong, help: "The picture, a JPEG or PNG file.", transform: Path.existingFile)
    var image: String?

    @OptionGroup var source: PictureOptions
    @OptionGroup var lecture: LectureOptions

    @Option(name: .shortAndLong, help: FlagHelp.output(default: "output/augmentation"), transform: Path.argument)
    var output = "output/augmentation"

    @Option(name: .shortAndLong, help: "What the names of the files begin with.")
    var prefix = "image"

    @Flag(help: FlagHelp.overwrite)
    var overwrite = false

    @Option(help: FlagHelp.seed())
    var seed: UInt64 = 42

    func validate() throws {
        guard image == nil || source.isDrawn else { throw ValidationError("--image takes no --dataset") }
        guard !prefix.isEmpty, !prefix.contains("/") else {
            throw ValidationError("--prefix is the beginning of a file's name, not \"\(prefix)\"")
        }
    }

    func run() throws {
        let files = (1...10).map { "\(output)/\(prefix)_\($0).jpg" }
        let montage = "\(output)/\(prefix)_montage.png"
        try OutputFiles.claim(files + [montage], reading: [image].compactMap { $0 }, in: output)
        if !overwrite, let existing = (files + [montage]).first(where: FileSystem.exists) {
            throw ValidationError(
                "\(existing) exists: choose another --output or --prefix, or replace it with --overwrite")
        }

        //: ## The picture

        info("loading example image...")
        let picture = try loadPicture()

        //: ## The generator
        //:
        //: It draws an angle of up to 30 degrees, shifts of up to a tenth of the width and height, a shear of up to 0.2
        //: radians, and a zoom from 0.8 to 1.2, and mirrors half of the time. What moves in from outside gets the color
        //: of the nearest pixel. All of it is one transform, so the picture is interpolated only once.
        //:
        //: A place between pixels gets a mean of the four around it, as in today's Keras. The book's Keras took the nearest
        //: of them, which is `interpolationOrder: .nearest`. A network [notices the
        //: difference](Chapter06TrainModels.md#between-the-pixels).

        let aug = ImageDataGenerator(
            rotationRange: 30, widthShiftRange: 0.1, heightShiftRange: 0.1, shearRange: 0.2 * 180 / .pi,
            zoomRange: 0.2, horizontalFlip: true, fillMode: .nearest)

        //: ## Ten pictures
        //:
        //: Keras's generator never ends, so the original counts to ten and breaks out of its loop. Here every epoch has
        //: its own changes, and ten epochs of one picture are ten pictures.

        info("generating images...")
        let batches = aug.flow(
            ByteImages(shape: picture.shape.batched(1), bytes: picture.pixels), batchSize: 1, seed: seed)
        var pictures = [(image: picture, caption: "as it is")]
        for (number, file) in files.enumerated() {
            let changed = try batches.batch(epoch: number, step: 0).inputs[0]
            let image = Image(changed.reshaped(to: picture.shape))
            try image.write(to: file)
            pictures.append((image, "\(number + 1)"))
        }
        try Montage(pictures, columns: 4).write(to: montage)
        info("ten pictures in \(output), side by side in \(montage)")
    }

    /// The file of `--image`, or one of the data set's pictures, which the seed chooses.
    private func loadPicture() throws -> Image {
        if let image { return try Image(contentsOf: image) }
        let pictures = try source.list(side: 256, seed: seed)
        let number = Int(seed % UInt64(pictures.count))
        info("it is \(pictures.names[number])")
        return try pictures.picture(number)
    }
}

//: ## What is different here, and why
//:
//: * The original takes `shear_range=0.2` for radians, as its Keras did. Today's Keras means degrees, and a shear of
//:   0.2 degrees cannot be seen. Here the value is converted.
//: * Files have numbers in place of random suffixes, and the same seed gives the same pictures.
//:
//: ## Exercises
//:
//: 1. The shear is up to 0.2 radians. How far does it move the left column of a 64x64 picture against its right column?
//:    How far would 0.2 degrees move it?
//: 2. Run `swift run Chapter02AugmentationDemo` twice, with `--output output/first` and `--output output/second`, then
//:    once with `--seed 43 --output output/third`. Which of the three montages are equal?
//:    `cmp output/first/image_montage.png output/second/image_montage.png` compares two.
//: 3. The zoom factor is uniformly random between 0.8 and 1.2. At 0.8, a part with 0.8 times the width and the height
//:    fills the frame. What share of the picture's area is then visible?
//: 4. *Open.* Take a photograph of yours:
//:    `swift run Chapter02AugmentationDemo --image photo.jpg --output output/photo`. Which of the ten changes go too
//:    far? A change goes too far if you would no longer give the picture the same label.
//:
//: The answers are on [a page of their own](Answers.md#chapter-2-what-augmentation-does-to-a-picture).
