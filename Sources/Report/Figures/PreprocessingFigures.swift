import Experiments
import Foundation
import Imaging
import NeuralNetwork
import Plotting
import PyImageSearch
import Tensors

extension Figure {
    /// Data before a network sees them, from chapters 2 and 10 of the book.
    static let preprocessingFigures: [Figure] = [
        Figure(
            name: "2.1",
            caption: """
                (a) 250 points whose positions on the horizontal axis are normally distributed; each lies at the \
                height of the normal density. (b) The same points, each moved by a little noise. The points still \
                show the same distribution, but no point is where it was. Data augmentation treats images in this way.
                """
        ) { _ in jitteredPoints() },
        Figure(
            name: "2.2",
            caption: """
                (a) A training image of Tiny ImageNet and (b) ten augmentations of it, with the book's ranges: \
                rotation by up to 30 degrees, shifts by up to a tenth of the size, a shear of up to 0.2 radians, zoom \
                by up to a fifth, and a mirror image half the time. The nearest pixels fill what a change uncovers. \
                Every one of them still shows an Egyptian cat.
                """
        ) { try augmentations($0) },
        Figure(
            name: "2.3",
            caption: """
                The pictures that chapters 2, 3 and 5 draw if they are given none: five of ten kinds, two of each, 80x64 \
                pixels. Place, size, angle and colors vary, either color may be the brighter one, and spots and noise \
                cover parts. The kind is in the shape alone.
                """
        ) { _ in try drawnShapes() },
        Figure(
            name: "2.4",
            caption: """
                A drawing that is wider than high, and two ways to make it square. `SimplePreprocessor` squashes it, \
                and the ball is no longer round. `AspectAwarePreprocessor` scales the shorter side and cuts the longer \
                one at both ends: the ball stays round, and the boxes are cut. Sizes are width by height, in pixels.
                """
        ) { _ in try squares() },
        Figure(
            name: "10.1",
            caption: """
                Mean subtraction: (a) two of the drawings that chapter 9 stores if it is given no photographs, (b) the mean \
                color of 100 such drawings, (c) the drawings without it. What is left has positive and negative numbers; in \
                the picture gray stands for zero, and contrasts are halved.
                """
        ) { _ in try meanSubtraction() },
        Figure(
            name: "10.2",
            caption: """
                (a) A stored image, 256x256 pixels, and (b) six patches of 227x227, cut out at random places: what \
                `PatchPreprocessor` shows the network in six epochs. The shape is never at the same place.
                """
        ) { _ in try patches() },
        Figure(
            name: "10.3",
            caption: """
                The ten crops of one image, 227x227 of 256x256 pixels, as `CropPreprocessor` makes them: the four corners and \
                the center; below, their mirror images. The network predicts all ten, and the predictions are averaged.
                """
        ) { _ in try tenCrops() },
    ]

    // MARK: - Chapter 10

    /// The drawings that chapter 9 builds its files from.
    private static func storedDrawings(_ count: Int) throws -> [Image] {
        let config = DogsVsCatsConfig(), side = config.storedSide
        let pictures = Shapes10.pictures(count, kinds: config.drawnKinds, width: side * 5 / 4, height: side)
        let aap = AspectAwarePreprocessor(width: side, height: side)
        return try (0..<count).map { try aap.preprocess(pictures.picture($0)) }
    }

    /// An image at half its size, which is as large as a figure shows it.
    private static func halved(_ image: Image) -> PixelImage {
        PixelImage(image.resized(width: image.width / 2, height: image.height / 2, interpolation: .area))
    }

    private static func meanSubtraction() throws -> Panels {
        let images = try storedDrawings(100), shown = [images[0], images[50]]
        let means = images.map(\.mean), count = Double(images.count)
        let mp = MeanPreprocessor(
            red: means.reduce(0) { $0 + $1.red } / count, green: means.reduce(0) { $0 + $1.green } / count,
            blue: means.reduce(0) { $0 + $1.blue } / count)
        let flat = Image(
            height: 256, width: 256,
            pixels: (0..<256 * 256).flatMap { _ in [mp.red, mp.green, mp.blue].map { UInt8($0.rounded()) } })
        let centered = try shown.map { image in
            Image(
                height: image.height, width: image.width,
                pixels: try mp.preprocess(image.tensor).scalars.map { UInt8(min(max($0 / 2 + 128, 0), 255)) })
        }
        func column(_ images: [Image]) -> ImageGrid {
            ImageGrid(title: "", tiles: images.map { .init(halved($0)) }, columns: images.count, tileSize: 150)
        }
        return Panels([[column(shown), column([flat]), column(centered)]])
    }

    private static func patches() throws -> Panels {
        let image = try storedDrawings(2)[0], side = DogsVsCatsConfig().side
        let pp = PatchPreprocessor(width: side, height: side)
        let tiles = try (0..<6).map { epoch in
            let random = RandomStream(seed: 42, purpose: .preprocessing, epoch: epoch)
            return ImageGrid.Tile(halved(Image(try pp.preprocess(image.tensor, random: random))))
        }
        // To scale: a patch is smaller than the image.
        let montage = ImageGrid(title: "", tiles: tiles, columns: 3, tileSize: 142)
        return Panels([[ImageGrid(title: "", tiles: [.init(halved(image))], columns: 1, tileSize: 160), montage]])
    }

    private static func tenCrops() throws -> ImageGrid {
        let image = try storedDrawings(2)[1], side = DogsVsCatsConfig().side
        let names = ["upper left", "upper right", "lower right", "lower left", "center"]
        let crops = try CropPreprocessor(width: side, height: side).crops(of: image)
        let tiles = crops.enumerated().map { place, crop in
            ImageGrid.Tile(halved(crop), caption: [place < names.count ? names[place] : "mirrored"])
        }
        return ImageGrid(title: "", tiles: tiles, columns: 5, tileSize: 140)
    }

    // MARK: - Chapter 2

    private static func jitteredPoints() -> Panels {
        func normal(_ index: Int, deviation: Double) -> [Double] {
            let stream = RandomStream(seed: 42, purpose: .drawing, index: index)
            return Initializer.randomNormal(mean: 0, stddev: deviation)(shape: [250], stream: stream)
                .scalars.map(Double.init)
        }
        let x = normal(0, deviation: 1)
        let y = x.map { exp(-$0 * $0 / 2) / (2 * .pi).squareRoot() }
        func panel(_ title: String, _ x: [Double], _ y: [Double]) -> LineChart {
            var chart = LineChart(
                title: title, xLabel: "x", yLabel: "density",
                series: [.init(label: "", x: x, y: y, isScattered: true, thickness: 0.8)])
            (chart.xRange, chart.yRange) = (-3.5...3.5, -0.05...0.45)
            return chart.asPanel(height: 480)
        }
        let moved = zip(x, normal(1, deviation: 0.15)).map { $0 + $1 }
        let raised = zip(y, normal(2, deviation: 0.02)).map { $0 + $1 }
        return Panels([[panel("250 points", x, y), panel("The same points, jittered", moved, raised)]])
    }

    private static func augmentations(_ folder: ReportFolder) throws -> Panels {
        let image = try Image(contentsOf: "\(folder.samples)/tiny-imagenet/n02124075_5.JPEG")
        let augmentation = Experiments.flowers17Augmentation
        let stored = ByteImages(shape: image.shape.batched(1), bytes: image.pixels)
        let batches = augmentation.flow(stored, batchSize: 1, shuffle: false)
        let tiles = try (0..<10).flatMap { epoch in
            PixelImage.images(of: try batches.batch(epoch: epoch, step: 0).inputs[0]).map { ImageGrid.Tile($0) }
        }
        let montage = ImageGrid(title: "", tiles: tiles, columns: 5)
        let original = ImageGrid(
            title: "", tiles: [.init(PixelImage(image))], columns: 1, tileSize: 2 * montage.tileSize + montage.gap)
        return Panels([[original, montage]])
    }

    private static func drawnShapes() throws -> ImageGrid {
        let pictures = Shapes10.pictures(100, width: 80, height: 64)
        let kinds = ["bars", "crescent", "cross", "heart", "star"].compactMap(pictures.classNames.firstIndex)
        let rows = try (0..<2).map { number in
            try kinds.map { kind in
                let place = (pictures.labels.firstIndex(of: kind) ?? 0) + number
                return ImageGrid.Tile(PixelImage(try pictures.picture(place)), caption: [pictures.classNames[kind]])
            }
        }
        return ImageGrid(title: "", rows: rows)
    }

    private static func squares() throws -> ImageGrid {
        let image = ballBetweenBoxes()
        let squashed = try SimplePreprocessor(width: 256, height: 256).preprocess(image)
        let cut = try AspectAwarePreprocessor(width: 256, height: 256).preprocess(image)
        let tiles = [("original", image), ("SimplePreprocessor", squashed), ("AspectAwarePreprocessor", cut)].map {
            ImageGrid.Tile(PixelImage($1), caption: [$0, "\($1.width)x\($1.height)"])
        }
        return ImageGrid(title: "", tiles: tiles, columns: 3, tileSize: 240)
    }

    /// A drawing of the size of the book's picture.
    private static func ballBetweenBoxes() -> Image {
        let (width, height) = (410, 310)
        let pixels = (0..<height).flatMap { y in
            (0..<width).flatMap { x -> [UInt8] in
                let (dx, dy) = (x - width / 2, y - 190)
                if dx * dx + dy * dy < 100 * 100 { return [0, 114, 178] }
                if abs(dx) > 135, abs(dx) < 195, y > 230, y < 290 { return [213, 94, 0] }
                return y < 200 ? [226, 236, 244] : [205, 192, 170]
            }
        }
        return Image(height: height, width: width, pixels: pixels)
    }
}
