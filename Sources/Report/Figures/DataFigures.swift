import Experiments
import Experiments
import Foundation
import Imaging
import Plotting
import PyImageSearch
import System
import Tensors

extension Figure {
    /// What the networks are shown.
    static let dataFigures: [Figure] = [
        Figure(
            name: "11.8",
            caption: """
                A sample of Tiny ImageNet: two training images of each of ten of its 200 classes, 64x64 pixels each. \
                One class holds a ball on a white ground and a match seen from the stands, a plunger and somebody \
                who carries one; a reel may be cut in half, or too small to be seen. A network that is right about \
                every other image has learned a lot.
                """
        ) { try tinyImageNetSample($0) },
        Figure(
            name: "augmentation",
            caption: """
                Above, training images of CIFAR-10 as they are stored; below, what the book's experiments show the \
                network of them in the first three epochs. Each is shifted by up to a tenth of its size and mirrored half the time, and what \
                the shift uncovers is filled with the nearest pixels. No image is ever seen twice alike, but its class \
                stays what it was.
                """
        ) { try augmentation($0) },
    ]

    private static func tinyImageNetSample(_ folder: ReportFolder) throws -> ImageGrid {
        let images = "\(folder.samples)/tiny-imagenet"
        let words = try TextLines.readTrimmed("\(images)/words.txt")
        let files = try FolderContents(images).files
        let classes = try words.map { line in
            let fields = line.split(separator: "\t")
            guard fields.count == 2 else {
                throw DatasetError("\(images)/words.txt: \"\(line)\" is not an identifier and names")
            }
            // The first of its names is enough: "bullfrog, Rana catesbeiana".
            let name = fields[1].prefix { $0 != "," }
            return try files.filter { $0.hasPrefix("\(fields[0])_") }.map { file in
                ImageGrid.Tile(PixelImage(try Image(contentsOf: "\(images)/\(file)")), caption: [String(name)])
            }
        }
        // Five classes side by side, the images of each below each other.
        var rows: [[ImageGrid.Tile]] = []
        for start in stride(from: 0, to: classes.count, by: 5) {
            let group = classes[start..<min(start + 5, classes.count)]
            for index in 0..<(group.map(\.count).max() ?? 0) {
                rows.append(group.compactMap { $0.indices.contains(index) ? $0[index] : nil })
            }
        }
        return ImageGrid(title: "Tiny ImageNet", rows: rows)
    }

    private static func augmentation(_ folder: ReportFolder) throws -> ImageGrid {
        let wanted = WantedRun.fast
        let run = try RunCatalog(folder).run(wanted)
        let (stored, labels) = try run.sample(\.batch, in: folder, wanted: wanted)
        let count = min(8, stored.shape[0])
        let names = try run.names(of: labels)

        let augmentation = Experiments.bookCIFAR10[2].augmentation ?? ImageDataGenerator()
        let batches = augmentation.flow(
            stored, Tensor(shape: [stored.shape[0], 1]), batchSize: max(count, 1), shuffle: false,
            seed: run.record.seed)
        let epochs = try (0..<3).map { try batches.batch(epoch: $0, step: 0).inputs[0] }

        var grid = ImageGrid(
            title: "The same images in three epochs",
            rows: ([stored[rows: 0..<count]] + epochs).map { images in
                PixelImage.images(of: images).map { ImageGrid.Tile($0) }
            }, tileSize: 96)
        grid.columnHeadings = Array(names.prefix(count))
        grid.rowHeadings = ["stored"] + (1...3).map { "epoch \($0)" }
        return grid
    }
}
