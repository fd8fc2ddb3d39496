import FixtureSupport
import Foundation
import NeuralNetwork
import PyImageSearch
import Runs
import ScikitLearn
import Tensors

extension FuzzTarget {
    /// The JSON files that programs read: a run's record, its history, the means of the channels. Each input goes to
    /// all readers, and must be valid for one.
    static let json = FuzzTarget(
        name: "json",
        starts: { try [record, history, means].map { Array(try $0.text().utf8) } },
        mutate: { starts, random in
            let kind = Int.random(in: 0..<8, using: &random)
            if kind == 0 {
                let opening = ["[", "{\"R\":", "[{\"loss\":"].randomElement(using: &random) ?? "["
                return Array(
                    String(repeating: opening, count: Int.random(in: 1...100_000, using: &random)).utf8)
            }
            if kind < 4 { return Mutation.mutate(starts, using: &random) }
            let start = starts.randomElement(using: &random) ?? []
            var json = try JSON(parsing: String(decoding: start, as: UTF8.self))
            for _ in 0..<Int.random(in: 1...3, using: &random) { json = HostileJSON.changed(json, using: &random) }
            // JSON that is nested too deep cannot be written either.
            guard let text = try? json.text() else { return Mutation.mutate(starts, using: &random) }
            return Array(text.utf8)
        },
        read: { input, file in
            let readers: [() throws -> Void] = [
                { _ = try ChannelMeans(contentsOf: file).preprocessor },
                { try rewrite(RunRecord(contentsOf: file), beside: file) },
                { try goOn(withHistory: file) },
            ]
            let ends = readers.map { read in Result { try read() } }
            for case .failure(let error) in ends where String(reflecting: type(of: error)).hasPrefix("Foundation") {
                throw error
            }
            if !ends.contains(where: { if case .success = $0 { true } else { false } }) { try ends[0].get() }
        })

    /// An accepted record can be written, and is the same when it is read again.
    private static func rewrite(_ record: RunRecord, beside file: String) throws {
        let again = file + ".again"
        try record.write(to: again)
        let read = try RunRecord(contentsOf: again)
        if read.epochs != record.epochs { fatalError("a record changes when it is written") }
        _ = (record.isComplete, record.trainingTime, record.final("loss"), record.best("val_acc"))
    }

    /// Continues the history as a training that resumes after three epochs does, and adds an epoch with its plot.
    private static func goOn(withHistory file: String) throws {
        let copy = file + ".history.json"
        try? FileManager.default.removeItem(atPath: copy)
        try FileManager.default.copyItem(atPath: file, toPath: copy)
        let monitor = TrainingMonitor(figurePath: file + ".png", jsonPath: copy)
        let input = Input(shape: [1])
        let model = try Model(inputs: input, outputs: Dense(1)(input)).on(.any)
        model.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 0.1))
        let sample = Tensor(shape: [1, 1], scalars: [0.5])
        try model.fit(sample, sample, epochs: 4, initialEpoch: 3, callbacks: [monitor], verbose: false)
    }

    private static let means: JSON = ["R": 120.5, "G": 110.25, "B": 100]

    private static let history: JSON = [
        "loss": [2.5, 1.5, 0.5], "acc": [0.1, nil, 0.3], "val_loss": [2, 1.75, 1], "val_accuracy": [0.25, 0.5, 0.75],
        "lr": [0.01, 0.01, 0.001],
    ]

    private static let record: JSON = [
        "version": 1, "chapter": "Chapter11MiniGoogLeNet", "seed": 42, "note": "made up", "weights": "0123456789abcdef",
        "experiment": ["name": "3", "epochs": 2, "batchSize": 64, "settings": ["loss": "mse"]],
        "network": ["name": "MiniGoogLeNet", "parameters": 100, "trainableParameters": 90],
        "dataset": [
            "name": "cifar10", "classes": 2, "trainingImages": 10, "validationImages": 4, "checksum": "00112233",
        ],
        "stages": [
            [
                "commandLine": "swift run Chapter11MiniGoogLeNet", "initialEpoch": 0, "reachedEpoch": 2,
                "started": "2026-01-01T00:00:00Z", "ended": "2026-01-01T01:00:00Z", "peakMemory": 123,
                "secondsIntoEpoch": 7.5,
                "machine": [
                    "backend": "oneDNN", "threads": 2, "processor": "a processor", "operatingSystem": "a system",
                    "compiler": "Swift", "gitCommit": "0123", "isTreeClean": true,
                ],
            ]
        ],
        "epochs": [
            ["number": 1, "seconds": 60, "imagesPerSecond": 200, "metrics": ["loss": 2.5, "val_acc": 0.5]],
            ["number": 2, "seconds": 70.25, "metrics": ["loss": 1.5, "val_acc": 0.75]],
        ],
        "test": [
            "images": 4, "metrics": ["accuracy": 0.75], "classNames": ["cat", "dog"],
            "confusionMatrix": [[2, 0], [1, 1]], "classificationReport": "a report",
        ],
    ]
}
