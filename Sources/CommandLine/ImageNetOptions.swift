import ArgumentParser
import PyImageSearch
import System

/// Which pictures the programs for ImageNet read, and where their classes are listed.
public struct ImageNetOptions: ParsableArguments {
    @Option(
        name: .customLong("data"), help: FlagHelp.data("ImageNet, unpacked", default: ImageNetConfig().images),
        transform: Path.argument)
    public var folder = ImageNetConfig().images

    @Option(
        help: "The list of the validation images' classes (default: \(ImageNet.groundTruthName) in --data).",
        transform: Path.argument)
    var groundTruth: String?

    @Flag(help: "Numbers in that list count the sorted folders of train, not the lines of wnids.txt.")
    var sortedLabels = false

    @Option(help: FlagHelp.classes(order: "in the order of their WordNet IDs"), allowing: .count)
    var classes: Int?

    public init() {}

    /// Lists the classes and the validation images; opens no image.
    ///
    /// - Throws: `DatasetError` naming the file or folder that is not as expected; `FileError` if a folder cannot be read.
    public func imageNet() throws -> ImageNet {
        try ImageNet(folder, classes: classes, groundTruth: groundTruth, sortedLabels: sortedLabels)
    }
}
