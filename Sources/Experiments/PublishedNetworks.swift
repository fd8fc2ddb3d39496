import NeuralNetwork
import PyImageSearch

/// A network for ImageNet, with what its paper reports of it.
public struct PublishedNetwork: Sendable {
    /// As the paper calls it.
    public let name: String
    /// The paper's number on arXiv, whose first two digits are the year: `1409.4842`.
    public let preprint: String
    /// The share of validation pictures whose class is not the best guess, in percent; `nil` if there is none.
    public let top1Error: Double?
    /// The share of validation pictures whose class is not among the five best guesses, in percent.
    public let top5Error: Double?
    /// How a single network looked at a picture to get these errors; empty without errors.
    public let views: String
    /// A new network for 1000 classes without auxiliary heads, whose input has the paper's size.
    public let build: @Sendable () -> Model

    /// The year of the preprint.
    public var year: String { "20\(preprint.prefix(2))" }
}

extension Experiments {
    /// The Inception family in the order of its papers, then the networks that it was measured against.
    ///
    /// GoogLeNet's error is from its table 3. Those of BN-Inception are also in table 3 of 1512.00567, as is the next line;
    /// the other three are from table 2 of 1602.07261, and ResNet-50's from table 3 of 1512.03385. VGG16's is the one that
    /// its authors publish beside its weights.
    public static let inceptionFamily: [PublishedNetwork] = [
        PublishedNetwork(
            name: "GoogLeNet, Inception v1", preprint: "1409.4842", top1Error: nil, top5Error: paperCrops[0].error,
            views: "one crop",
            build: { InceptionV1.build(width: 224, height: 224, depth: 3, classes: 1000, auxiliaryHeads: false) }),
        PublishedNetwork(
            name: "BN-Inception, Inception v2", preprint: "1502.03167", top1Error: 25.2, top5Error: 7.8,
            views: "one crop", build: { InceptionV2.build() }),
        PublishedNetwork(
            name: "Inception v3", preprint: "1512.00567", top1Error: 21.2, top5Error: 5.6, views: "one crop",
            build: { InceptionV3.build() }),
        PublishedNetwork(
            name: "Inception v4", preprint: "1602.07261", top1Error: 20.0, top5Error: 5.0, views: "one crop",
            build: { InceptionV4.build() }),
        PublishedNetwork(
            name: "Inception-ResNet-v1", preprint: "1602.07261", top1Error: 21.3, top5Error: 5.5, views: "one crop",
            build: { InceptionResNetV1.build() }),
        PublishedNetwork(
            name: "Inception-ResNet-v2", preprint: "1602.07261", top1Error: 19.9, top5Error: 4.9, views: "one crop",
            build: { InceptionResNetV2.build() }),
        PublishedNetwork(
            name: "Inception-ResNet-v2, as drawn", preprint: "1602.07261", top1Error: nil, top5Error: nil, views: "",
            build: { InceptionResNetV2.buildAsDrawn() }),
        PublishedNetwork(
            name: "VGG16", preprint: "1409.1556", top1Error: nil, top5Error: 7.5,
            views: "whole pictures, several sizes", build: { VGG16.build() }),
        PublishedNetwork(
            name: "ResNet-50", preprint: "1512.03385", top1Error: 22.85, top5Error: 6.71, views: "ten crops",
            build: { ResNet50.build() }),
    ]
}
