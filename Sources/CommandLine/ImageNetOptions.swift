import ArgumentParser
import PyImageSearch
import System

/// Which pictures the programs for ImageNet read, and how these are labeled.
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

    @Option(help: "Only the first N classes, in the order of their WordNet IDs.", allowing: .count)
    var classes: Int?

    public init() {}

    /// Lists the pictures, and reports what was passed over and how labels are counted.
    ///
    /// - Throws: `DatasetError` naming what is not as it should be; `FileError` if a folder cannot be read.
    public func load() throws -> ImageNet {
        let imageNet = try ImageNet(folder, classes: classes, groundTruth: groundTruth, sortedLabels: sortedLabels)
        if let counting = imageNet.counting { info("the validation list's numbers count \(counting)") }
        if !imageNet.passedOver.isEmpty { info("\(imageNet.passedOver)") }
        return imageNet
    }
}
