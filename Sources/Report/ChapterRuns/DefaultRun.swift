import Foundation
import Imaging
import PyImageSearch
import System

/// The run that shows what a chapter prints: on drawn pictures, without any file from elsewhere, and short enough for a
/// lecture.
struct DefaultRun {
    let chapter: String
    let arguments: [String]
    /// What is at hand besides the files of earlier chapters.
    let pictures: DrawnFolder?

    init(_ chapter: String, _ arguments: String = "", on pictures: DrawnFolder? = nil) {
        self.chapter = chapter
        self.arguments = arguments.split(separator: " ").map(String.init)
        self.pictures = pictures
    }

    /// As a user would type it.
    var commandLine: String { (["swift run", chapter] + arguments).joined(separator: " ") }

    /// In an order in which each finds the files of those before it.
    static let all = [
        DefaultRun("Chapter02AugmentationDemo"),
        DefaultRun("Chapter02MiniVGGNetFlowers17", "--epochs 8"),
        DefaultRun("Chapter02MiniVGGNetFlowers17DataAug", "--epochs 8"),
        DefaultRun("Chapter03ExtractFeatures"),
        DefaultRun("Chapter03TrainModel"),
        DefaultRun("Chapter04RankAccuracy"),
        DefaultRun("Chapter05InspectModel"),
        DefaultRun("Chapter05FinetuneFlowers17"),
        DefaultRun("Chapter06TrainModels"),
        DefaultRun("Chapter06TestEnsemble"),
        DefaultRun("Chapter09BuildDogsVsCats"),
        DefaultRun("Chapter10TrainAlexNet", "--limit 256 --epochs 1"),
        DefaultRun("Chapter10CropAccuracy", "--limit 32"),
        DefaultRun("Chapter10ExtractFeatures"),
        DefaultRun("Chapter10TrainModel"),
        DefaultRun("Chapter11MiniGoogLeNet"),
        DefaultRun("Chapter11BuildTinyImageNet", on: .tinyImageNet),
        DefaultRun("Chapter11Train", "--epochs 3"),
        DefaultRun("Chapter11TrainDecay", "--epochs 3"),
        DefaultRun("Chapter11RankAccuracy", "--crops 10"),
        DefaultRun("Chapter12ResNetCIFAR10", "--epochs 2 --limit 1000"),
        DefaultRun("Chapter12ResNetCIFAR10Decay", "--epochs 2 --limit 1000"),
        DefaultRun("Chapter12Train", "--epochs 1 --limit 320"),
        DefaultRun("Chapter12TrainDecay", "--epochs 1 --limit 320"),
        DefaultRun("Chapter12RankAccuracy"),
        DefaultRun("InceptionV1CIFAR10", "--epochs 1 --limit 320 --validation-limit 64"),
        DefaultRun("BuildImageNet", on: .imageNet),
        DefaultRun("TrainImageNet", "--epochs 1 --batch-size 16"),
        DefaultRun("ImageNetAccuracy", "--crops 10"),
        DefaultRun(
            "Classify",
            "ILSVRC2012/val/n00000003/n00000003_6.jpeg --model output/minigooglenet_cifar10.hdf5 --explain output/why.png"
        ),
    ]

    /// - Throws: ``ReportError`` if there is none of this name.
    static func named(_ chapter: String) throws -> DefaultRun {
        guard let run = all.first(where: { $0.chapter == chapter }) else {
            throw ReportError("\(chapter) is not a chapter; there are \(all.map(\.chapter).joined(separator: ", "))")
        }
        return run
    }
}

/// Drawn shapes in the folders of a data set that cannot be drawn by the chapters themselves.
struct DrawnFolder {
    /// Where the chapters look for the data set.
    let name: String
    /// In pixels.
    let width: Int
    let height: Int
    let perClass: Int

    static let tinyImageNet = DrawnFolder(name: TinyImageNetConfig().images, width: 64, height: 64, perClass: 100)
    static let imageNet = DrawnFolder(name: ImageNetConfig().images, width: 320, height: 280, perClass: 12)

    /// Draws the pictures: `train/<class>` and `val/<class>`, a fifth as many, and the list of the classes.
    func draw(in root: String) throws {
        let classes = Shapes10.classNames.indices.map { "n0000000\($0)" }
        try WholeFile.write(
            Data((classes.joined(separator: "\n") + "\n").utf8), to: "\(root)/\(name)/wnids.txt")
        for (part, count, seed) in [("train", perClass, UInt64(1)), ("val", max(perClass / 5, 1), 2)] {
            let pictures = Shapes10.pictures(count * classes.count, width: width, height: height, seed: seed)
            for index in 0..<pictures.count {
                let id = classes[pictures.labels[index]]
                try pictures.picture(index).write(to: "\(root)/\(name)/\(part)/\(id)/\(id)_\(index).jpeg")
            }
        }
    }
}
