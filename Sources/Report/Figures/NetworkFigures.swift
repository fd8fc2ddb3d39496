import NeuralNetwork
import Plotting
import PyImageSearch

extension Figure {
    /// The networks, drawn from their own graphs.
    static let networkFigures: [Figure] = moduleFigures + deeperGoogLeNetFigures
}

/// The networks of chapter 11 as the book builds them.
enum BookNetworks {
    static func miniGoogLeNet() -> Model { MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: 10) }
    static func deeperGoogLeNet() -> Model { DeeperGoogLeNet.build(width: 64, height: 64, depth: 3, classes: 200) }
}
