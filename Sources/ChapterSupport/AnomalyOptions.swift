import ArgumentParser
import NeuralNetwork

/// What a run does about numbers that go wrong, beyond ending: the same flag in every chapter that trains.
public struct AnomalyOptions: ParsableArguments {
    @Flag(
        name: .customLong("detect-anomalies"),
        help: ArgumentHelp(
            "Name the layer where numbers become infinite or not a number.",
            discussion: """
                Looks at all gradients and weights in every step, for some thousandths of its time. Where numbers are \
                wrong, the step is taken again a few layers at a time, and the run ends: that takes as long as some \
                ten steps, and half as much memory again.
                """))
    public var detects = false

    public init() {}
}
