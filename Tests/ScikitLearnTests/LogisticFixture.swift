import FixtureSupport
import HDF5
import NeuralNetwork
@testable import ScikitLearn
import Tensors
import Testing

/// A problem of logistic.hdf5: samples, labels, and what scikit-learn makes of them.
struct LogisticFixture {
    let problem: FixtureGroup
    let x: Tensor
    let y: [Int]
    let probe: Tensor

    init(_ problem: FixtureGroup) throws {
        self.problem = problem
        func features(_ name: String) throws -> Tensor {
            hashUniform(
                try #require(problem.setting("\(name)_key").string), shape: try problem.shape("\(name)_shape"), -1, 1)
        }
        x = try features("x")
        probe = try features("probe")
        y = try problem.integers("labels")
    }

    static func all() throws -> [LogisticFixture] {
        try FixtureFile.logistic.groups().map { try LogisticFixture($0.open()) }
    }

    /// Names and contents of the groups whose names begin so.
    func cases(_ prefix: String) throws -> [(name: String, group: FixtureGroup)] {
        try problem.group.names().filter { $0.hasPrefix(prefix) }.map { name in
            ("\(problem.group.path)/\(name)", try FixtureGroup(problem.group.group(name)))
        }
    }
}

extension FixtureGroup {
    func doubles(_ name: String) throws -> [Double] { try group.dataset(name).read(as: Double.self) }

    func number(_ name: String) throws -> Double { try #require(try setting(name).number) }

    func solver() throws -> LogisticRegression.Solver {
        try #require(LogisticRegression.Solver(rawValue: try setting("solver").string ?? ""))
    }
}

/// The largest difference; infinite for another count, or where there is a NaN.
func largestDifference(_ values: some Collection<Double>, _ expected: some Collection<Double>) -> Double {
    guard values.count == expected.count else { return .infinity }
    return zip(values, expected).map { abs($0 - $1) }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
}
