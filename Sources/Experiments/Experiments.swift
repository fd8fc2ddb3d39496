import System

/// The experiments of all documents, by the chapter that runs them.
public enum Experiments {
    /// MiniGoogLeNet on CIFAR-10.
    public static let miniGoogLeNet = bookCIFAR10 + [fast, best]

    /// GoogLeNet on Tiny ImageNet, with learning rates that were found by hand.
    public static let tinyImageNetStages = bookTinyImageNet + readmeStages

    /// GoogLeNet on Tiny ImageNet, with a learning rate whose course is known in advance.
    public static let tinyImageNetDecay = [readmeDecay, fastTinyImageNet]

    /// Inception v1 on ImageNet, as the paper has it and with batch normalization.
    public static let imageNet = imageNet(.inceptionV1)

    /// ResNet on CIFAR-10, with learning rates that were found by hand.
    public static let resNetCIFAR10Stages = bookResNetCIFAR10

    /// ResNet on CIFAR-10, with a learning rate whose course is known in advance.
    public static let resNetCIFAR10Decay = [bookResNetCIFAR10Decay, fastResNet]

    /// ResNet on Tiny ImageNet, with learning rates that were found by hand.
    public static let resNetTinyImageNetStages = [bookResNetTinyImageNet]

    /// ResNet on Tiny ImageNet, with a learning rate that falls linearly.
    public static let resNetTinyImageNetDecay = [bookResNetTinyImageNetDecay]

    /// All of chapter 12's on CIFAR-10, and all on Tiny ImageNet.
    public static let resNetCIFAR10 = resNetCIFAR10Stages + resNetCIFAR10Decay
    public static let resNetTinyImageNet = resNetTinyImageNetStages + resNetTinyImageNetDecay

    public static let all =
        [flowers17, flowers17Augmented] + fineTuning.flatMap { [warmUp(for: $0), $0] } + [ensembleMember, alexNet]
        + miniGoogLeNet + tinyImageNetStages + tinyImageNetDecay + [tutorial] + laterCIFAR10 + imageNet
        + laterImageNet + resNetCIFAR10 + resNetTinyImageNet

    /// - Throws: ``ExperimentError`` listing the experiments if there is none of that name.
    public static func named(_ name: String, among experiments: [Experiment]) throws -> Experiment {
        guard let experiment = experiments.first(where: { $0.name == name }) else {
            throw ExperimentError(
                description: "there is no experiment \"\(name)\"; there are "
                    + experiments.map(\.name).joined(separator: ", "))
        }
        return experiment
    }

    /// The experiments in a sentence, for a help text.
    public static func list(_ experiments: [Experiment], under heading: String = "Experiments") -> String {
        let list = experiments.map { "\($0.name) (\($0.summary); \(counted($0.epochs, "epoch")))" }
        return "\(heading): \(list.joined(separator: "; "))."
    }
}

/// A name that no experiment has.
public struct ExperimentError: Error, CustomStringConvertible, Equatable {
    public let description: String
}

extension Experiment {
    /// The same training on ten kinds of drawn shapes, which need no file. There are few of them and batches are small,
    /// so that a few epochs have enough steps. A network that is too large for a lecture is smaller. No document reports it.
    public func onShapes10(epochs: Int) -> Experiment {
        var experiment = on(.shapes10, epochs: epochs)
        experiment.batchSize = 32
        adaptToShapes10(&experiment)
        return experiment
    }

    /// The same training on other data. No document reports it.
    ///
    /// - Parameter epochs: the number of epochs, if it changes.
    public func on(_ dataset: DatasetName, epochs: Int? = nil) -> Experiment {
        guard dataset != self.dataset else { return self }
        var experiment = self
        (experiment.dataset, experiment.epochs, experiment.published) = (dataset, epochs ?? self.epochs, [])
        return experiment
    }
}
