//: # Chapter 11: MiniGoogLeNet on CIFAR-10
//:
//: GoogLeNet won ImageNet's competition of 2014 with an idea about width. A layer need not decide whether to look at
//: single pixels or at neighbourhoods: an *inception module* does both side by side and lets the next layer choose
//: from what they found. MiniGoogLeNet is that idea cut down to images of 32x32 pixels: two branches to a module
//: instead of four, 1.7 million parameters instead of seven.
//:
//: This chapter mirrors the book's `googlenet_cifar10.py` step by step: load the images, subtract their mean, augment,
//: build the network, train it with a learning rate that falls in a straight line to zero, and report. The network
//: itself is in `MiniGoogLeNet.swift`; read it next to figure 11.2.

import ArgumentParser
import ChapterSupport
import Files
import Foundation
import NeuralNetwork
import PyImageSearch
import Tensors

//: The book trains the same network three times and changes nothing but the initial learning rate. 1e-3 is careful and
//: ends at 87.95 %; 1e-2 is bold, reaches 91.79 % and overfits on the way (training accuracy 100 %, loss 0); 5e-3, in
//: between, ends at 90.81 % with a gap that stays in hand. That is the whole method: bracket, then bisect.

enum Experiment: String, CaseIterable, ExpressibleByArgument {
    case one = "1"
    case two = "2"
    case three = "3"

    var learningRate: Double {
        switch self {
        case .one: 1e-3
        case .two: 1e-2
        case .three: 5e-3
        }
    }
}

enum Dataset: String, CaseIterable, ExpressibleByArgument {
    case cifar10, shapes10

    //: The book's 70 epochs of CIFAR-10 take a night on two processor cores. The drawn shapes are there for the lecture:
    //: a network that has learned something in two minutes, without a file to download.
    var defaultEpochs: Int {
        switch self {
        case .cifar10: 70
        case .shapes10: 5
        }
    }
}

@main
struct Chapter11MiniGoogLeNet: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter11MiniGoogLeNet",
        abstract: "Trains MiniGoogLeNet, on CIFAR-10 or on drawn shapes (the book's googlenet_cifar10.py).",
        discussion: """
            Without flags it draws its own data set, shapes10, and needs no files. The model is saved after every epoch; \
            --start-epoch N goes on from a model of N epochs.
            """)

    @Option(name: .shortAndLong, help: "The model file: written after every epoch, read with --start-epoch.")
    var model = "output/minigooglenet_cifar10.hdf5"

    @Option(name: .shortAndLong, help: "The folder for history, plot and report.")
    var output = "output"

    @Option(help: "cifar10 or shapes10 (default: cifar10 where --data is given, else shapes10).")
    var dataset: Dataset?

    @Option(help: "The folder that holds cifar-10-batches-bin.")
    var data: String?

    @Option(help: "The book's experiment: 1, 2 and 3 begin with learning rates of 1e-3, 1e-2 and 5e-3.")
    var experiment = Experiment.three

    @Option(help: "Epochs in all (default: 70 for cifar10, 5 for shapes10).")
    var epochs: Int?

    @Option(help: "Images in a training step.")
    var batchSize = 64

    @Option(help: "The initial learning rate, instead of the experiment's.")
    var learningRate: Double?

    @Option(help: "Train on the first N images only.")
    var limit: Int?

    @Option(help: "Everything random follows from it (default: 42; with --start-epoch, the model file's).")
    var seed: UInt64?

    @Option(
        name: [.long, .customLong("start_epoch")], help: "Epochs that the model file has behind it: go on from there.")
    var startEpoch = 0

    @OptionGroup var compute: ComputeOptions

    private var chosenDataset: Dataset { dataset ?? (data == nil ? .shapes10 : .cifar10) }
    private var chosenEpochs: Int { epochs ?? chosenDataset.defaultEpochs }
    private var chosenLearningRate: Double { learningRate ?? experiment.learningRate }

    func validate() throws {
        guard chosenEpochs > 0 else { throw ValidationError("--epochs must be at least 1, not \(chosenEpochs)") }
        guard (1...65_536).contains(batchSize) else {
            throw ValidationError("--batch-size must be from 1 to 65536, not \(batchSize)")
        }
        guard !output.isEmpty, !model.isEmpty else { throw ValidationError("--output and --model must not be empty") }
        guard chosenLearningRate > 0, chosenLearningRate.isFinite else {
            throw ValidationError("--learning-rate must be above 0, not \(chosenLearningRate)")
        }
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, not \(limit)") }
        guard (0..<chosenEpochs).contains(startEpoch) else {
            throw ValidationError(
                "--start-epoch must be from 0 to \(chosenEpochs - 1), below --epochs, not \(startEpoch)")
        }
        if data != nil, dataset == .shapes10 { throw ValidationError("--dataset shapes10 takes no --data") }
    }

    func run() throws {
        let name = "minigooglenet_cifar10"
        for file in ["json", "png", "svg", "txt"] { try WholeFile.checkWritable("\(output)/\(name).\(file)") }
        try WholeFile.checkWritable(model)

        //: With `--start-epoch`, the model that an earlier run left goes on, with its optimizer and its seed.

        let trained = startEpoch > 0 ? try loadTrainedModel() : nil
        let seed = self.seed ?? trained?.seed ?? 42

        //: ## The data
        //:
        //: Images come as numbers from 0 to 255. The only preprocessing is the book's: the mean of all training images,
        //: pixel by pixel, is subtracted from every image, of the test set too. There is no division by 255; batch
        //: normalization behind the first convolution makes that superfluous.

        info("loading \(chosenDataset) data...")
        var data = try loadDataset(seed: seed)
        if let limit { data.limitTraining(to: limit) }
        let mean = data.trainImages.meanOfRows()
        data.trainImages.subtractFromRows(mean)
        data.testImages.subtractFromRows(mean)

        //: Labels become one-hot rows. The binarizer learns its classes from all ten indices, so that a class that a
        //: small `--limit` leaves out still has its column.

        var binarizer = LabelBinarizer<Int>()
        try binarizer.fit(Array(data.classNames.indices))
        let trainY = try binarizer.transform(data.trainLabels)
        let testY = try binarizer.transform(data.testLabels)

        //: ## Augmentation
        //:
        //: Each time an image is seen it is shifted by up to a tenth of its size and mirrored half the time; what the
        //: shift uncovers is filled with the nearest pixels. The original runs `len(trainX) // 64` steps an epoch and
        //: leaves the rest of the images to the next; here an epoch is every image once, the last batch shorter.

        let augmentation = ImageDataGenerator(
            widthShiftRange: 0.1, heightShiftRange: 0.1, horizontalFlip: true, fillMode: .nearest)
        let batches = augmentation.flow(data.trainImages, trainY, batchSize: batchSize, seed: seed)

        //: ## The network
        //:
        //: SGD with momentum 0.9, and the loss that goes with one-hot labels.

        info("compiling model...")
        let network = trained ?? Self.buildNetwork()
        network.seed = seed
        if trained == nil {
            try network.move(to: compute.backend)
            network.compile(
                loss: .categoricalCrossentropy, optimizer: SGD(learningRate: chosenLearningRate, momentum: 0.9))
        }

        //: ## Training
        //:
        //: The learning rate falls in a straight line, `alpha = alpha0 * (1 - epoch / epochs) ^ 1` (equation 11.1):
        //: fast while there is far to go, and ever smaller steps to settle with. After every epoch the monitor writes
        //: the history and the plot, and the model is saved: whatever stops the run, `--start-epoch` goes on from it.

        let monitor = TrainingMonitor(
            figurePath: "\(output)/\(name).png", jsonPath: "\(output)/\(name).json", startAt: startEpoch)
        let decay = PolynomialDecay(initial: chosenLearningRate, duration: chosenEpochs, power: 1)

        info("training network on \(data.trainLabels.count) images, \(compute.threads) threads...")
        try network.fit(
            batches, epochs: chosenEpochs, initialEpoch: startEpoch, validation: (data.testImages, testY),
            callbacks: [LearningRateScheduler(decay), monitor, ModelCheckpoint(model)])

        //: ## Evaluation
        //:
        //: Accuracy is one number; the report says which classes it comes from. On CIFAR-10 cats and dogs take each
        //: other's places, and precision and recall of both are the lowest of the ten.

        info("evaluating network...")
        let predictions = argmax(try network.predict(data.testImages, batchSize: batchSize))
        let report = try classificationReport(
            truth: data.testLabels, predictions: predictions, targetNames: data.classNames)
        print(report)
        try WholeFile.write(Data(report.utf8), to: "\(output)/\(name).txt")
        let correct = zip(data.testLabels, predictions).count { $0 == $1 }
        info("val_acc: \(String(format: "%.4f", Double(correct) / Double(data.testLabels.count)))")

        info("serializing network...")
        try network.save(model)
        info("model in \(model); history, plot and report in \(output)/\(name).*")
    }

    private static func buildNetwork() -> Model { MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: 10) }

    private func loadDataset(seed: UInt64) throws -> ImageDataset {
        switch chosenDataset {
        case .cifar10: try CIFAR10.load(from: data)
        case .shapes10: Shapes10.load(seed: seed)
        }
    }

    private func loadTrainedModel() throws -> Model {
        let trained = try Model.load(model, backend: compute.backend)
        try trained.checkContinues(Self.buildNetwork(), from: startEpoch, path: model)
        return trained
    }
}
