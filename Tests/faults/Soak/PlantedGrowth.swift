import ArgumentParser
import Foundation
import NeuralNetwork

/// Something that grows in every epoch on purpose: a limit that nothing exceeds proves nothing.
final class PlantedGrowth: Callback {
    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case memory, files, threads
    }

    private let kind: Kind
    private var memory: [[UInt8]] = []
    private var files: [FileHandle] = []

    init(_ kind: Kind) { self.kind = kind }

    func onEpochEnd(_ epoch: Int, logs: Logs, model: Model) throws {
        switch kind {
        case .memory: memory.append([UInt8](repeating: 1, count: 64 << 20))
        case .files: files.append(try FileHandle(forReadingFrom: URL(fileURLWithPath: "/dev/null")))
        case .threads:
            // More than the system's own pool may shrink by at the same time.
            for _ in 0..<4 * ProcessInfo.processInfo.activeProcessorCount {
                Thread.detachNewThread { Thread.sleep(forTimeInterval: 3600) }
            }
        }
    }
}
