import FixtureSupport
import Foundation
import NeuralNetwork
import System
import Testing
@testable import PyImageSearch

/// Where published weights are looked for, and what comes of a download.
@Suite(.serialized) struct PublishedWeightsTests {
    private func file(_ bytes: [UInt8], url: String, md5: String) -> PublishedWeights {
        PublishedWeights(
            network: "VGG16", includesTop: false, fileName: "weights.h5", size: bytes.count, md5: md5, url: url)
    }

    /// The MD5 of bytes, by way of a file.
    private func md5(_ bytes: [UInt8]) throws -> String {
        let folder = try TemporaryFolder()
        try folder.write(bytes, to: "bytes")
        return try System.md5(ofFile: "\(folder.path)/bytes")
    }

    @Test func theTableNamesNetworksOfThePackage() {
        for weights in PublishedWeights.all {
            #expect(Networks.all.contains { $0.name == weights.network })
            #expect(weights.url.hasSuffix("/\(weights.fileName)") && weights.url.hasPrefix("https://"))
            #expect(weights.md5.wholeMatch(of: /[0-9a-f]{32}/) != nil)
            #expect(weights.fileName.contains("notop") != weights.includesTop)
        }
        #expect(Set(PublishedWeights.all.map(\.md5)).count == PublishedWeights.all.count)
        #expect(Set(PublishedWeights.all.map(\.fileName)).count == PublishedWeights.all.count)
    }

    /// A file holds 4 bytes for each parameter, and little else for each layer.
    @Test(arguments: PublishedWeights.all)
    func theTableHasTheSizesOfTheNetworks(weights: PublishedWeights) throws {
        let top = weights.includesTop
        let network: Model =
            switch weights.network {
            case "VGG16": VGG16.build(includeTop: top)
            case "VGG19": VGG19.build(includeTop: top)
            case "ResNet50": ResNet50.build(includeTop: top)
            case "InceptionV3": InceptionV3.build(includeTop: top)
            case "InceptionResNetV2": InceptionResNetV2.build(includeTop: top)
            default: SqueezeNet.build(includeTop: top)
            }
        let rest = weights.size - 4 * network.parameterCount
        #expect(
            (0..<2_500 * network.layers.count).contains(rest),
            "\(weights.fileName): \(rest) bytes more than its weights")
    }

    @Test func placesAreSearchedInOrderBeforeDownloading() throws {
        let variable = try TemporaryFolder(), home = try TemporaryFolder()
        defer { withExtendedLifetime((variable, home)) {} }
        let environment = ["PYIMAGESEARCH_DATA": variable.path, "HOME": home.path]
        let weights = file([1], url: "https://localhost/weights.h5", md5: "")
        var downloads = 0
        func locate(_ given: String? = nil) throws -> String {
            try weights.locate(given, environment: environment) { folder in
                downloads += 1
                #expect(folder == "\(home.path)/.cache/pyimagesearch")
            }
        }
        #expect(try locate() == "\(home.path)/.cache/pyimagesearch/weights.h5")
        #expect(downloads == 1)
        try home.write([1], to: ".keras/models/weights.h5")
        #expect(try locate() == "\(home.path)/.keras/models/weights.h5")
        try home.write([1], to: ".cache/pyimagesearch/weights.h5")
        #expect(try locate() == "\(home.path)/.cache/pyimagesearch/weights.h5")
        try variable.write([1], to: "weights.h5")
        #expect(try locate() == "\(variable.path)/weights.h5")
        try home.write([1], to: "mine.h5")
        #expect(try locate("\(home.path)/mine.h5") == "\(home.path)/mine.h5")
        #expect(downloads == 1)
    }

    @Test func errorsNameTheWaysOn() throws {
        let home = try TemporaryFolder()
        defer { withExtendedLifetime(home) {} }
        let weights = PublishedWeights.vgg16NoTop
        #expect {
            try weights.locate(nil, environment: ["HOME": home.path]) { _ in throw FileError("no network") }
        } throws: { error in
            let message = "\(error)"
            return [
                "no network", weights.fileName, weights.url, "$PYIMAGESEARCH_DATA", "data/",
                "\(home.path)/.cache/pyimagesearch", ".keras/models", "give its path",
            ].allSatisfy { message.contains($0) } && !message.contains("\n")
        }
        for path in ["\(home.path)/none.h5", home.path] {
            #expect {
                try weights.locate(path, environment: [:]) { _ in }
            } throws: { error in
                "\(error)".hasPrefix(path) && "\(error)".contains("weights of VGG16") && !"\(error)".contains("\n")
            }
        }
    }

    @Test func aDownloadIsCheckedAndResumes() throws {
        let bytes = (0..<200_000).map { UInt8($0 * 7 % 251) }
        let server = try FileServer(bytes), folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        server.breakAfter = 50_000
        try file(bytes, url: server.url, md5: md5(bytes)).download(into: folder.path, verbose: false)
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/weights.h5")) == Data(bytes))
        #expect(server.requests.count == 2 && server.bytesSent <= bytes.count)
        // Nothing else stays.
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.filter { !$0.hasPrefix(".") } == ["weights.h5"])
    }

    /// Of two programs that begin at once, one downloads and the other waits for its file.
    @Test func aDownloadWaitsForAnother() async throws {
        let bytes: [UInt8] = [1, 2, 3]
        let server = try FileServer(bytes), folder = try TemporaryFolder(), path = folder.path
        defer { withExtendedLifetime(folder) {} }
        let weights = file(bytes, url: server.url, md5: try md5(bytes))
        var other: OutputLock? = try OutputLock(path)
        async let second: Void = withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try weights.download(into: path, verbose: false) })
            }
        }
        try await Task.sleep(for: .milliseconds(300))
        try folder.write([9], to: "weights.h5")
        withExtendedLifetime(other) {}
        other = nil
        try await second
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(path)/weights.h5")) == Data([9]))
        #expect(server.requests.isEmpty)
    }

    @Test func anotherFileIsThrownAway() throws {
        let bytes = [UInt8](repeating: 1, count: 1000)
        let server = try FileServer(bytes), folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let expected = String(repeating: "0", count: 32)
        #expect {
            try file(bytes, url: server.url, md5: expected).download(into: folder.path, verbose: false)
        } throws: { error in
            "\(error)".contains(expected) && "\(error)".contains("thrown away") && !"\(error)".contains("\n")
        }
        // A longer file than the published one is not kept either.
        server.isEndless = true
        server.head = "HTTP/1.1 200 Answer\r\nConnection: close\r\n"
        #expect(throws: DownloadError.self) {
            try file(bytes, url: server.url, md5: expected).download(into: folder.path, verbose: false)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.filter { !$0.hasPrefix(".") } == [])
    }
}
