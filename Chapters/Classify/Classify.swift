//: # What is in this picture?
//:
//: All other programs here train a network, or measure one. This one asks it. It takes pictures of any size and names
//: what they show, with a model that a chapter has trained or with weights that others have learned from ImageNet:
//:
//:     swift run Classify photo.jpg
//:     swift run Classify photos/ --model output/minigooglenet_cifar10.hdf5 --top 3
//:     swift run Classify photo.jpg --explain why.png
//:
//: > **What you need to know**: nothing, to ask a network; [MiniGoogLeNet](Chapter11MiniGoogLeNet.md), to ask one that
//: > you have trained.
//: >
//: > **How long it takes**: about two seconds for ten pictures with MiniGoogLeNet on two cores.
//: >
//: > **What you will have**: class names and probabilities for your own pictures, and a map of where the network
//: > looked.

import Chapter
import Foundation

@main
struct Classify: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Classify", abstract: "Says what is in pictures: class names and probabilities.",
        discussion: """
            Pictures that cannot be read are named on standard error, all others are answered; the exit status is then 1.
            """,
        version: PackageVersion.number)

    @OptionGroup var pictures: PicturesArgument
    @OptionGroup var network: ClassifierModelOptions

    @Option(name: .shortAndLong, help: "Classes to name for each picture.", allowing: .count)
    var top = 5

    @Option(help: "Views of a picture whose predictions are averaged: 1, 10 or 144.", allowing: .oneOf(1, 10, 144))
    var crops = 1

    @Flag(help: "Print JSON, and nothing else: a list with an object for each picture.")
    var json = false

    @Option(
        help: "Draw where in the picture the network sees the first class, as PNG or SVG; for a single picture.",
        transform: Path.argument)
    var explain: String?

    @Option(help: FlagHelp.batchSize(), allowing: .from(1, to: 1024))
    var batchSize = 32

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var lecture: LectureOptions

    func validate() throws {
        guard let explain else { return }
        guard [".png", ".svg"].contains(where: explain.lowercased().hasSuffix) else {
            throw ValidationError("--explain draws a PNG or an SVG: \(explain) must end in .png or .svg")
        }
    }

    func run() throws {
        var failures = 0
        func failed(_ error: any Error) {
            failures += 1
            reportError("\(error)")
        }
        let paths = pictures.paths(leavingOut: failed)
        guard !paths.isEmpty else { throw ExitCode.failure }
        guard explain == nil || paths.count == 1 else {
            throw ValidationError("--explain is for a single picture, not for \(paths.count)")
        }
        if let explain, FileSystem.isSame(explain, paths[0]) {
            throw ValidationError("--explain would replace the picture itself: \(explain)")
        }

        //: ## A model that knows what it takes
        //:
        //: The weights alone are not enough to ask a network. How large are its pictures? Is red first, or blue? What
        //: was subtracted in training? What is class 7 called? A wrong guess gives wrong answers without an error
        //: message. So the chapters write all of it into the model's file, and this program reads it there.
        //:
        //: @source Sources/PyImageSearch/Preprocessing/PictureInput.swift

        let classifier = try network.load(backend: compute.backend) { if !json { info($0) } }
        let preparation = try classifier.preparation(crops: crops)
        if !json { info("\(classifier.title): \(counted(classifier.classNames.count, "class"))") }

        //: ## Read, predict, name
        //:
        //: Few pictures are in memory at a time. They are read on all processors, and predicted together. If a picture
        //: cannot be read, the others are still classified.
        //:
        //: With `--crops` a picture is looked at more than once, and the probabilities are averaged.

        Interruption.listen()
        let bar = json ? nil : ProgressBar("pictures", total: paths.count, delay: ProgressBar.patience)
        let clock = ContinuousClock(), begin = clock.now
        let together = max(1, batchSize / crops)
        var answers: [Answer] = []
        for start in stride(from: 0, to: paths.count, by: together) where !Interruption.isRequested {
            let part = Array(paths[start..<min(start + together, paths.count)])
            let prepared = part.concurrentMap(jobs: compute.threads) { try preparation(Image(contentsOf: $0)) }
            var probabilities = try classifier.probabilities(
                of: prepared.compactMap { try? $0.get() }, batchSize: batchSize
            ).makeIterator()
            for (path, picture) in zip(part, prepared) {
                var answer = Answer(file: path)
                if case .failure(let error) = picture {
                    answer.error = "\(error)"
                } else {
                    answer.predictions = probabilities.next().map { classifier.best(top, of: $0) } ?? []
                }
                if !json { show(answer) }
                answers.append(answer)
            }
            bar?.update(answers.count)
        }
        bar?.finish(answers.count)
        failures += answers.filter { $0.error != nil }.count
        if json { print(try Answer.json(answers)) }
        if !json, paths.count > 1 { report(answers, of: paths.count, in: clock.now - begin) }

        //: ## Why?
        //:
        //: The last maps of a network still know where things are. Grad-CAM adds them up, each with how much the first
        //: class would gain if that map were stronger. The result is a map of the positions that raise the score of the
        //: class. To compute these gains, the code uses a training step: with the right targets, the gradient of the
        //: mean squared error is that of the score. The map can show a wrong reason: a network that recognizes trains
        //: by their rails gives the right answer without looking at the train.
        //:
        //: @source Sources/PyImageSearch/NN/GradCAM.swift

        if let explain, let answer = answers.first, let first = answer.predictions.first {
            let image = try Image(contentsOf: answer.file)
            let gradCAM = try GradCAM(classifier.model)
            let map = try gradCAM(classifier.input(image), label: first.label)
            try Explanation(
                picture: classifier.input.picture(of: image), map: map, guesses: answer.predictions
            ).write(to: explain)
            if !json { info("where \(gradCAM.layer) sees \(first.name): \(explain)") }
        }
        if failures > 0 { throw ExitCode.failure }
    }

    private func show(_ answer: Answer) {
        if let error = answer.error {
            return reportError(error.contains(answer.file) ? error : "\(answer.file): \(error)")
        }
        let guesses = answer.predictions.map { guess in
            String(format: "%8.2f%%  %@", 100 * Double(guess.probability), guess.name)
        }
        Terminal.show(([answer.file.printablePath] + guesses).joined(separator: "\n"))
    }

    private func report(_ answers: [Answer], of count: Int, in time: Duration) {
        let read = answers.filter { $0.error == nil }.count
        let speed = digits((Double(read) / (time / .seconds(1))).rounded())
        let rest =
            answers.count < count ? " of \(count)" : read < answers.count ? "; not read: \(answers.count - read)" : ""
        info("\(counted(read, "picture"))\(rest), \(speed) images/s")
    }
}

//: ## Exercises
//:
//: 1. Ask the network of chapter 11 about a drawing: `swift run Chapter11MiniGoogLeNet`,
//:    `swift run Chapter02AugmentationDemo`, then
//:    `swift run Classify 'output/augmentation/*.jpg' --model output/minigooglenet_cifar10.hdf5 --top 3`. Does it
//:    recognize all ten changed pictures?
//: 2. Which answers change with `--crops 10`?
//: 3. Turn a picture upside down and ask again. How sure is the network now?
//: 4. The probabilities of ten classes add up to one. A picture shows none of them. What is the smallest probability
//:    that the first class can have?
//: 5. *Open.* Take a photograph of two things: `swift run Classify photo.jpg --explain why.png`. Which one does the
//:    network name, and what does the map show?
//:
//: The answers are on [a page of their own](Answers.md#what-is-in-this-picture).
