import Foundation
import Imaging

/// A drawn data set in ImageNet's layout. Every class is a color with some noise, and the images have several sizes.
struct ImageNetTree {
    let folder: String
    static let identifiers = ["n01", "n02", "n03"]
    /// Height and width: landscape, portrait, square, smaller than the stored size.
    static let sizes = [(200, 300), (400, 260), (256, 256), (30, 40)]
    /// In the sorted order of the validation files.
    static let validationLabels = [2, 0, 1]

    init(_ folder: String, imagesPerClass: Int = 4) throws {
        self.folder = folder
        let files = FileManager.default
        try files.createDirectory(atPath: "\(folder)/val", withIntermediateDirectories: true)
        for (label, identifier) in Self.identifiers.enumerated() {
            try files.createDirectory(atPath: "\(folder)/train/\(identifier)", withIntermediateDirectories: true)
            for number in 0..<imagesPerClass {
                try Self.write(label, number, to: "\(folder)/train/\(identifier)/\(identifier)_\(number).JPEG")
            }
        }
        for (number, label) in Self.validationLabels.enumerated() {
            try Self.write(label, number, to: validationFile(number))
        }
        try writeGroundTruth(Self.validationLabels.map { Self.identifiers[$0] })
    }

    func validationFile(_ number: Int) -> String { "\(folder)/val/ILSVRC2012_val_0000000\(number + 1).JPEG" }

    func writeGroundTruth(_ lines: [String]) throws {
        try (lines.joined(separator: "\n") + "\n").write(
            toFile: "\(folder)/ILSVRC2012_validation_ground_truth.txt", atomically: true, encoding: .utf8)
    }

    private static func write(_ label: Int, _ number: Int, to path: String) throws {
        let (height, width) = sizes[number % sizes.count]
        try write(height: height, width: width, label: label, to: path)
    }

    static func write(height: Int, width: Int, label: Int, to path: String) throws {
        var pixels = [UInt8](repeating: 40, count: height * width * 3)
        for pixel in 0..<height * width { pixels[3 * pixel + label] = UInt8(140 + (pixel * 7 + pixel / width) % 100) }
        try Data(Image(height: height, width: width, pixels: pixels).jpeg()).write(to: URL(fileURLWithPath: path))
    }
}
