import Foundation
import PyImageSearch

extension FuzzTarget {
    /// CIFAR-10's binary files, and the names of its classes: the names, a separator, then records.
    static let cifar = FuzzTarget(
        name: "cifar",
        starts: {
            let names = Array(Shapes10.classNames.joined(separator: "\r\n").utf8)
            let pixels = (0..<3072).map { UInt8($0 % 251) }
            let records: [UInt8] = [3] + pixels + [9] + pixels
            return [names + [Parts.separator] + records, [Parts.separator] + records]
        },
        read: { input, file in
            let folder = file + ".folder"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let parts = Parts.of(input, count: 2)
            for name in (1...5).map({ "data_batch_\($0).bin" }) + ["test_batch.bin"] {
                try Data(parts[1]).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            try? FileManager.default.removeItem(atPath: "\(folder)/batches.meta.txt")
            if !parts[0].isEmpty { try Data(parts[0]).write(to: URL(fileURLWithPath: "\(folder)/batches.meta.txt")) }
            let dataset = try CIFAR10.load(from: folder)
            if !dataset.trainLabels.allSatisfy(dataset.classNames.indices.contains) {
                fatalError("a label is no class")
            }
        })
}

/// Several files in one input.
enum Parts {
    /// ASCII's own separator, which no list holds.
    static let separator: UInt8 = 0x1C

    /// Exactly `count` parts: everything after the last separator is one part.
    static func of(_ input: [UInt8], count: Int) -> [[UInt8]] {
        let parts = input.split(separator: separator, maxSplits: count - 1, omittingEmptySubsequences: false)
        return parts.map(Array.init) + [[UInt8]](repeating: [], count: count - parts.count)
    }
}
