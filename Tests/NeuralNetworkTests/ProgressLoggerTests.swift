import FixtureSupport
import System
import Tensors
import Testing
@testable import NeuralNetwork

@Suite struct ProgressLoggerTests {
    /// The training's output, and its clock.
    private final class Screen {
        var written = ""
        var time = 0.0
        let logger: ProgressLogger

        init(isInteractive: Bool, width: Int = 80) {
            nonisolated(unsafe) var screen: Screen?
            logger = ProgressLogger(
                .recording(
                    isInteractive: isInteractive, width: { width }, now: { screen?.time ?? 0 },
                    write: { screen?.written += $0 }))
            screen = self
        }

        /// The third of seventy epochs, of four steps with 64 images and three steps of validation.
        func epoch(_ model: Model, secondsPerStep: Double = 15) throws {
            try logger.onTrainBegin(
                TrainingProgress(
                    epochs: 70, initialEpoch: 2, stepsPerEpoch: 4, batchSize: 16, sampleCount: 64, validationSteps: 3),
                model: model)
            try logger.onEpochBegin(2, model: model)
            for step in 0..<4 {
                try logger.onBatchBegin(step, model: model)
                time += secondsPerStep
                try logger.onBatchEnd(step, logs: ["loss": 1.25, "acc": 0.5], model: model)
            }
            for step in 0..<3 {
                time += 2
                try logger.onTestBatchEnd(step, model: model)
            }
            try logger.onEpochEnd(
                2, logs: ["loss": 1, "acc": 0.75, "val_loss": 2, "val_acc": 0.5], model: model)
        }
    }

    private let model = {
        let input = Input(shape: [2])
        return Model(inputs: input, outputs: Dense(1)(input))
    }()

    @Test func withoutATerminalThereIsALinePerEpoch() throws {
        let screen = Screen(isInteractive: false)
        try screen.epoch(model)
        #expect(
            screen.written
                == "Epoch 3/70 - 1:06 - 1.1 images/s - loss: 1.0000 - acc: 0.7500 - val_loss: 2.0000 - val_acc: 0.5000\n"
        )
    }

    @Test func theBarMovesInTrainingAndInValidation() throws {
        let screen = Screen(isInteractive: true, width: 120)
        try screen.epoch(model)
        let lines = screen.written.split(separator: "\r").map { $0.replacing("\u{1B}[K", with: "") }
        #expect(lines.first == "Epoch 3/70\n")
        #expect(
            lines.dropFirst(2).first
                == "2/4 [===============...............] - ETA: 30s - run: 1:07:30 - 1.1 images/s - loss: 1.2500 - acc: 0.5000"
        )
        #expect(lines.contains { $0.hasPrefix("validating 2/3 [====================..........] - ETA: 2s - run: ") })
        #expect(
            screen.written.hasSuffix(
                "\r\u{1B}[K4/4 - 1:06 - 1.1 images/s - loss: 1.0000 - acc: 0.7500 - val_loss: 2.0000 - val_acc: 0.5000\n"
            ))
    }

    /// From the second epoch on, the time left includes validation and everything else that the last epoch took.
    @Test func theTimeLeftFollowsFromTheEpochBefore() throws {
        let screen = Screen(isInteractive: true, width: 120)
        try screen.epoch(model)
        screen.time += 34
        try screen.logger.onEpochBegin(3, model: model)
        try screen.logger.onBatchBegin(0, model: model)
        screen.time += 10
        screen.written = ""
        try screen.logger.onBatchEnd(0, logs: ["loss": 1], model: model)
        // Three steps of 10 s, a validation of 6 s, and 66 epochs of 100 s.
        #expect(screen.written.contains("- ETA: 36s - run: 1:50:36 -"))
    }

    @Test(arguments: [40, 60, 80])
    func anEpochsLineIsKeptWhole(width: Int) throws {
        let screen = Screen(isInteractive: true, width: width)
        try screen.epoch(model)
        let lines = screen.written.split(separator: "\n").flatMap { $0.split(separator: "\r") }.map {
            $0.replacing("\u{1B}[K", with: "")
        }
        #expect(lines.allSatisfy { $0.displayWidth < width })
        let record = lines.suffix(from: lines.lastIndex { $0.hasPrefix("4/4 - ") } ?? 0).joined(separator: " - ")
        #expect(record.replacing("-     ", with: "- ").hasSuffix("acc: 0.7500 - val_loss: 2.0000 - val_acc: 0.5000"))
    }

    @Test func stoppedTrainingEndsItsLine() throws {
        let screen = Screen(isInteractive: true)
        try screen.logger.onTrainBegin(
            TrainingProgress(epochs: 1, initialEpoch: 0, stepsPerEpoch: 4, batchSize: 16, sampleCount: 64), model: model
        )
        try screen.logger.onEpochBegin(0, model: model)
        screen.time = 1
        try screen.logger.onBatchEnd(0, logs: ["loss": 1.25], model: model)
        #expect(screen.written.hasSuffix("loss: 1.2500"))
        try screen.logger.onTrainEnd(model)
        #expect(screen.written.hasSuffix("loss: 1.2500\n"))
    }

    @Test func theMainOutputComesFirst() {
        let logs: Logs = [
            "loss": 1, "b_loss": 2, "b_acc": 3, "a_loss": 4, "a_acc": 5, "val_loss": 6, "val_b_acc": 7, "other": .nan,
        ]
        #expect(
            ProgressLogger.numbers(logs, outputs: ["b", "a"]) == [
                "loss: 1.0000", "b_acc: 3.0000", "b_loss: 2.0000", "a_acc: 5.0000", "a_loss: 4.0000", "other: nan",
                "val_loss: 6.0000", "val_b_acc: 7.0000",
            ])
    }

    /// Training reports every step of the validation, and `fit` their number.
    @Test func validationIsReportedStepByStep() throws {
        final class Steps: Callback {
            var seen: [Int] = []
            var expected = 0
            func onTrainBegin(_ training: TrainingProgress, model: Model) { expected = training.validationSteps }
            func onTestBatchEnd(_ step: Int, model: Model) { seen.append(step) }
        }
        let input = Input(shape: [2])
        let model = try Model(inputs: input, outputs: Dense(1)(input)).on(.any)
        model.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 0.1))
        let (x, y) = (Tensor(repeating: 1, shape: [10, 2]), Tensor(repeating: 1, shape: [10, 1]))
        let steps = Steps()
        try model.fit(x, y, batchSize: 4, validation: (x, y), callbacks: [steps], verbose: false)
        #expect(steps.seen == [0, 1, 2] && steps.expected == 3)
    }
}
