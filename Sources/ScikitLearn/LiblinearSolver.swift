import CLinear
import Foundation
import System
import Tensors

/// Features as liblinear reads them: for each sample the features that are not 0, as pairs of index and value, then a 1
/// for the intercept.
final class FeatureNodes: @unchecked Sendable {
    // Sendable because nothing is written after `init`.

    let featureCount: Int
    private let nodes: UnsafeMutablePointer<feature_node>
    private let starts: [Int]

    /// - Parameter x: `[samples, features]`, finite, with fewer than 2^31 features.
    init(_ x: Tensor) throws(LogisticRegressionError) {
        // The intercept's node and the end of the sample.
        let count = x.scalars.count { $0 != 0 } + 2 * x.rowCount
        let bytes = count * MemoryLayout<feature_node>.stride
        guard FreeMemory.has(bytes) else { throw .tooLarge(bytes: bytes) }
        let nodes = UnsafeMutablePointer<feature_node>.allocate(capacity: count)
        var starts: [Int] = [], place = 0
        starts.reserveCapacity(x.rowCount)
        func append(_ index: Int, _ value: Double) {
            (nodes + place).initialize(to: feature_node(index: Int32(index), value: value))
            place += 1
        }
        let features = x.shape[1]
        for row in 0..<x.rowCount {
            starts.append(place)
            for feature in 0..<features {
                let value = x.scalars[row * features + feature]
                if value != 0 { append(feature + 1, Double(value)) }
            }
            append(features + 1, 1)
            append(-1, 0)
        }
        featureCount = features
        self.nodes = nodes
        self.starts = starts
    }

    deinit { nodes.deallocate() }

    /// The nodes of a sample. liblinear takes them as mutable, and only reads them.
    func sample(_ row: Int) -> UnsafeMutablePointer<feature_node> { nodes + starts[row] }
}

/// One class against the rest, by liblinear.
struct LiblinearSolver: Sendable {
    let nodes: FeatureNodes
    /// The samples to learn from.
    let rows: [Int]
    let c: Double
    let tolerance: Double

    /// - Parameters:
    ///   - classes: two or more, in order. Of two, only the second has a problem of its own.
    ///   - labels: of all samples.
    func solve(classes: [Int], labels: [Int], jobs: Int) throws -> Solution {
        useOneThreadPerProduct()
        let positives = classes.count == 2 ? Array(classes.dropFirst()) : classes
        let found = try positives.concurrentMap(jobs: jobs) { label in
            try weights(targets: rows.map { labels[$0] == label ? 1 : -1 })
        }.map { try $0.get() }
        return Solution(
            coefficients: found.map { Array($0.weights.dropLast()) }, intercepts: found.map { $0.weights.last ?? 0 },
            iterations: found.map(\.steps), hasConverged: true)
    }

    /// The weights that tell targets of 1 from targets of -1, the intercept's last, and the number of Newton steps.
    private func weights(targets: [Double]) throws -> (weights: [Double], steps: Int) {
        var targets = targets
        var samples = rows.map { Optional(nodes.sample($0)) }
        return try targets.withUnsafeMutableBufferPointer { targets in
            try samples.withUnsafeMutableBufferPointer { samples in
                var samplesAndTargets = problem(
                    l: Int32(samples.count), n: Int32(nodes.featureCount + 1), y: targets.baseAddress,
                    x: samples.baseAddress, bias: 1)
                var settings = liblinear_logistic_regression(c, tolerance)
                if let reason = check_parameter(&samplesAndTargets, &settings) {
                    throw LogisticRegressionError.refused(library: "liblinear", reason: String(cString: reason))
                }
                NewtonSteps.begin()
                var model = train(&samplesAndTargets, &settings)
                defer { free_and_destroy_model(&model) }
                guard let found = model?.pointee, let first = found.w, let positive = found.label else {
                    throw LogisticRegressionError.refused(library: "liblinear", reason: "it returned no weights")
                }
                let weights = UnsafeBufferPointer(start: first, count: nodes.featureCount + 1)
                // Weights speak for the class that liblinear lists first.
                return (positive.pointee == 1 ? Array(weights) : weights.map { -$0 }, NewtonSteps.count)
            }
        }
    }
}

/// The Newton steps of the current fit on this thread. liblinear tells them only in what it prints: `iter  3 act ...`.
private enum NewtonSteps {
    private static let key = "liblinear's Newton steps"

    private static let isListening: Bool = {
        set_print_string_function { line in
            guard let line, strncmp(line, "iter", 4) == 0 else { return }
            Thread.current.threadDictionary[NewtonSteps.key] = Int(atoi(line + 4))
        }
        return true
    }()

    static func begin() {
        if isListening { Thread.current.threadDictionary[key] = 0 }
    }

    static var count: Int { Thread.current.threadDictionary[key] as? Int ?? 0 }
}
