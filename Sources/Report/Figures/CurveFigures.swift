import NeuralNetwork
import Plotting
import PyImageSearch
import Reporting

extension Figure {
    /// Quantities over the epochs of a training run.
    static let curveFigures: [Figure] = [
        Figure(
            name: "11.6",
            caption: """
                Polynomial decay over 70 epochs from a learning rate of 5e-3. With power 1 the rate falls in a straight \
                line, as in all of the book's experiments on CIFAR-10; a lower power holds it up and lets it drop at \
                the end, a higher one spends most of the epochs on small steps.
                """
        ) { _ in polynomialDecay() },
        Figure(
            name: "11.7",
            caption: """
                The book's three experiments on CIFAR-10 differ in nothing but the initial learning rate: (a) 1e-3, \
                (b) 1e-2, (c) 5e-3, falling in a line to zero over 70 epochs. Dashed is the validation accuracy that \
                the documents report for the last epoch; the black curve should end there. Look also at how far the \
                training loss leaves the validation loss behind: the bold 1e-2 pays for its accuracy with the widest \
                gap.
                """
        ) { try cifar10Experiments(RunCatalog($0)) },
        Figure(
            name: "11.12",
            caption: """
                The documents' experiments on Tiny ImageNet with all 200 classes, the book's three on the left and \
                the README's on the right. Dashed is the accuracy that the document reports: the book's on the \
                validation images after the last epoch, the README's at rank 1 on the test images. The steps in the \
                curves of the first five are the learning rate's: it falls to a tenth when progress stalls.
                """
        ) { try tinyImageNetExperiments(RunCatalog($0)) },
        Figure(
            name: "tiny-imagenet-20",
            caption: """
                The same training on the first 20 of Tiny ImageNet's 200 classes, which a machine without a graphics \
                card can do in an afternoon. It is an easier task, and no published number can be held against it; \
                what carries over is the shape: the validation loss is restless while the learning rate is high, and \
                settles as the rate falls.
                """
        ) { try tinyImageNet20(RunCatalog($0)) },
        Figure(
            name: "fast-recipe",
            caption: """
                The fast recipe, epoch by epoch: (a) the learning rate as it stands at the end of each, (b) the \
                losses, (c) the accuracies. Most of the accuracy's last gain comes while the rate runs out to zero.
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
                    label: "power \(power.formatted())", x: epochs.map(Double.init),
                    y: epochs.map { decay.learningRate(at: $0) })
            })
        chart.height = 520
        return chart
    }

    // MARK: - Experiments

    private static func cifar10Experiments(_ catalog: RunCatalog) -> Panels {
        func reference(_ document: String, _ percent: Double) -> LineChart.Reference {
            LineChart.Reference(label: "\(document): \(twoDecimals(percent)) %", y: percent / 100)
        }
        let panels = [
            ("1", "1e-3", [reference("book", 87.95)]),
            ("2", "1e-2", [reference("book", 91.79)]),
            ("3", "5e-3", [reference("book", 90.81), reference("README", 90.30)]),
        ].map { experiment, rate, references in
            panel(
                title: "Experiment \(experiment): \(rate)", run: catalog.newest(.cifar10(experiment)), epochs: 70,
                references: references)
        }
        return Panels([Array(panels[..<2]), Array(panels[2...])])
    }

    private static func tinyImageNetExperiments(_ catalog: RunCatalog) -> Panels {
        func panels(of document: String, _ name: String) -> [LineChart] {
            TinyImageNetExperiment.all.filter { $0.name.hasPrefix(document) }.map { experiment in
                let published = experiment.published
                let (kind, percent) =
                    published.validation.map { ("validation", $0) } ?? ("test, rank 1", published.rank1 ?? .nan)
                return panel(
                    title: experiment.name, run: catalog.newest(.tinyImageNet(experiment.name)),
                    epochs: experiment.epochs,
                    references: [
                        LineChart.Reference(
                            label: "\(name), \(kind): \(twoDecimals(percent)) %", y: percent / 100)
                    ])
            }
        }
        return Panels(zip(panels(of: "book", "book"), panels(of: "readme", "README")).map { [$0, $1] })
    }

    /// An experiment's curves, or, where there is no run of it, only what is published.
    private static func panel(
        title: String, run: RunCatalog.Run?, epochs: Int, references: [LineChart.Reference]
    ) -> LineChart {
        var chart: LineChart
        if let record = run?.record {
            chart = learningCurves(of: record, title: title)
        } else {
            chart = LineChart(title: title, xLabel: "Epoch #", yLabel: "Accuracy", series: [])
            chart.note = "not run here"
            chart.yRange = 0...1
        }
        chart.references = references
        chart.xRange = 0...Double(epochs)
        (chart.width, chart.height, chart.textScale) = (700, 500, 1.3)
        return chart
    }

    private static func tinyImageNet20(_ catalog: RunCatalog) throws -> LineChart {
        let record = try catalog.run(.twentyClasses).record
        return learningCurves(of: record, title: "\(record.network.name) on 20 of Tiny ImageNet's 200 classes")
    }

    private static func fastRecipe(_ catalog: RunCatalog) throws -> Panels {
        let record = try catalog.run(.cifar10("fast")).record
        func chart(_ title: String, _ label: String, height: Double, _ series: [LineChart.Series]) -> LineChart {
            var chart = LineChart(title: title, xLabel: "Epoch #", yLabel: label, series: series)
            chart.xRange = 1...Double(max(record.epochs.count, 2))
            (chart.width, chart.height, chart.textScale) = (800, height, 600 / height)
            return chart
        }
        return Panels([
            [
                chart(
                    "Learning rate", "Learning rate", height: 300, [record.series("lr", label: "")])
            ],
            [
                chart(
                    "Loss", "Loss", height: 380,
                    [record.series("loss", label: "train_loss"), record.series("val_loss", label: "val_loss")])
            ],
            [
                chart(
                    "Accuracy", "Accuracy", height: 380,
                    [record.series("acc", label: "train_acc"), record.series("val_acc", label: "val_acc")])
            ],
        ])
    }

    /// Loss and accuracy, of training and validation, in one panel as the book's `TrainingMonitor` draws them.
    private static func learningCurves(of record: RunRecord, title: String) -> LineChart {
        LineChart(
            title: title, xLabel: "Epoch #", yLabel: "Loss/Accuracy",
            series: [
                record.series("loss", label: "train_loss"), record.series("val_loss", label: "val_loss"),
                record.series("acc", label: "train_acc"), record.series("val_acc", label: "val_acc"),
            ])
    }
}

extension RunRecord {
    /// A metric over the epochs; those that lack it leave a gap.
    fileprivate func series(_ metric: String, label: String) -> LineChart.Series {
        LineChart.Series(
            label: label, x: epochs.map { Double($0.number) }, y: epochs.map { $0.metrics[metric] ?? .nan })
    }
}
