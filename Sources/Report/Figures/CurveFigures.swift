import Experiments
import Experiments
import Foundation
import NeuralNetwork
import Plotting
import PyImageSearch
import Runs

extension Figure {
    /// Quantities over the epochs of a training run.
    static let curveFigures: [Figure] = [
        flowers17(
            "2.5", Experiments.flowers17,
            """
            without augmentation. The training loss goes to zero, and the validation loss stops falling early and creeps up \
            later: the network learns the photographs by heart.
            """),
        flowers17(
            "2.6", Experiments.flowers17Augmented,
            """
            with augmentation. The training loss stays above zero, because no photograph looks the same twice, and the gap to \
            the validation loss is narrower.
            """),
        Figure(
            name: "6.3",
            caption: """
                The networks of the ensemble while they train on CIFAR-10, each with its own seed: (a) the losses, (b) the \
                accuracies. Lines of one color belong to the same quantity. They end close to each other, although each \
                network has other weights and makes other mistakes.
                """
        ) { try ensemble(RunCatalog($0)) },
        Figure(
            name: "10.4",
            caption: """
                AlexNet while it trains on Dogs vs. Cats: (a) the losses, which contain the penalty on the weights, (b) the \
                accuracies. The dashed line is the validation accuracy that the book reports after 75 epochs.
                """
        ) { try alexNet(RunCatalog($0)) },
        Figure(
            name: "11.6",
            caption: """
                Polynomial decay over 70 epochs from a learning rate of 5e-3. With power 1 the rate falls linearly, as \
                in all of the book's experiments on CIFAR-10. With a lower power the rate stays high and drops at the \
                end; with a higher one most epochs take small steps.
                """
        ) { _ in polynomialDecay() },
        Figure(
            name: "11.7",
            caption: """
                The book's three experiments on CIFAR-10 differ only in the initial learning rate, which decays \
                linearly to zero over 70 epochs: (a) 1e-3, (b) 1e-2, (c) 5e-3. The dashed line is the validation \
                accuracy that the documents report after the last epoch; val_acc should end there. Compare also the \
                training loss with the validation loss: in the book, 1e-2 has the best accuracy and the widest gap. If \
                we have no recorded run, the plot shows the curve that a document publishes, and says so.
                """
        ) { try cifar10Experiments(RunCatalog($0), $0) },
        Figure(
            name: "11.12",
            caption: """
                The documents' experiments on Tiny ImageNet with all 200 classes, the book's three on the left and the \
                README's on the right. The dashed line is the accuracy that the document reports: the book's on the \
                validation images after the last epoch, the README's at rank 1 on the test images. If we have no \
                recorded run, the plot shows the README's own curves, and says so. Only the README's third experiment \
                has a linear decay. In the others the learning rate drops to a tenth at times, and the curves have a \
                step there.
                """
        ) { try tinyImageNetExperiments(RunCatalog($0), $0) },
        resNetCIFAR10(
            "12.4", Experiments.resNetCIFAR10[0],
            """
            16, 16, 32 and 64 filters; the learning rate drops to a tenth after 50 and after 75 epochs.
            """),
        resNetCIFAR10(
            "12.5", Experiments.resNetCIFAR10[1],
            """
            16, 64, 128 and 256 filters; the learning rate drops after 40 and after 45 epochs.
            """),
        resNetCIFAR10(
            "12.6", Experiments.resNetCIFAR10[2],
            """
            64, 64, 128 and 256 filters and a larger penalty outside the modules; the learning rate drops after 80 and \
            after 90 epochs.
            """),
        resNetCIFAR10(
            "12.7", Experiments.resNetCIFAR10[3],
            """
            The network of experiment 3 with a learning rate that falls linearly to zero over 100 epochs.
            """),
        resNetTinyImageNet(
            "12.9", Experiments.resNetTinyImageNet[0],
            "The learning rate drops to a tenth after 25 and after 35 epochs."),
        resNetTinyImageNet(
            "12.11", Experiments.resNetTinyImageNet[1], "The learning rate falls linearly to zero over 75 epochs."),
        Figure(
            name: "tiny-imagenet-20",
            caption: """
                The same training on the first 20 of Tiny ImageNet's 200 classes, which takes an hour or two without a \
                graphics card: (a) the losses, which include the penalty on the weights, (b) the accuracies. It is an \
                easier task, and no published result is directly comparable; only the shape of the curves is. The \
                validation loss varies while the learning rate is high and settles as it falls.
                """
        ) { try tinyImageNet20(RunCatalog($0)) },
        Figure(
            name: "shapes10",
            caption: """
                A recorded run of `swift run Chapter11MiniGoogLeNet` without flags: four epochs on ten kinds of drawn \
                shapes. In the first epoch training and validation may be far apart, in either direction: dropout \
                makes training harder, and the moving averages of batch normalization still lag behind.
                """
        ) { folder in
            try RunCatalog(folder).run(.shapes10).record.chart(
                "MiniGoogLeNet on shapes10", of: ["loss", "val_loss", "acc", "val_acc"])
        },
        Figure(
            name: "fast-recipe",
            caption: """
                The fast recipe: (a) the learning rate, step by step, (b) the losses after each epoch, (c) the \
                accuracies. Compare the validation accuracy while the rate is high and while it decays to zero.
                """
        ) { try fastRecipe(RunCatalog($0)) },
    ]

    private static func polynomialDecay() -> LineChart {
        let epochs = Array(0...70)
        var chart = LineChart(
            title: "Polynomial decay of the learning rate", xLabel: "Epoch #", yLabel: "Learning rate",
            series: [0.5, 1, 2, 3, 5].map { power in
                let decay = PolynomialDecay(initial: 5e-3, duration: 70, power: power)
                return LineChart.Series(
                    label: "power \(String(format: "%g", power))", x: epochs.map(Double.init),
                    y: epochs.map { decay.learningRate(at: $0) })
            })
        chart.height = 520
        return chart
    }

    // MARK: - The documents' experiments

    private static func cifar10Experiments(_ catalog: RunCatalog, _ folder: ReportFolder) throws -> Panels {
        func panel(_ experiment: Experiment, published: PublishedHistory? = nil) -> LineChart {
            curves(
                experiment, "Experiment \(experiment.name), from \(scientific(experiment.learningRate))", catalog,
                published: published
            ).asPanel(height: 560)
        }
        let (two, last) = (Experiments.bookCIFAR10.dropLast(), Experiments.bookCIFAR10.suffix(1))
        let readme = try PublishedHistory("readme-cifar10", in: folder)
        return Panels([two.map { panel($0) }, last.map { panel($0, published: readme) }])
    }

    /// Losses and accuracies of an experiment's run; without one, those of a published run, or the published end alone.
    private static func curves(
        _ experiment: Experiment, _ title: String, _ catalog: RunCatalog, published: PublishedHistory? = nil
    ) -> LineChart {
        let metrics = ["loss", "val_loss", "acc", "val_acc"]
        var chart =
            catalog.newest(WantedRun(experiment))?.record.chart(title, of: metrics)
            ?? published?.chart(title + ": the README's run", of: metrics) ?? notRun(title)
        chart.references = experiment.published.filter { $0.source != .walkThrough }.map {
            reference($0.source.title, $0.percent)
        }
        chart.xRange = 0...Double(experiment.epochs)
        return chart
    }

    private static func flowers17(_ name: String, _ experiment: Experiment, _ words: String) -> Figure {
        Figure(
            name: name,
            caption: """
                MiniVGGNet on Flowers-17 \(words) The dashed line is the validation accuracy that the book reports after \
                the last epoch.
                """
        ) { folder in
            let catalog = try RunCatalog(folder)
            _ = try catalog.run(WantedRun(experiment))
            return curves(experiment, "Training Loss and Accuracy", catalog)
        }
    }

    /// The runs of all networks in one chart for the losses, and one for the accuracies.
    private static func ensemble(_ catalog: RunCatalog) throws -> Panels {
        let wanted = WantedRun(Experiments.ensembleMember)
        _ = try catalog.run(wanted)
        let records = catalog.all(wanted).map(\.record).filter(\.isComplete)
        func panel(_ title: String, _ metrics: [String]) -> LineChart {
            var chart = LineChart(title: title, xLabel: "Epoch #", yLabel: "", series: [])
            for (number, record) in records.enumerated() {
                for (place, metric) in metrics.enumerated() {
                    chart.series.append(
                        LineChart.Series(
                            label: number == 0 ? TrainingHistory.label(of: metric) : "",
                            x: record.epochs.map { Double($0.number) },
                            y: record.epochs.map { $0.metrics[metric] ?? .nan },
                            color: Palette.color(of: place)))
                }
            }
            return chart.asPanel(height: 560)
        }
        return Panels([[panel("Losses", ["loss", "val_loss"]), panel("Accuracies", ["acc", "val_acc"])]])
    }

    /// The recorded run that saw the most images.
    private static func alexNet(_ catalog: RunCatalog) throws -> Panels {
        let experiment = Experiments.alexNet
        let record = try (catalog.ofAnyLength(experiment).last ?? catalog.run(WantedRun(experiment))).record
        let loss = record.chart("AlexNet: loss", of: ["loss", "val_loss"])
        var accuracy = record.chart("AlexNet: accuracy", of: ["acc", "val_acc"])
        accuracy.references = experiment.published.prefix(1).map { reference($0.source.title, $0.percent) }
        return Panels([[loss.asPanel(height: 440), accuracy.asPanel(height: 440)]])
    }

    private static func resNetCIFAR10(_ name: String, _ experiment: Experiment, _ words: String) -> Figure {
        Figure(
            name: name,
            caption: """
                ResNet on CIFAR-10, experiment \(experiment.name). \(words) The dashed line is the validation accuracy \
                that the book reports after the last epoch. The losses contain the penalties on the weights.
                """
        ) { curves(experiment, "ResNet on CIFAR-10, experiment \(experiment.name)", try RunCatalog($0)) }
    }

    private static func resNetTinyImageNet(_ name: String, _ experiment: Experiment, _ words: String) -> Figure {
        Figure(
            name: name,
            caption: """
                ResNet on Tiny ImageNet with all 200 classes, experiment \(experiment.name). \(words) The dashed line \
                is the validation accuracy that the book reports after the last epoch.
                """
        ) { try panel(experiment, "ResNet on Tiny ImageNet, experiment \(experiment.name)", RunCatalog($0), $0) }
    }

    /// As the documents write a learning rate: 5e-3.
    private static func scientific(_ rate: Double) -> String {
        String(format: "%.0e", rate).replacing("e-0", with: "e-")
    }

    private static func tinyImageNetExperiments(_ catalog: RunCatalog, _ folder: ReportFolder) throws -> Panels {
        let all = Experiments.tinyImageNetStages + Experiments.tinyImageNetDecay
        let book = all.filter { $0.source != .readme }, readme = all.filter { $0.source == .readme }
        return try Panels(
            zip(book, readme).map {
                [try panel($0, $0.name, catalog, folder), try panel($1, $1.name, catalog, folder)]
            })
    }

    /// Losses above accuracies, because a loss of six leaves accuracies no room on a common axis; accuracy alone if the
    /// experiment was not run.
    private static func panel(
        _ experiment: Experiment, _ title: String, _ catalog: RunCatalog, _ folder: ReportFolder
    ) throws -> any Picture {
        let record = catalog.newest(WantedRun(experiment))?.record
        // The first number is validation accuracy, if the document has it.
        let references = experiment.published.prefix(1).map { number in
            reference(
                "\(number.source.title), \(number.metric == "val_acc" ? "validation" : "test, rank 1")", number.percent)
        }
        var accuracy =
            try record?.chart("\(title): accuracy", of: ["acc", "val_acc"])
            ?? PublishedHistory(experiment.name, in: folder)?
            .chart("\(title): the README's run", of: ["acc", "val_acc"])
            ?? notRun(title)
        accuracy.references = references
        accuracy.xRange = 0...Double(experiment.epochs)
        accuracy.yRange = 0...0.8
        guard let record else { return accuracy.asPanel(height: 440) }
        var loss = record.chart("\(title): loss", of: ["loss", "val_loss"])
        loss.xRange = 0...Double(experiment.epochs)
        var stack = Panels([[loss.asPanel(height: 440)], [accuracy.asPanel(height: 440)]])
        stack.hasLetters = false
        return stack
    }

    /// An empty chart for the published curves.
    private static func notRun(_ title: String) -> LineChart {
        var chart = LineChart(title: title, xLabel: "Epoch #", yLabel: "", series: [])
        chart.note = "not run here"
        chart.yRange = 0...1
        return chart
    }

    private static func reference(_ source: String, _ percent: Double) -> LineChart.Reference {
        LineChart.Reference(label: "\(source): \(twoDecimals(percent)) %", y: percent / 100)
    }

    // MARK: - Our own

    private static func tinyImageNet20(_ catalog: RunCatalog) throws -> Panels {
        let record = try catalog.run(.twentyClasses).record
        return Panels([
            [record.chart("Loss, 20 classes", of: ["loss", "val_loss"]).asPanel(height: 460)],
            [record.chart("Accuracy, 20 classes", of: ["acc", "val_acc"]).asPanel(height: 460)],
        ])
    }

    private static func fastRecipe(_ catalog: RunCatalog) throws -> Panels {
        let record = try catalog.run(.fast).record
        let experiment = Experiments.fast
        let steps = experiment.wholeSpan.stepsPerEpoch
        let schedule = experiment.schedule(experiment.wholeSpan)
        let time = Array(stride(from: 0, through: experiment.epochs * steps, by: 10))
        let rate = LineChart(
            title: "Learning rate", xLabel: "Epoch #", yLabel: "",
            series: [
                LineChart.Series(
                    label: "", x: time.map { Double($0) / Double(steps) }, y: time.map(schedule.learningRate))
            ])
        return Panels([
            [rate.asPanel(height: 320)],
            [record.chart("Loss", of: ["loss", "val_loss"]).asPanel(height: 460)],
            [record.chart("Accuracy", of: ["acc", "val_acc"]).asPanel(height: 460)],
        ])
    }
}

extension RunRecord {
    /// Metrics over the epochs, named as in the book's `TrainingMonitor`. Epochs that lack one leave a gap.
    fileprivate func chart(_ title: String, of metrics: [String]) -> LineChart {
        LineChart(
            title: title, xLabel: "Epoch #", yLabel: "",
            series: metrics.map { metric in
                LineChart.Series(
                    label: TrainingHistory.label(of: metric), x: epochs.map { Double($0.number) },
                    y: epochs.map { $0.metrics[metric] ?? .nan })
            })
    }
}

extension LineChart {
    /// One of several panels: with larger type, and aligned axes.
    func asPanel(height: Double) -> LineChart {
        var chart = self
        (chart.width, chart.height) = (700, height)
        chart.textScale = 1.1 / min(1, height / 600, 700 / 800)
        chart.hasLegendBelow = true
        chart.leftMargin = 90
        return chart
    }
}
