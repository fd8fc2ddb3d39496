import FixtureSupport
import Foundation
import Imaging
import NeuralNetwork
import ProgramSupport
import PyImageSearch
import System
import Tensors
import Testing

/// `Classify`, on pictures of all kinds, with a model that tells red from green and blue.
@Suite(.serialized) struct ClassifyTests {
    private let path: String = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }()

    /// The class is the channel with the largest mean.
    private func saveModel(_ name: String = "model.hdf5", saysAll: Bool = true) throws {
        let inputs = Input(shape: [8, 8, 3])
        var x = Conv2D(3, kernelSize: (1, 1), useBias: false, name: "colors")(inputs)
        x = GlobalAveragePooling2D()(x)
        let model = Model(inputs: inputs, outputs: Dense(3, activation: .softmax)(x))
        try model.move(to: TestBackend.any.backend)
        let same = Tensor(shape: [3, 3], scalars: [1, 0, 0, 0, 1, 0, 0, 0, 1])
        try model.setWeights([
            same.reshaped(to: [1, 1, 3, 3]), Tensor(shape: [3, 3], scalars: same.scalars.map { 6 * $0 }),
            Tensor(shape: [3], scalars: [0, 0, 0]),
        ])
        if saysAll {
            try model.setClassNames(["red", "green", "blue"], from: "the test")
            model.setPictureInput(PictureInput([.aspectAware(width: 8, height: 8)], conversion: .unit))
        }
        try model.save("\(path)/\(name)")
    }

    private func savePicture(_ name: String, _ color: (UInt8, UInt8, UInt8), height: Int = 12, width: Int = 20) throws {
        let pixels = (0..<height * width).flatMap { _ in [color.0, color.1, color.2] }
        try Image(height: height, width: width, pixels: pixels).write(to: "\(path)/\(name)")
    }

    private func classify(_ arguments: String...) throws -> Command {
        try Command.run("Classify", arguments + ["--threads", "1"], in: path)
    }

    private func answers(_ run: Command) throws -> [JSON] {
        try #require(try JSON(parsing: run.output).array)
    }

    @Test func onePictureManyAFolderAndAPattern() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try saveModel()
        try FileManager.default.createDirectory(atPath: "\(path)/photos/more", withIntermediateDirectories: true)
        for (name, color) in [
            ("photos/a.png", (250, 10, 10)), ("photos/b.jpg", (10, 250, 10)), ("photos/more/c.png", (10, 10, 250)),
        ]
            as [(String, (UInt8, UInt8, UInt8))]
        { try savePicture(name, color) }
        let one = try classify("photos/a.png", "--model", "model.hdf5", "--top", "2")
        #expect(one.status == 0 && one.errors.isEmpty, "\(one.errors)")
        let lines = one.output.split(separator: "\n").filter { !$0.hasPrefix("[INFO]") }
        #expect(lines.count == 3 && lines[0] == "photos/a.png" && lines[1].hasSuffix("%  red"), "\(one.output)")
        #expect(lines[1].trimmingCharacters(in: .whitespaces).hasPrefix("99."))
        for arguments in [["photos"], ["photos/"], ["photos/*.[jp][pn]g", "photos/more/c.png"]] {
            let run = try Command.run(
                "Classify", arguments + ["--model", "model.hdf5", "--json", "--top", "1", "--threads", "1"], in: path)
            #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
            let found = try answers(run)
            #expect(found.map { $0["file"]?.string } == ["photos/a.png", "photos/b.jpg", "photos/more/c.png"])
            let best = found.map { $0["predictions"]?.array?.first }
            #expect(best.map { $0?["class"]?.string } == ["red", "green", "blue"])
            #expect(best.map { $0?["index"]?.integer } == [0, 1, 2])
            #expect(best.allSatisfy { ($0?["probability"]?.number ?? 0) > 0.99 })
        }
        // A pattern finds a name that is not text.
        let name = String(pathBytes: Array("\(path)/photos/more/".utf8) + [0xFF] + Array(".png".utf8))
        try WholeFile.write(try Data(contentsOf: URL(fileURLWithPath: "\(path)/photos/a.png")), to: name)
        let strange = try classify("photos/more/*.png", "--model", "model.hdf5", "--top", "1")
        #expect(strange.status == 0 && strange.errors.isEmpty, "\(strange.errors)")
        #expect(strange.output.contains("more/\\xFF.png") && strange.output.contains("red"), "\(strange.output)")
        FileSystem.remove(name)
        let many = try classify("photos", "--model", "model.hdf5")
        #expect(many.output.contains("3 pictures,") && many.output.contains("images/s"), "\(many.output)")
    }

    /// A picture that cannot be read is named, the others are answered, and the status tells.
    @Test func aBrokenPictureDoesNotKeepTheOthers() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try saveModel()
        try FileManager.default.createDirectory(atPath: "\(path)/photos", withIntermediateDirectories: true)
        try savePicture("photos/a.png", (250, 10, 10))
        try savePicture("photos/c.png", (10, 10, 250))
        try Data("\u{89}PNG\r\n\u{1A}\nbroken".utf8).write(to: URL(fileURLWithPath: "\(path)/photos/b.png"))
        try Data("a text".utf8).write(to: URL(fileURLWithPath: "\(path)/text.jpg"))
        let run = try classify("photos", "--model", "model.hdf5")
        #expect(run.status == 1 && run.isOneClearLine && run.errors.contains("photos/b.png"), "\(run.errors)")
        #expect(run.output.contains("red") && run.output.contains("blue"))
        #expect(run.output.contains("not read: 1"))
        let json = try classify("photos", "text.jpg", "--model", "model.hdf5", "--json")
        #expect(json.status == 1 && json.errors.isEmpty)
        let found = try answers(json)
        #expect(found.map { $0["error"] == nil } == [true, false, true, false])
        #expect(found[3]["error"]?.string?.contains("text.jpg") == true)
        // What is not there, a folder without rights and a loop of links do not keep them either.
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/photos/loop", withDestinationPath: "\(path)/photos")
        let missing = try classify("nope.jpg", "photos/*", "--model", "model.hdf5", "--top", "1")
        #expect(missing.status == 1 && missing.errors.contains("nope.jpg: no such file"))
        #expect(missing.output.contains("photos/a.png\n") && missing.output.contains("photos/loop/a.png\n"))
        #expect(!missing.output.contains("loop/loop"), "\(missing.output)")
        let text = try classify("text.jpg", "--model", "model.hdf5")
        #expect(text.status == 1 && text.isOneClearLine && text.errors.contains("text.jpg"), "\(text.errors)")
    }

    /// Ten views of a picture of one color say the same as one. The explanation is a picture.
    @Test func cropsAndAnExplanation() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try saveModel()
        try savePicture("a.png", (250, 10, 10), height: 90, width: 60)
        for crops in ["10", "144"] {
            let run = try classify("a.png", "--model", "model.hdf5", "--crops", crops, "--json")
            let best = try answers(run)[0]["predictions"]?.array?.first
            #expect(best?["class"]?.string == "red" && abs((best?["probability"]?.number ?? 0) - 0.99) < 0.01)
        }
        for name in ["why.png", "why.svg"] {
            let run = try classify("a.png", "--model", "model.hdf5", "--explain", name)
            #expect(
                run.status == 0 && run.output.contains("where colors sees red: \(name)"), "\(run.errors)\(run.output)")
            #expect(FileManager.default.fileExists(atPath: "\(path)/\(name)"))
        }
        let picture = try Image(contentsOf: "\(path)/why.png")
        #expect(picture.width > 1000 && picture.height > 300)
        let two = try classify("a.png", "a.png", "--model", "model.hdf5", "--explain", "why.png")
        #expect(two.status != 0 && two.errors.contains("--explain is for a single picture"))
        let itself = try classify("a.png", "--model", "model.hdf5", "--explain", "./a.png")
        #expect(itself.status != 0 && itself.errors.contains("would replace the picture itself"))
    }

    /// What the file does not say is assumed aloud, and can be said.
    @Test func aSilentModelIsAskedWithFlags() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try saveModel("silent.hdf5", saysAll: false)
        try savePicture("a.png", (250, 10, 10))
        let run = try classify("a.png", "--model", "silent.hdf5")
        #expect(run.output.contains("divided by 255") && run.output.contains("class 0"), "\(run.output)")
        let reversed = try classify("a.png", "--model", "silent.hdf5", "--scaling", "unit-bgr")
        #expect(reversed.output.contains("%  class 2") && !reversed.output.contains("divided by 255"))
    }

    /// A model that a chapter has trained says what its classes are and what they were made of.
    @Test func aChaptersModelKnowsItsClasses() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let train = try Command.run(
            "Chapter11MiniGoogLeNet",
            ["--epochs", "1", "--limit", "64", "--validation-limit", "32", "--output", "run"],
            in: path)
        #expect(train.status == 0, "\(train.errors)")
        let model = try Model.load("\(path)/run/minigooglenet_cifar10.hdf5")
        let input = try #require(try model.pictureInput())
        #expect(input.steps == [.aspectAware(width: 32, height: 32)])
        if case .centered(let mean) = input.conversion {
            #expect(mean.shape == [32, 32, 3])
        } else {
            Issue.record("no mean")
        }
        try savePicture("a.png", (250, 10, 10))
        let run = try classify("a.png", "--model", "run/minigooglenet_cifar10.hdf5", "--top", "10")
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        for name in Shapes10.classNames { #expect(run.output.contains("%  \(name)")) }
    }

    @Test(arguments: [
        (["nothing.jpg"], "nothing.jpg: no such file"), ([], "Missing expected argument"),
        (["no*.jpg"], "no*.jpg: no such file"), (["empty"], "there are no pictures in this folder"),
        (["a.png", "--model", "none.hdf5"], "none.hdf5: no such file"), (["a.png", "--top", "0"], "--top must be"),
        (["a.png", "--crops", "2"], "1, 10 or 144"), (["a.png", "--scaling", "unit"], "--scaling is for --model"),
        (["a.png", "--model", "model.hdf5", "--network", "vgg16"], "--model takes the place"),
        (["a.png", "--weights", "model.hdf5"], "--network"),
        (["a.png", "--weights", "model.hdf5", "--network", "squeezenet"], "SqueezeNet"),
        (["a.png", "--model", "a.png"], "a.png"), (["a.png", "--explain", "why.jpg"], "must end in .png or .svg"),
    ])
    func mistakesAreOneClearLine(arguments: [String], words: String) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try saveModel()
        try savePicture("a.png", (250, 10, 10))
        try FileManager.default.createDirectory(atPath: "\(path)/empty", withIntermediateDirectories: true)
        let run = try Command.run("Classify", arguments, in: path)
        #expect(run.status != 0 && run.isOneClearLine && run.errors.contains(words), "\(run.errors)")
    }
}
