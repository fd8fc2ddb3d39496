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
            "2.5", Experiments.flowers17, "without augmentation",
            """
            The training loss goes to zero, and the validation loss stops falling early and creeps up \
            later: the network learns the photographs by heart.
            """),
        flowers17(
            "2.6", Experiments.flowers17Augmented, "with augmentation",
            """
            The training loss stays above zero, because no photograph looks the same twice, and the gap to \
            the validation loss is narrower.
            """),
        Figure(
            name: "6.3",
            caption: """
                The recorded networks of the ensemble while they train on CIFAR-10, each with its own seed: (a) the losses, \
                (b) the accuracies. Lines of one color belong to the same quantity. They end close to each other, although \
                each network has other weights and makes other mistakes. Training is measured with dropout and on changed \
                images, so it is below validation.
                """
        ) { try ensemble(RunCatalog($0)) },
        Figure(
            name: "10.4",
            caption: """
                AlexNet while it trains on Dogs vs. Cats. The losses contain the penalty on the weights. The dashed \
                line is the validation accuracy that the book reports after 75 epochs.
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
                linearly to zero over 70 epochs: 1e-3, 1e-2 and 5e-3. The dashed lines are the validation accuracies \
                that the documents report after the last epoch; the curve of validation should end there. Compare also \
                the training loss with the validation loss: in the book, 1e-2 has the best accuracy and the widest \
                gap. Drawn are the runs that are recorded here or published by a document; the list of what was not run \
                names the others.
                """
        ) { folder in
            try curves(Experiments.bookCIFAR10, in: folder) {
                "Experiment \($0.name), from \(TrainingHistory.label(ofRate: $0.learningRate))"
            }
        },
        Figure(
            name: "11.12",
            caption: """
                The documents' experiments on Tiny ImageNet with all 200 classes. The dashed line is the accuracy that \
                the document reports: the book's on the validation images after the last epoch, the README's at rank 1 \
                on the test images. If we have no recorded run, the plot shows the README's own curves, and says so. \
                An experiment with neither is not drawn. Only the README's third experiment \
                has a linear decay. In the others the learning rate drops to a tenth at the thin lines, and the curves \
                have a step there.
                """
        ) { folder in
            try curves(Experiments.tinyImageNetStages + Experiments.tinyImageNetDecay, in: folder, title: \.name)
        },
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
                graphics card. The losses include the penalty on the weights. It is an easier task, and no published \
                result is directly comparable; only the shape of the curves is. The validation loss varies while the \
                learning rate is high and settles as it falls.
                """
        ) { try TrainingPlot(RunCatalog($0).run(.twentyClasses).record.history, title: "GoogLeNet, 20 classes") },
        Figure(
            name: "shapes10",
            caption: """
                A recorded run of `swift run Chapter11MiniGoogLeNet` without flags: four epochs on ten kinds of drawn \
                shapes. In the first epoch training and validation may be far apart, in either direction: dropout \
                makes training harder, and the moving averages of batch normalization still lag behind.
                """
        ) { try TrainingPlot(RunCatalog($0).run(.shapes10).record.history, title: "MiniGoogLeNet on shapes10") },
        Figure(
            name: "fast-recipe",
            caption: """
                The fast recipe: the learning rate, step by step, then the losses and the accuracies after each epoch. \
                Compare the validation accuracy while the rate is high and while it decays to zero.
                """
        ) { try fastRecipe(RunCatalog($0)) },
    ]

    private static func polynomialDecay() -> LineChart {
        let epochs = Array(0...70)
        var chart = LineChart(
            title: "Polynomial decay of the learning rate", xLabel: "Epoch #", yLabel: "Learning rate",
            series: [0.5, 1, 2, 3, 5].map { power in
                let decay = PolynomialDecay(initialLearningRate: 5e-3, decaySteps: 70, power: power)
                return LineChart.Series(
                    label: "power \(String(format: "%g", power))", x: epochs.map(Double.init),
                    y: epochs.map { decay.learningRate(at: $0) })
            })
        chart.height = 520
        return chart
    }

    // MARK: - The documents' experiments

    /// The experiments that were run, or of which a document publishes a run; two in a row.
    ///
    /// - Throws: ``MissingRun`` if there is none.
    private static func curves(
        _ experiments: [Experiment], in folder: ReportFolder, title: (Experiment) -> String
    ) throws -> Panels {
        let catalog = try RunCatalog(folder)
        var plots = try experiments.compactMap { try curves($0, title($0), catalog, folder) }
        guard !plots.isEmpty else { throw MissingRun(of: WantedRun(experiments[0])) }
        if plots.count > 1 {
            for index in plots.indices { plots[index].textScale = 1.25 }
        }
        var panels = Panels(stride(from: 0, to: plots.count, by: 2).map { Array(plots[$0..<min($0 + 2, plots.count)]) })
        panels.hasLetters = false
        return panels
    }

    /// - Throws: ``MissingRun`` if the experiment was not run, and no document publishes its run.
    private static func curves(
        _ experiment: Experiment, _ title: String, in folder: ReportFolder
    ) throws -> TrainingPlot {
        guard let plot = try curves(experiment, title, RunCatalog(folder), folder) else {
            throw MissingRun(of: WantedRun(experiment))
        }
        return plot
    }

    /// An experiment's run; without one, the run that a document publishes; `nil` if there is neither.
    private static func curves(
        _ experiment: Experiment, _ title: String, _ catalog: RunCatalog, _ folder: ReportFolder
    ) throws -> TrainingPlot? {
        var plot: TrainingPlot
        let wanted = WantedRun(experiment)
        if let run = catalog.newest(wanted) {
            let seed = catalog.all(wanted).count > 1 ? ", seed \(run.record.seed)" : ""
            plot = TrainingPlot(run.record.history, title: title + seed)
        } else if let published = try folder.publishedHistory(of: experiment) {
            plot = TrainingPlot(published, title: "\(title): the README's run")
        } else {
            return nil
        }
        plot.references = references(experiment)
        plot.epochs = experiment.epochs
        return plot
    }

    /// What the documents report, by the first of their metrics: validation accuracy, if they have it.
    private static func references(_ experiment: Experiment) -> [LineChart.Reference] {
        let numbers = experiment.published.filter { $0.source != .walkThrough }
        return numbers.filter { $0.metric == numbers[0].metric }.map { number in
            let document = number.source.title + (number.metric == "rank1" ? ", test images" : "")
            return LineChart.Reference(
                label: "\(document): \(twoDecimals(number.percent)) %", y: number.percent / 100)
        }
    }

    private static func flowers17(_ name: String, _ experiment: Experiment, _ variant: String, _ words: String)
        -> Figure
    {
        Figure(
            name: name,
            caption: """
                MiniVGGNet on Flowers-17 \(variant). \(words) The dashed line is the validation accuracy that the book \
                reports after \
                the last epoch.
                """
        ) { try curves(experiment, "Flowers-17 \(variant)", in: $0) }
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
    private static func alexNet(_ catalog: RunCatalog) throws -> TrainingPlot {
        let experiment = Experiments.alexNet
        let record = try (catalog.ofAnyLength(experiment).last ?? catalog.run(WantedRun(experiment))).record
        var plot = TrainingPlot(record.history, title: "AlexNet on Dogs vs. Cats")
        plot.references = references(experiment)
        return plot
    }

    private static func resNetCIFAR10(_ name: String, _ experiment: Experiment, _ words: String) -> Figure {
        Figure(
            name: name,
            caption: """
                ResNet on CIFAR-10, experiment \(experiment.name). \(words) The dashed line is the validation accuracy \
                that the book reports after the last epoch. The losses contain the penalties on the weights.
                """
        ) { try curves(experiment, "ResNet on CIFAR-10, experiment \(experiment.name)", in: $0) }
    }

    private static func resNetTinyImageNet(_ name: String, _ experiment: Experiment, _ words: String) -> Figure {
        Figure(
            name: name,
            caption: """
                ResNet on Tiny ImageNet with all 200 classes, experiment \(experiment.name). \(words) The dashed line \
                is the validation accuracy that the book reports after the last epoch.
                """
        ) { try curves(experiment, "ResNet on Tiny ImageNet, experiment \(experiment.name)", in: $0) }
    }

    // MARK: - Our own

    private static func fastRecipe(_ catalog: RunCatalog) throws -> ChartStack {
        let record = try catalog.run(.fast).record
        let experiment = Experiments.fast
        let steps = experiment.wholeSpan.stepsPerEpoch
        let schedule = experiment.schedule(experiment.wholeSpan)
        let time = Array(stride(from: 0, through: experiment.epochs * steps, by: 10))
        let rate = LineChart(
            title: "", xLabel: "", yLabel: "Learning rate",
            series: [
                LineChart.Series(
                    label: "", x: time.map { Double($0) / Double(steps) }, y: time.map(schedule.learningRate))
            ])
        var stack = TrainingPlot(record.history, title: "The fast recipe").lossAboveAccuracy
        stack.charts.insert(rate, at: 0)
        stack.height = 1050
        return stack
    }
}

extension RunRecord {
    /// The metrics of all epochs by name, as in the file of a `TrainingMonitor`.
    fileprivate var history: TrainingHistory {
        let names = Set(epochs.flatMap(\.metrics.keys))
        return TrainingHistory(uniqueKeysWithValues: names.map { name in (name, epochs.map { $0.metrics[name] }) })
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
