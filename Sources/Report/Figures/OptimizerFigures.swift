import Foundation
import NeuralNetwork
import OpenBLASBackend
import Plotting
import Tensors

extension Figure {
    /// How optimizers move, for chapter 7 of the book, which has no figures.
    static let optimizerFigures: [Figure] = [
        Figure(
            name: "7.1",
            caption: """
                Seven optimizers descend the same valley: the mean squared error of a linear model with two weights, \
                trained by the library. (a) SGD and its two forms with a momentum of 0.9. (b) The optimizers that scale \
                each weight's step by the size of its gradients. Lines of equal loss are gray, the dot is the start, \
                and the cross is the minimum. (c) The loss at each of the \(Valley.steps) steps. The legend states the \
                learning rates, which are chosen by hand for this valley; all other settings are Keras's defaults. The \
                figure shows ways of moving. It is not a ranking: other rates give another order.
                """
        ) { _ in try optimizerPaths() }
    ]

    /// An optimizer in the figure.
    private struct Contestant {
        let name: String
        let optimizer: any Optimizer
        let color: Color

        var label: String { "\(name), \(String(format: "%g", optimizer.learningRate))" }
    }

    private static let gradientDescent = [
        Contestant(name: "SGD", optimizer: SGD(learningRate: 0.07), color: Palette.blue),
        Contestant(
            name: "momentum", optimizer: SGD(learningRate: 0.01, momentum: 0.9), color: Palette.vermilion),
        Contestant(
            name: "Nesterov", optimizer: SGD(learningRate: 0.01, momentum: 0.9, nesterov: true),
            color: Palette.bluishGreen),
    ]

    private static let adaptive = [
        Contestant(name: "Adagrad", optimizer: Adagrad(learningRate: 1), color: Palette.black),
        Contestant(name: "RMSprop", optimizer: RMSprop(learningRate: 0.2), color: Palette.skyBlue),
        Contestant(name: "Adam", optimizer: Adam(learningRate: 0.3), color: Palette.orange),
        Contestant(name: "Nadam", optimizer: Nadam(learningRate: 0.3), color: Palette.reddishPurple),
    ]

    private static func optimizerPaths() throws -> Panels {
        let valley = Valley()
        let groups = try [gradientDescent, adaptive].map { try $0.map { ($0, try valley.descent(by: $0.optimizer)) } }
        let maps = zip(["SGD, with and without momentum", "A step size for each weight"], groups).map { title, group in
            map(of: valley, title, group)
        }
        let all = groups.flatMap(\.self)
        var losses = LineChart(
            title: "Loss", xLabel: "step", yLabel: "log10 of the loss",
            series: all.map { contestant, descent in
                .init(
                    label: contestant.label, x: descent.losses.indices.map(Double.init),
                    y: descent.losses.map { log10($0) }, color: contestant.color)
            }
        ).asPanel(height: 520)
        losses.width = 2 * maps[0].width
        return Panels([maps, [losses]])
    }

    private static func map(
        of valley: Valley, _ title: String, _ group: [(Contestant, Valley.Descent)]
    ) -> LineChart {
        // Both weights have the same scale.
        let (x, y) = (-7.0...2.0, -4.5...2.25)
        let contours = valley.contours.map { contour in
            let shown = contour.map { x.contains($0.x) && y.contains($0.y) ? $0 : SIMD2(.nan, .nan) }
            return LineChart.Series(
                label: "", x: shown.map(\.x), y: shown.map(\.y), color: Color(hex: 0xAAAAAA), thickness: 0.5)
        }
        let paths = group.map { contestant, descent in
            LineChart.Series(
                label: contestant.label, x: descent.path.map(\.x), y: descent.path.map(\.y), color: contestant.color,
                thickness: 0.8)
        }
        let start = LineChart.Series(
            label: "", x: [Valley.start.x], y: [Valley.start.y], color: Palette.black, isScattered: true)
        // The minimum, as a cross of two short lines with a gap between them.
        let arm = 0.12
        let cross = LineChart.Series(
            label: "", x: [-arm, arm, .nan, -arm, arm], y: [-arm, arm, .nan, arm, -arm], color: Palette.black)
        var map = LineChart(
            title: title, xLabel: "first weight", yLabel: "second weight", series: contours + paths + [start, cross]
        ).asPanel(height: 600)
        (map.xRange, map.yRange) = (x, y)
        map.hasLegendBelow = false
        return map
    }
}

/// A loss of two weights whose lines of equal loss are long ellipses, aslant: the mean squared error of
/// `prediction = x · w` for two samples, whose inputs are perpendicular and whose targets are 0. The minimum is at 0.
struct Valley {
    static let steps = 60
    /// Far down the valley, and a little beside its floor.
    static let start = -6 * direction + perpendicular

    private static let direction = SIMD2(cos(25 * Double.pi / 180), sin(25 * Double.pi / 180))
    private static let perpendicular = SIMD2(-direction.y, direction.x)

    struct Descent {
        /// The weights before each step, and at the end.
        var path: [SIMD2<Double>] = []
        /// The loss at each point of the path.
        var losses: [Double] = []
    }

    /// The samples: a short one along the valley's floor, and a long one across it. So the loss is `(u² + 25 v²) / 2`
    /// in coordinates along and across.
    private let along: SIMD2<Double>, across: SIMD2<Double>

    init() {
        along = Self.direction
        across = 5 * Self.perpendicular
    }

    func loss(at weights: SIMD2<Double>) -> Double {
        let errors = [along, across].map { ($0 * weights).sum() }
        return errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
    }

    /// The model's training, a step at a time.
    func descent(by optimizer: any Optimizer) throws -> Descent {
        let input = Input(shape: [2])
        let model = Model(inputs: input, outputs: Dense(1, useBias: false)(input))
        try model.move(to: OpenBLASBackend(threads: 1))
        model.compile(loss: .meanSquaredError, optimizer: optimizer)
        try model.setWeights([Tensor(shape: [2, 1], scalars: [Float(Self.start.x), Float(Self.start.y)])])
        let inputs = Tensor(shape: [2, 2], scalars: [along.x, along.y, across.x, across.y].map { Float($0) })
        let batch = Batch(inputs: [inputs], targets: [Tensor(repeating: 0, shape: [2, 1])])

        var descent = Descent()
        for step in 0...Self.steps {
            if step > 0 { try model.trainOnBatch(batch) }
            let weights = try model.weights()[0].scalars.map(Double.init)
            descent.path.append(SIMD2(weights[0], weights[1]))
            descent.losses.append(loss(at: descent.path[step]))
        }
        return descent
    }

    /// Lines of equal loss, each a closed ellipse around the minimum.
    var contours: [[SIMD2<Double>]] {
        let outermost = loss(at: Self.start)
        return (1...6).map { number in
            let level = outermost * Double(number * number) / 25
            return (0...480).map { index in
                let turn = 2 * Double.pi * Double(index) / 480
                // In this direction, the loss grows with the square of the distance.
                let point = cos(turn) * along + sin(turn) * across / (across * across).sum()
                return point * (level / loss(at: point)).squareRoot()
            }
        }
    }
}
