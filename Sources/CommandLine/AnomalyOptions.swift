import ArgumentParser
import NeuralNetwork

/// What a run does about numbers that go wrong, beyond ending: the same flag in every chapter that trains.
public struct AnomalyOptions: ParsableArguments {
    @Flag(
        name: .customLong("detect-anomalies"),
        help: """
            Name the layer where numbers become infinite or not a number. Every step takes some thousandths longer; \
            finding the layer takes as long as some ten steps, and half as much memory again.
            """)
    public var detects = false

    public init() {}
}
