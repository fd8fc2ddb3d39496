import Foundation
import Imaging
import NeuralNetwork
import ProgramSupport
import PyImageSearch
import Runs
import ScikitLearn
import Testing

/// The programs of chapter 2, on drawn pictures and on pictures in folders.
@Suite(.serialized) struct Chapter02Tests {
    private let folder: String = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }()

    private func contents(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)"))
    }

    /// Two classes of plain pictures with some noise.
    private func writePictures(_ place: String, perClass: Int = 12) throws {
        for (label, name) in ["dark", "light"].enumerated() {
            let place = "\(folder)/\(place)/\(name)"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            for number in 0..<perClass {
                let pixels = (0..<90 * 70 * 3).map { UInt8(label * 150 + ($0 * (number + 3)) % 60) }
                try Image(height: 70, width: 90, pixels: pixels).write(to: "\(place)/\(number).png")
            }
        }
    }

    @Test func theDemoWritesTenPicturesAndAMontage() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try Command.run("augmentation_demo", ["--output", "drawn"], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/drawn").sorted()
        #expect(files == ((1...10).map { "image_\($0).jpg" } + ["image_montage.png"]).sorted())

        try writePictures("pictures", perClass: 2)
        let arguments = ["--image", "pictures/dark/0.png", "--prefix", "p", "--output"]
        for output in ["one", "two"] {
            #expect(try Command.run("Chapter02AugmentationDemo", arguments + [output], in: folder).status == 0)
        }
        let pictures = try (1...10).map { try contents("one/p_\($0).jpg") }
        #expect(Set(pictures).count == 10)
        #expect(try pictures == (1...10).map { try contents("two/p_\($0).jpg") })
        let picture = try Image(contentsOf: "\(folder)/one/p_1.jpg")
        #expect(picture.width == 90 && picture.height == 70)
    }

    /// A photograph may have the name of one of the ten files.
    @Test func theDemoReplacesNoPictureUnasked() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try writePictures("own", perClass: 2)
        try FileManager.default.moveItem(atPath: "\(folder)/own/dark/0.png", toPath: "\(folder)/own/image_3.jpg")
        let before = try contents("own/image_3.jpg")
        for (flags, words) in [
            (["--image", "own/image_3.jpg"], "would be overwritten"),
            (["--image", "own/image_3.jpg", "--overwrite"], "would be overwritten"),
            (["--image", "own/light/1.png"], "own/image_3.jpg exists"),
        ] {
            let run = try Command.run("augmentation_demo", flags + ["--output", "own"], in: folder)
            #expect(run.status != 0 && run.isOneClearLine && run.errors.contains(words), "\(run.errors)")
            #expect(try contents("own/image_3.jpg") == before)
        }
        let flags = ["--image", "own/light/1.png", "--output", "own", "--overwrite"]
        #expect(try Command.run("augmentation_demo", flags, in: folder).status == 0)
        #expect(try contents("own/image_3.jpg") != before)
    }

    @Test(arguments: ["minivggnet_flowers17", "minivggnet_flowers17_data_aug"])
    func trainingResumes(program: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let arguments = ["--limit", "64", "--validation-limit", "32", "--epochs", "2"]
        let run = try Command.run(program, arguments + ["--output", "whole"], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("precision    recall") && run.output.contains("crescent"))
        try Command.kill(
            program, arguments + ["--output", "\(folder)/killed"], when: "\(folder)/killed/\(program).hdf5")
        let resumed = try Command.run(program, arguments + ["--output", "killed", "--resume"], in: folder)
        #expect(resumed.status == 0, "\(resumed.errors)")
        func weights(_ output: String) throws -> [Float] {
            try Model.load("\(folder)/\(output)/\(program).hdf5").weights().flatMap(\.scalars)
        }
        #expect(try weights("whole") == weights("killed"))
        let record = try RunRecord(contentsOf: "\(folder)/whole/\(program).run.json")
        #expect(record.dataset.name == "shapes" && record.test?.classNames?.count == 10)
        #expect((record.experiment.settings["augmentation"] != nil) == program.hasSuffix("aug"))
    }

    @Test func aFolderOfPicturesTakesThePlaceOfFlowers() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try writePictures("own")
        let run = try Command.run(
            "Chapter02MiniVGGNetFlowers17", ["--dataset", "own", "--epochs", "2", "--batch-size", "6"], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        let record = try RunRecord(contentsOf: "\(folder)/output/minivggnet_flowers17.run.json")
        #expect(record.dataset.name == "pictures" && record.dataset.trainingImages == 18)
        #expect(record.test?.images == 6 && record.test?.classNames == ["dark", "light"])
        // The images and the split are the book's.
        let pictures = try PictureDataset(folder: "\(folder)/own")
        let images = try SimpleDatasetLoader([AspectAwarePreprocessor(width: 64, height: 64)]).load(pictures)
        let (train, test) = try trainTestSplit(24, testSize: 0.25, randomState: 42)
        let data = ImageDataset(
            images, labels: pictures.labels, classNames: pictures.classNames, train: train, test: test)
        #expect(record.dataset.checksum == data.trainingChecksum())
    }

    @Test func badDataIsOneClearLine() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try writePictures("own")
        func message(_ program: String, _ arguments: String...) throws -> String {
            let run = try Command.run(program, arguments, in: folder)
            #expect(run.status != 0 && run.isOneClearLine, "\(run.errors)")
            return run.errors
        }
        let program = "Chapter02MiniVGGNetFlowers17"
        #expect(try message(program, "--dataset", "none").contains("none"))
        #expect(try message(program, "-d", "own/dark").contains("own/dark has 0 folders of pictures"))
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(folder)/own/light/broken.jpg"))
        #expect(try message(program, "-d", "own").contains("own/light/broken.jpg"))
        #expect(try message("Chapter02AugmentationDemo", "-i", "own/light/broken.jpg").contains("own/light/broken.jpg"))
        #expect(try message("Chapter02AugmentationDemo", "-i", "own").contains("own"))
        #expect(try message("Chapter02AugmentationDemo", "--prefix", "a/b").contains("--prefix"))
        try FileManager.default.createDirectory(atPath: "\(folder)/own/single", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(folder)/own/dark/0.png", toPath: "\(folder)/own/single/0.png")
        #expect(try message(program, "-d", "own").contains("own/single has 1 JPEG or PNG file; a class needs"))
        // Without any data set: where to get it.
        #expect(
            try Command.run(
                program, ["-d", "flowers17"], in: folder,
                environment: ["HOME": folder, "PYIMAGESEARCH_DATA": folder, "XDG_CACHE_HOME": folder]
            ).errors.contains("17flowers.tgz"))
    }
}
