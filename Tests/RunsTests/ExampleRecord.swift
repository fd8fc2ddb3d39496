import Foundation
import Runs

extension RunRecord {
    /// A record with every key, of two epochs in two stages.
    static var example: RunRecord {
        var machine = Machine(
            backend: "oneDNN 2.6.3", threads: 2, processor: "a processor, 2 cores", operatingSystem: "a system",
            compiler: "Swift 6.3.1", gitCommit: "0123456789abcdef", isTreeClean: true)
        machine.processes = Processes(
            library: "Open MPI 4.1.4", hosts: ["a", "b"], threads: [2, 2], gradientFormat: "float32")
        let machineOfAll = machine
        func stage(_ initial: Int, _ reached: Int, _ seconds: Double?) -> Stage {
            var stage = Stage(
                commandLine: "swift run Chapter11MiniGoogLeNet", initialEpoch: initial, reachedEpoch: reached,
                started: Date(timeIntervalSince1970: 1000 + 100 * Double(initial)),
                ended: Date(timeIntervalSince1970: 1000 + 100 * Double(reached)), machine: machineOfAll, peakMemory: 123
            )
            stage.secondsIntoEpoch = seconds
            var transcript = Transcript()
            transcript.add("[INFO] training...", line: 7, source: "try run.fit(")
            transcript.add(picture: "plot.png", line: 7, source: "try run.fit(")
            stage.transcript = transcript
            return stage
        }
        var record = RunRecord(
            chapter: "Chapter11MiniGoogLeNet",
            experiment: Experiment(name: "3", epochs: 2, batchSize: 64, settings: ["loss": "mse"]),
            network: Network(name: "MiniGoogLeNet", parameters: 100, trainableParameters: 90),
            dataset: Dataset(
                name: "cifar10", classes: 2, trainingImages: 10, validationImages: 4, checksum: "00112233"),
            seed: .max, stages: [stage(0, 1, 7.5), stage(1, 2, nil)],
            epochs: [
                Epoch(number: 1, seconds: 60, imagesPerSecond: 200, metrics: ["loss": 2.5, "val_acc": 0.5]),
                Epoch(number: 2, seconds: 70.25, imagesPerSecond: nil, metrics: ["loss": 1.5, "val_acc": 0.75]),
            ],
            test: TestResult(
                images: 4, metrics: ["accuracy": 0.75], classNames: ["cat", "dog"],
                confusionMatrix: [[2, 0], [1, 1]],
                classificationReport: "a report"),
            note: "made up")
        record.weights = "0123456789abcdef"
        return record
    }
}
