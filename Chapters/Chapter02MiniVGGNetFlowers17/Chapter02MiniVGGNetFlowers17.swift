//: # Chapter 2: Flowers-17 without augmentation
//:
//: Flowers-17 is small: 17 species with 80 photographs each, of which 60 are for training. A network with eight million
//: parameters can learn a thousand photographs by heart, without learning what a tulip looks like. This chapter trains
//: it without augmentation and shows how that happens. The next one trains the same network on photographs that never
//: look the same twice.
//:
//: @figure 2.4
//:
//: This chapter mirrors the book's `minivggnet_flowers17.py`. Without photographs it draws pictures:
//:
//: @figure 2.3
//:
//: > **What you need to know**: what a convolution, a dense layer and a training epoch are; the [glossary](Glossary.md)
//: > has the terms.
//: >
//: > **How long it takes**: about two minutes with drawn shapes on two cores; 28 minutes for 100 epochs on the
//: > photographs (a recorded run).
//: >
//: > **What you will have**: a network that knows its training pictures by heart, and the curves that show it.

import Chapter

//: ## The network
//:
//: MiniVGGNet is VGG in small: two blocks of two 3x3 convolutions, each block ending in a pooling that halves height
//: and width, then one hidden dense layer. Batch normalization follows every ReLU, and dropout follows each block.
//:
//: @source Sources/PyImageSearch/NN/Conv/MiniVGGNet.swift

@main
struct Chapter02MiniVGGNetFlowers17: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "Chapter02MiniVGGNetFlowers17",
        abstract: "Trains MiniVGGNet on Flowers-17 without augmentation (the book's minivggnet_flowers17.py).",
        discussion: """
            Without flags it draws its pictures and needs no files; on them training has \
            \(counted(drawnEpochs, "epoch")). \(list([Experiments.flowers17])) \(resuming)
            """,
        version: PackageVersion.number)
    static let defaultExperiment = Experiments.flowers17.name

    private static let drawnEpochs = 25
    var experiments: [Experiment] { [source.experiment(Experiments.flowers17, drawnEpochs: Self.drawnEpochs)] }

    @OptionGroup var source: PictureOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: ModelOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        let run = try TrainingRun(self, named: "minivggnet_flowers17", isEvaluated: true)

        //: ## The data
        //:
        //: The photographs have many sizes and shapes. Squeezed to a square, a flower would be oval; so the shorter side is
        //: scaled to 64 pixels and the longer one is cut at both ends. The class of a photograph is the name of its folder;
        //: Flowers-17's archive has no folders, but numbers its photographs species by species, 80 each.
        //:
        //: A quarter of them become test images, drawn by scikit-learn's rule from NumPy's generator with the seed 42.
        //: The split also depends on the order of the species in the list. Our list is alphabetical; the book's was
        //: not. So the book's report has the same 17 numbers of test images, from 15 to 27, but for other species.
        //:
        //: @source Sources/Chapter/PictureOptions+Split.swift
        //:
        //: Pixels are divided by 255.

        var data = try source.split(side: 64, seed: run.seed, jobs: run.backend.threads, training)
        let images = LoadedImages(data, origin: source.origin)
        if let normalization = run.experiment.normalization { data.normalize(normalization) }
        let (trainY, testY) = try data.oneHotLabels()

        //: ## Training
        //:
        //: Plain SGD with a learning rate of 0.05 that never changes, for 100 epochs. The original leaves out the decay on
        //: purpose: nothing but augmentation is to differ between this script and the next.

        let model = try run.model(classes: data.classNames.count)
        let batches = ImageDataGenerator().flow(data.trainImages, trainY, batchSize: run.batchSize, seed: run.seed)
        try run.fit(
            model, batches, validation: (data.testImages, testY), of: images,
            callbacks: [TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history)])

        //: ## Evaluation

        info("evaluating network...")
        let predictions = argmax(try model.predict(data.testImages, batchSize: run.batchSize, verbose: true))
        try run.finish(.init(predictions: predictions, truth: data.testLabels, classNames: data.classNames))
    }
}

//: ## Results
//:
//: @table flowers17
//:
//: @figure 2.5
//:
//: The training accuracy reaches 100 % and the training loss goes to zero. The validation loss stops falling after some
//: fifteen epochs and rises a little later: the network learns the photographs, not the species.
//:
//: The book calls its result 64 %, which is the mean precision in its report. Of its 340 test images 211 were right,
//: and that is 62.06 %.
//:
//: @table flowers17-classes
//:
//: ## Exercises
//:
//: 1. Which share of the network's 8,466,225 parameters (17 classes) does the hidden dense layer have?
//:    `swift run Chapter05InspectModel --model output/minivggnet_flowers17.hdf5` counts them for the drawn shapes.
//: 2. When does the network begin to learn by heart? In the [recorded
//:    run](../runs/minivggnet-flowers17-1020-images-chapter02minivggnetflowers17-1-100-epochs-seed-42/run.json), find
//:    the epoch with the smallest validation loss, and the first one whose training accuracy is above 99 %.
//: 3. *Open.* Train on 200 pictures in place of all:
//:    `swift run Chapter02MiniVGGNetFlowers17 --limit 200 --output output/few`. How much accuracy do the others bring?
//: 4. Which species are confused most often, and which would you confuse too? See the `confusionMatrix` of the record.
//:
//: The answers are on [a page of their own](Answers.md#chapter-2-flowers-17-without-augmentation).
