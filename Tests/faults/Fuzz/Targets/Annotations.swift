import Foundation
import PyImageSearch
import System

extension FuzzTarget {
    /// The lists of both ImageNets: `wnids.txt`, `val_annotations.txt` and the ground truth, one after the other.
    static let annotations = FuzzTarget(
        name: "annotations",
        starts: {
            [
                "n01\nn02\nn03\n\u{1C}a.JPEG\tn02\t0\t0\t63\t63\nb.JPEG\tn01\t0\t0\t63\t63\n\u{1C}n02\nn03\n",
                "\u{FEFF}n03\r\nn01\r\n\u{1C}a.JPEG\tn01\r\n\u{1C}2\r\n1\r\n",
                "n01\n\n\u{1C}a.JPEG\tn01\n\u{1C}n02\n 1 \n\n",
            ].map { Array($0.utf8) }
        },
        mutate: { starts, random in
            var text = Mutation.mutate(starts, using: &random)
            // Words that damage a list, inserted at positions of their own.
            if Bool.random(using: &random), let word = words.randomElement(using: &random) {
                let place = Int.random(in: 0...text.count, using: &random)
                text.replaceSubrange(place..<min(place + Int.random(in: 0...4, using: &random), text.count), with: word)
            }
            return text
        },
        read: { input, file in
            let folder = file + ".folder"
            try makeTree(folder)
            let parts = Parts.of(input, count: 3)
            for (name, part) in zip(["wnids.txt", "val/val_annotations.txt", ImageNet.groundTruthName], parts) {
                try Data(part).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            let tiny = try refusable { try TinyImageNet(folder) }
            let imageNet = try refusable { try ImageNet(folder) }
            let trained = try refusable { try imageNet.get().train() }
            for path in (try? tiny.get()).map({ ($0.train + $0.validation).map(\.path) }) ?? [] {
                let inside = path.utf8.dropFirst(folder.utf8.count + 1).split(separator: UInt8(ascii: "/"))
                let isInside = inside.count <= 4 && !inside.contains { $0.elementsEqual("..".utf8) }
                if !isInside { fatalError("\(path) is not where its list says") }
            }
            // One of the two lists may still be valid.
            if case .failure = trained { _ = try tiny.get() }
        })

    private static let words =
        [
            "../", "..", "/", "\u{301}", "\0", "\r", "\n", "\t", "\u{2028}", "9223372036854775807",
            "-9223372036854775808",
            "0", "nan", "1e9", "+1", String(repeating: "x", count: 5000),
        ].map { Array($0.utf8) } + [[0xFF, 0xFE], [0xC0, 0xAF], [0xED, 0xA0, 0x80]]

    private static func makeTree(_ folder: String) throws {
        guard !FileManager.default.fileExists(atPath: folder) else { return }
        for place in ["train/n01", "train/n02", "train/n03", "train/n01/images", "train/n02/images", "val"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(place)", withIntermediateDirectories: true)
            for name in ["a", "b"] {
                _ = FileManager.default.createFile(atPath: "\(folder)/\(place)/\(name).JPEG", contents: nil)
            }
        }
        try FileManager.default.createDirectory(
            atPath: "\(folder)/train/n03/images", withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: "\(folder)/train/n03/images/a.JPEG", contents: nil)
    }

    /// A clear error does not end the test: the other list is still to be read.
    private static func refusable<Value>(_ read: () throws -> Value) throws -> Result<Value, any Error> {
        do { return .success(try read()) } catch let error as DatasetError {
            return .failure(error)
        } catch let error as FileError {
            return .failure(error)
        }
    }
}
