import Experiments
import Foundation
import Imaging
import Plotting
import PyImageSearch
import System
import Tensors

extension Figure {
    /// The images that the networks see.
    static let dataFigures: [Figure] = [
        Figure(
            name: "11.8",
            caption: """
                A sample of Tiny ImageNet: two training images of each of ten of its 200 classes, 64x64 pixels each. \
                One class contains both a ball on white ground and a match seen from the stands, another both a \
                plunger and somebody who carries one; a reel may be cut in half, or too small to be seen. On this data \
                set, 50 % accuracy is already a good result.
                """
        ) { try tinyImageNetSample($0) },
        Figure(
            name: "augmentation",
            caption: """
                Above, training images of CIFAR-10 as they are stored; below, the same images as the network saw them \
                in epochs 1 to 3 of the book's experiments. Each is shifted by up to a tenth of its size and mirrored \
                half the time, and the nearest pixels fill what the shift uncovers. The network almost never sees the \
                same pixels twice, but the class of an image stays the same.
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
                throw DatasetError("\(images)/words.txt: \"\(line)\" is not an identifier followed by names")
            }
            // The first name is enough: "bullfrog, Rana catesbeiana".
            let name = fields[1].prefix { $0 != "," }
            return try files.filter { $0.hasPrefix("\(fields[0])_") }.map { file in
                ImageGrid.Tile(PixelImage(try Image(contentsOf: "\(images)/\(file)")), caption: [String(name)])
            }
        }
        // Five classes side by side, with the images of each in a column.
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
            rows: ([PixelImage.images(of: stored[rows: 0..<count])] + epochs.map(PixelImage.images)).map { images in
                images.map { ImageGrid.Tile($0) }
            }, tileSize: 96)
        grid.columnHeadings = Array(names.prefix(count))
        grid.rowHeadings = ["stored"] + (1...3).map { "epoch \($0)" }
        return grid
    }
}
