import Foundation
import NeuralNetwork
import PyImageSearch
import Runs
import Testing

/// What identifies a run, and what does not.
@Suite struct SettingsTests {
    private static let optimizer = SGD(learningRate: 0.005, momentum: 0.9)

    private static let record: RunRecord = {
        var record = RunRecord.example
        record.experiment.settings = [
            "optimizer": optimizer.described,
            "schedule": PolynomialDecay(initialLearningRate: 0.005, decaySteps: 2).described,
            "loss": Loss.categoricalCrossentropy.described,
            "augmentation": ImageDataGenerator(widthShiftRange: 0.1, horizontalFlip: true).described,
        ]
        return record
    }()

    /// The differences of the record from one with another config for a setting.
    private func differences(_ name: String, _ change: (inout [String: JSON]) -> Void) -> [String] {
        var other = Self.record
        guard let setting = other.experiment.settings[name], let className = setting["class_name"]?.string,
            case .object(var config)? = setting["config"]
        else { return ["there is no \(name)"] }
        change(&config)
        other.experiment.settings[name] = JSON(className: className, config: config)
        return Self.record.settings.differences(from: other.settings)
    }

    @Test func aKeyAtItsDefaultIsTheSameAsNone() {
        #expect(differences("optimizer") { $0["nesterov"] = nil } == [])
        #expect(differences("optimizer") { $0["decay"] = nil } == [])
        #expect(differences("optimizer") { $0["clipnorm"] = .null } == [])
        #expect(differences("optimizer") { $0["use_ema"] = false } == [])
        #expect(differences("loss") { $0["label_smoothing"] = nil } == [])
        #expect(differences("schedule") { $0["power"] = nil } == [])
        #expect(differences("augmentation") { $0["fill_mode"] = nil } == [])
        var other = Self.record
        other.experiment.settings["schedule_unit"] = "epoch"
        other.experiment.settings["clipping"] = .null
        #expect(Self.record.settings.differences(from: other.settings) == [])
    }

    @Test func anotherValueIsAnotherRun() {
        #expect(differences("optimizer") { $0["momentum"] = 0.8 } == ["optimizer's momentum was 0.8, is 0.9"])
        // 0 is SGD's default, and yet another momentum.
        #expect(differences("optimizer") { $0["momentum"] = nil } == ["optimizer's momentum was not set, is 0.9"])
        #expect(differences("optimizer") { $0["clipnorm"] = 1 } == ["optimizer's clipnorm was 1, is not set"])
        #expect(differences("augmentation") { $0["horizontal_flip"] = nil }.count == 1)
        var other = Self.record
        other.experiment.settings["optimizer"] = Adam(learningRate: 0.005).described
        #expect(Self.record.settings.differences(from: other.settings).first?.hasPrefix("optimizer was Adam") == true)
        other = Self.record
        other.seed = 7
        other.experiment.batchSize = 32
        #expect(
            Self.record.settings.differences(from: other.settings)
                == ["batch_size was 32, is 64", "seed was 7, is 18446744073709551615"])
    }

    @Test func wordsForReadersAreNotCompared() {
        var other = Self.record
        other.experiment.settings["summary"] = "SGD, reworded"
        other.network.name = "renamed"
        other.dataset.validationImages = 5
        other.note = "made up again"
        #expect(Self.record.settings.differences(from: other.settings) == [])
        // Without a checksum.
        other.dataset.checksum = nil
        #expect(Self.record.settings.differences(from: other.settings) == [])
        other.dataset.checksum = "44556677"
        #expect(Self.record.settings.differences(from: other.settings).count == 1)
    }

    // MARK: - Version 1

    /// What programs before version 0.10 stored: values as Swift prints them.
    private static let words: [(name: String, text: String, today: JSON)] = [
        (
            "optimizer", "SGD(learningRate: 0.15, momentum: 0.9, nesterov: true, decay: 0.0)",
            SGD(learningRate: 0.15, momentum: 0.9, nesterov: true).described
        ),
        (
            "optimizer", "Adam(learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-07, decay: 0.0)",
            Adam(learningRate: 0.001).described
        ),
        (
            "schedule", "PolynomialDecay(initial: 0.005, duration: 70, power: 1.0)",
            PolynomialDecay(initialLearningRate: 0.005, decaySteps: 70).described
        ),
        (
            "schedule", "StepTable(steps: [(through: 40, rate: 0.001), (through: 60, rate: 0.0001)])",
            StepTable([(40, 1e-3), (60, 1e-4)]).described
        ),
        (
            "schedule", "WarmupLinearDecay(peak: 0.15, warmup: 1075, duration: 4301)",
            WarmupLinearDecay(peak: 0.15, warmup: 1075, duration: 4301).described
        ),
        (
            "schedule", "ExponentialStaircase(initial: 0.01, drop: 0.96, every: 8)",
            ExponentialStaircase(initial: 0.01, drop: 0.96, every: 8).described
        ),
        (
            "loss", "categorical_crossentropy, label smoothing 0.1",
            Loss.categoricalCrossentropy(labelSmoothing: 0.1).described
        ),
        ("loss", "categorical_crossentropy", Loss.categoricalCrossentropy.described),
        ("loss_weights", "[1.0, 0.3, 0.3]", [1, 0.3, 0.3]),
        ("normalization", "meanImage", ImageNormalization.meanImage.described),
        ("normalization", "channels", ImageNormalization.channels.described),
        ("normalization", "channel means", ImageNormalization.channelMeans.described),
        (
            "augmentation",
            "ImageDataGenerator(rotationRange: 18.0, widthShiftRange: 0.2, heightShiftRange: 0.2, shiftsByWholePixels: "
                + "false, shearRange: 8.594366926962348, zoomRange: ClosedRange(0.85...1.15), horizontalFlip: true, "
                + "verticalFlip: false, fillMode: Imaging.FillMode.nearest)",
            ImageDataGenerator(
                rotationRange: 18, widthShiftRange: 0.2, heightShiftRange: 0.2, shearRange: 0.15 * 180 / .pi,
                zoomRange: 0.15, horizontalFlip: true
            ).described
        ),
        (
            "augmentation",
            "RandomResizedCropPreprocessor(side: 224, area: ClosedRange(0.08...1.0), aspectRatio: "
                + "ClosedRange(0.75...1.3333333333333333))",
            RandomResizedCropPreprocessor(side: 224).described
        ),
        ("dropout", "0.4, 0.7", [0.4, 0.7]), ("kernel_initializer", "HeNormal", ["HeNormal"]),
        ("batch_normalization", "true", true),
    ]

    @Test(arguments: words.indices) func theWordsOfVersion1AreUnderstood(index: Int) {
        let (name, text, today) = Self.words[index]
        let (old, new) = (Settings([name: .string(text)] as JSON), Settings([name: today, "epochs": 1] as JSON))
        #expect(new.differences(from: old) == ["epochs was not set, is 1"], "\(text)")
        let (_, other) = (name, Settings([name: "something else", "epochs": 1] as JSON))
        #expect(other.differences(from: old).count > 1)
    }

    private static let augmentationInWords =
        "ImageDataGenerator(rotationRange: 0.0, widthShiftRange: 0.1, heightShiftRange: 0.0, shiftsByWholePixels: false, "
        + "shearRange: 0.0, zoomRange: ClosedRange(1.0...1.0), horizontalFlip: true, verticalFlip: false, fillMode: "
        + "Imaging.FillMode.nearest)"

    /// A record of version 1 reads as one of version 2, and its settings compare with today's.
    @Test func aRecordOfVersion1IsRead() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).run.json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var old = Self.record
        old.version = 1
        old.experiment.settings = [
            "optimizer": "SGD(learningRate: 0.005, momentum: 0.9, nesterov: false, decay: 0.0)",
            "schedule": "PolynomialDecay(initial: 0.005, duration: 2, power: 1.0)", "loss": "categorical_crossentropy",
            "summary": "SGD from 0.005", "schedule_unit": "epoch",
            "augmentation": .string(Self.augmentationInWords),
        ]
        try old.write(to: path)
        let read = try RunRecord(contentsOf: path)
        #expect(read.version == 2 && read.fault == nil)
        #expect(Self.record.settings.differences(from: read.settings) == [])
    }

    @Test func textThatNoProgramWroteIsKept() {
        for text in ["SGD(", "SGD(learningRate: )", "[[[", "(a: 1))", "", "SGD(learningRate: 1, ", "ClosedRange(1...)"]
        {
            let settings = Settings(["optimizer": .string(text), "loss": "mse"] as JSON)
            #expect(settings["optimizer"]?.string == text || settings["optimizer"]?["class_name"] != nil, "\(text)")
        }
    }
}
