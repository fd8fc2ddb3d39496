import FixtureSupport
import Foundation
import NeuralNetwork
import PyImageSearch
import Tensors
import Testing

@Suite struct CallbackTests {
    private let model: Model

    init() throws {
        let input = Input(shape: [2])
        model = try Model(inputs: input, outputs: Dense(1)(input)).on(.any)
        model.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 0.25))
    }

    private func monitor(
        _ folder: TemporaryFolder, startAt: Int = 0, style: TrainingPlot.Style = .lossAboveAccuracy
    ) throws -> TrainingMonitor {
        let monitor = TrainingMonitor(
            figurePath: "\(folder.path)/plots/run.png", jsonPath: "\(folder.path)/run.json", style: style)
        try model.fit(
            Tensor(repeating: 1, shape: [4, 2]), Tensor(repeating: 1, shape: [4, 1]), epochs: startAt + 2,
            initialEpoch: startAt, callbacks: [monitor], verbose: false)
        return monitor
    }

    private func history(_ folder: TemporaryFolder) throws -> JSON {
        try JSON(parsing: String(contentsOfFile: "\(folder.path)/run.json", encoding: .utf8))
    }

    @Test func theMonitorWritesHistoryAndPlots() throws {
        let folder = try TemporaryFolder()
        let monitor = try monitor(folder)
        #expect(monitor.history["loss"]?.count == 2)
        #expect(try history(folder)["lr"] == [0.25, 0.25])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/plots").sorted() == [
                "run.png", "run.svg",
            ])
    }

    @Test func aResumedMonitorCutsTheHistoryAndContinues() throws {
        let folder = try TemporaryFolder()
        try folder.write(Array("{\"loss\": [9, 8, 7, 6], \"accuracy\": [0.1, 0.2, 0.3, 0.4]}".utf8), to: "run.json")
        _ = try monitor(folder, startAt: 3)
        let loss = try history(folder)["loss"]?.array
        #expect(loss?.prefix(3) == [9, 8, 7] && loss?.count == 5)
        // Keras 3's names become ours, and metrics that an epoch lacks are left open.
        let accuracy = try history(folder)["acc"]?.array
        #expect(accuracy?.prefix(3) == [0.1, 0.2, 0.3])
        #expect(try history(folder)["lr"]?.array?.prefix(3) == [nil, nil, nil])
    }

    /// Python's words for numbers that JSON does not have, and Keras 3's names.
    @Test func aHistoryOfKerasIsContinued() throws {
        let folder = try TemporaryFolder()
        let keras = """
            {"loss": [NaN, 8.5, Infinity], "accuracy": [0.1, 0.2, 0.3], "val_loss": [-Infinity, 2, 1],
             "val_accuracy": [0.5, NaN, 0.75], "learning_rate": [0.01, 0.005, 1e-3], "head_accuracy": [0, 1, 0.5],
             "val_top_3_categorical_accuracy": [0.5, 0.6, 0.7],
             "a \\\\\\" NaN": [1]}
            """
        try folder.write(Array(keras.utf8), to: "run.json")
        _ = try monitor(folder, startAt: 3)
        let history = try history(folder)
        #expect(history["loss"]?.array?.prefix(3) == [nil, 8.5, nil])
        #expect(history["acc"]?.array?.prefix(3) == [0.1, 0.2, 0.3])
        #expect(history["val_loss"]?.array?.prefix(3) == [nil, 2, 1])
        #expect(history["val_acc"]?.array?.prefix(3) == [0.5, nil, 0.75])
        #expect(history["lr"] == [0.01, 0.005, 0.001, 0.25, 0.25])
        #expect(history["head_acc"]?.array?.prefix(3) == [0, 1, 0.5])
        #expect(history["val_top_3_categorical_accuracy"]?.array?.prefix(3) == [0.5, 0.6, 0.7])
        #expect(history["a \\\" NaN"]?.array?.first == 1)
        #expect(history["learning_rate"] == nil && history["accuracy"] == nil && history["val_accuracy"] == nil)
    }

    /// If both names exist, ours was written here.
    @Test func ourOwnNamesHavePriority() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            Array("{\"learning_rate\": [3], \"lr\": [1], \"acc\": [0.5], \"accuracy\": [0.25]}".utf8), to: "run.json")
        let history = try TrainingHistory(contentsOf: "\(folder.path)/run.json")
        #expect(history == ["lr": [1], "acc": [0.5]])
    }

    @Test func aNewRunBeginsANewHistory() throws {
        let folder = try TemporaryFolder()
        try folder.write(Array("{\"loss\": [9, 8, 7, 6]}".utf8), to: "run.json")
        _ = try monitor(folder)
        #expect(try history(folder)["loss"]?.array?.count == 2)
    }

    /// It is kept under another name: a history never stops a training run.
    @Test func aFileThatIsNotAHistoryIsKept() throws {
        // The last is not UTF-8.
        for text in ["[1, 2", "NaN", "{\"NaN\\\"\": [nan]}", "{\"loss\": [1e]}"].map({ Array($0.utf8) }) + [
            [0x7B, 0xFF, 0xFE, 0x22, 0x3A, 0x5B, 0x31, 0x3C, 0x5D, 0x7D]
        ] {
            let folder = try TemporaryFolder()
            try folder.write(text, to: "run.json")
            #expect { try TrainingHistory(contentsOf: "\(folder.path)/run.json") } throws: {
                "\($0)".contains("is not a training history")
            }
            _ = try monitor(folder, startAt: 1)
            #expect(FileManager.default.contents(atPath: "\(folder.path)/run.json.1") == Data(text))
            #expect(try history(folder)["loss"]?.array?.count == 3)
        }
    }

    @Test func aPlotThatFailsDoesNotStopTraining() throws {
        let folder = try TemporaryFolder()
        try folder.write([], to: "plots")
        #expect(try monitor(folder).history["loss"]?.count == 2)
    }

    @Test func theOriginalsPlotIsAvailableByName() throws {
        let folder = try TemporaryFolder()
        func plot(_ style: TrainingPlot.Style) throws -> String {
            _ = try monitor(folder, style: style)
            return try String(contentsOfFile: "\(folder.path)/plots/run.svg", encoding: .utf8)
        }
        #expect(try plot(.lossAboveAccuracy).contains("height=\"800pt\""))
        #expect(try plot(.original).contains("height=\"600pt\""))
    }

    @Test func severalOutputsAreInTheHistoryAndThePlot() throws {
        let folder = try TemporaryFolder()
        let input = Input(shape: [2])
        let model = try Model(inputs: [input], outputs: ["first", "second"].map { Dense(1, name: $0)(input) })
            .on(.any)
        model.compile(loss: .meanSquaredError, lossWeights: [1, 0.3], optimizer: SGD(learningRate: 0.25))
        try model.fit(
            Tensor(repeating: 1, shape: [4, 2]), Tensor(repeating: 1, shape: [4, 1]), epochs: 2,
            callbacks: [
                TrainingMonitor(figurePath: "\(folder.path)/two.png", jsonPath: "\(folder.path)/run.json")
            ], verbose: false)
        #expect(try history(folder)["second_acc"]?.array?.count == 2)
        let plot = try String(contentsOfFile: "\(folder.path)/two.svg", encoding: .utf8)
        #expect(plot.contains("height=\"800pt\""))
    }

    @Test func checkpointNumbersContinue() throws {
        let folder = try TemporaryFolder()
        func run(from first: Int, to last: Int) throws -> [String] {
            try model.fit(
                Tensor(repeating: 1, shape: [4, 2]), Tensor(repeating: 1, shape: [4, 1]), epochs: last,
                initialEpoch: first, callbacks: [EpochCheckpoint("\(folder.path)/c", every: 5)],
                verbose: false)
            return try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/c").sorted()
        }
        #expect(try run(from: 0, to: 7) == ["epoch_5.hdf5", "epoch_7.hdf5"])
        #expect(try run(from: 7, to: 15) == ["epoch_10.hdf5", "epoch_15.hdf5", "epoch_5.hdf5", "epoch_7.hdf5"])
        #expect(try Model.load("\(folder.path)/c/epoch_10.hdf5").state.epochs == 10)
    }
}
