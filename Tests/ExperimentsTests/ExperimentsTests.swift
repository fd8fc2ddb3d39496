import Experiments
import Foundation
import NeuralNetwork
import PyImageSearch
import Testing

@Suite struct ExperimentsTests {
    @Test func everyExperimentHasAChapterAndANameOfItsOwn() {
        let chapters = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Chapters")
        for experiment in Experiments.all {
            let source = chapters.appendingPathComponent("\(experiment.chapter)/\(experiment.chapter).swift")
            #expect(FileManager.default.fileExists(atPath: source.path), "\(experiment.name)")
            // A body may have a head of its own: VGG16+FCHeadNet.
            let body = experiment.networkName.prefix { $0 != "+" }
            #expect(Networks.all.contains { $0.name == body }, "\(experiment.name)")
        }
        let names = Experiments.all.map { "\($0.chapter) \($0.name)" }
        #expect(Set(names).count == names.count)
    }

    /// A reader may reword a summary; the settings do not change.
    @Test(arguments: Experiments.all.map(\.name)) func theSummaryTakesNoPartInTheSettings(name: String) throws {
        let experiment = try Experiments.named(name, among: Experiments.all)
        let settings = experiment.settings(experiment.wholeSpan)
        let text = try JSON.object(settings).text()
        #expect(!text.contains(experiment.summary) && settings["summary"] == nil)
        #expect(settings["optimizer"]?["config"]?["learning_rate"]?.number == experiment.learningRate)
    }

    /// What the documents report, counted once more by hand.
    @Test func publishedNumbersAreAsMany() {
        #expect(Experiments.miniGoogLeNet.map(\.published.count) == [2, 2, 3, 0, 0])
        #expect(Experiments.tinyImageNetStages.map(\.published.count) == [1, 1, 3, 2, 2])
        #expect(Experiments.resNetCIFAR10.flatMap(\.published).map(\.percent) == [89.06, 90.10, 91.83, 93.58])
        #expect(
            Experiments.resNetTinyImageNet.map { $0.published.map(\.percent) } == [
                [53.14, 53.10, 75.43], [58.32, 58.03, 80.46],
            ])
        #expect(Experiments.tutorial.published.map(\.percent) == [81.91, 74.35, 77.91])
    }
}
