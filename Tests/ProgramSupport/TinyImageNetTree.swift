import Foundation
import Imaging

/// A drawn data set in Tiny ImageNet's layout. Every class is a color with some noise.
public struct TinyImageNetTree {
    public let folder: String
    public static let identifiers = ["n01", "n03", "n02"]

    public init(_ folder: String, imagesPerClass: Int = 20) throws {
        self.folder = folder
        let files = FileManager.default
        var annotations = ""
        for (label, identifier) in Self.identifiers.enumerated() {
            let images = "\(folder)/train/\(identifier)/images"
            try files.createDirectory(atPath: images, withIntermediateDirectories: true)
            try files.createDirectory(atPath: "\(folder)/val/images", withIntermediateDirectories: true)
            for number in 0..<imagesPerClass {
                try Self.image(label, number).write(to: "\(images)/\(identifier)_\(number).JPEG".lowercasedExtension)
            }
            for number in 0..<4 {
                try Self.image(label, 100 + number).write(
                    to: "\(folder)/val/images/val_\(label)_\(number).JPEG".lowercasedExtension)
                annotations += "val_\(label)_\(number).jpeg\t\(identifier)\t0\t0\t63\t63\n"
            }
        }
        try annotations.write(toFile: "\(folder)/val/val_annotations.txt", atomically: true, encoding: .utf8)
        try (Self.identifiers.joined(separator: "\n") + "\n").write(
            toFile: "\(folder)/wnids.txt", atomically: true, encoding: .utf8)
        try "n01\tred thing\nn02\tblue thing\n".write(
            toFile: "\(folder)/words.txt", atomically: true, encoding: .utf8)
    }

    private static func image(_ label: Int, _ number: Int) -> Image {
        var pixels = [UInt8](repeating: 40, count: 64 * 64 * 3)
        for pixel in 0..<64 * 64 { pixels[3 * pixel + label] = UInt8(140 + (pixel * 7 + number * 13) % 100) }
        return Image(height: 64, width: 64, pixels: pixels)
    }

    public func replace(_ file: String, with text: String) throws {
        try text.write(toFile: "\(folder)/\(file)", atomically: true, encoding: .utf8)
    }
}

extension String {
    /// `Image.write` chooses the format by a lower-case extension.
    fileprivate var lowercasedExtension: String { replacingOccurrences(of: ".JPEG", with: ".jpeg") }
}
