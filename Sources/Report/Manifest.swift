import Foundation
import Plotting
import System

/// What the package's manifest declares: the targets and their dependencies.
struct Manifest: Decodable {
    let targets: [Target]

    struct Target: Decodable {
        let name: String
        let type: String
        let path: String?
        private let declared: [Dependency]

        private enum CodingKeys: String, CodingKey {
            case name, type, path
            case declared = "dependencies"
        }

        var dependencies: Set<String> { Set(declared.map(\.name)) }
        var folder: String { path ?? (type == "test" ? "Tests/\(name)" : "Sources/\(name)") }
    }

    /// `{"byName": ["System", null]}`, or the same with another key.
    private struct Dependency: Decodable {
        let name: String

        init(from decoder: any Decoder) throws {
            let entries = try decoder.singleValueContainer().decode([String: [Entry?]].self)
            guard case .name(let name)?? = entries.values.first?.first else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "a dependency without a name"))
            }
            self.name = name
        }

        /// Names, and values that do not matter here.
        private enum Entry: Decodable {
            case name(String), other

            init(from decoder: any Decoder) throws {
                self = (try? decoder.singleValueContainer().decode(String.self)).map(Entry.name) ?? .other
            }
        }
    }

    /// - Throws: ``NoManifest`` if there is none, ``ReportError`` if the package manager cannot be asked.
    init(_ folder: ReportFolder) throws {
        guard FileSystem.exists("\(folder.root)/Package.swift") else { throw NoManifest() }
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["swift", "package", "--package-path", folder.root, "dump-package"]
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            self = try JSONDecoder().decode(Manifest.self, from: data)
        } catch {
            throw ReportError("the manifest cannot be read: swift package dump-package fails in \(folder.root)")
        }
    }

    // MARK: - Imports

    /// Targets that declare what they do not import, or import what they do not declare; one line each.
    func importFaults(_ folder: ReportFolder) throws -> [String] {
        let names = Set(targets.map(\.name)).union(targets.flatMap(\.dependencies))
        let programs = Set(targets.filter { $0.type == "executable" }.map(\.name))
        // The rooms that a chapter imports through `Chapter`.
        let exported = targets.first { $0.name == "Chapter" }?.dependencies ?? []
        return try targets.flatMap { target -> [String] in
            var imported = try imports(of: target, folder).intersection(names)
            guard !imported.isEmpty else { return [] }
            if imported.contains("Chapter") { imported.formUnion(exported) }
            // Tests run the programs.
            let declared = target.type == "test" ? target.dependencies.subtracting(programs) : target.dependencies
            return declared.subtracting(imported).sorted().map {
                "\(target.name) declares \($0) and does not import it"
            }
                + imported.subtracting(target.dependencies).sorted().map {
                    "\(target.name) imports \($0) and does not declare it"
                }
        }
    }

    private func imports(of target: Target, _ folder: ReportFolder) throws -> Set<String> {
        var modules: Set<String> = []
        for file in try swiftFiles(in: "\(folder.root)/\(target.folder)") {
            let text = String(decoding: try FileBytes.read(file), as: UTF8.self)
            let pattern = /(?m)^(?:@\w+ )?import (?:enum |struct |class |func )?(\w+)/
            modules.formUnion(text.matches(of: pattern).map { String($0.output.1) })
        }
        return modules
    }

    private func swiftFiles(in folder: String) throws -> [String] {
        guard FileSystem.isFolder(folder) else { return [] }
        let contents = try FolderContents(folder)
        return try contents.files.filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
            + contents.folders.flatMap { try swiftFiles(in: "\(folder)/\($0)") }
    }

    // MARK: - The diagram

    /// The rooms of the library and the report, with an arrow to each imported room. Arrows that follow from others are
    /// left out.
    func diagram(_ folder: ReportFolder) throws -> GraphDiagram {
        // Targets of C code are not rooms.
        let rooms = try targets.filter { target in
            try target.path == nil && ["regular", "executable"].contains(target.type)
                && !swiftFiles(in: "\(folder.root)/\(target.folder)").isEmpty
        }
        let imports = Dictionary(uniqueKeysWithValues: rooms.map { ($0.name, $0.dependencies) })
        func reaches(_ from: String, _ to: String) -> Bool {
            imports[from]?.contains { $0 == to || reaches($0, to) } ?? false
        }
        let edges = rooms.enumerated().flatMap { index, room in
            room.dependencies.compactMap { name -> GraphDiagram.Edge? in
                guard let target = rooms.firstIndex(where: { $0.name == name }),
                    !room.dependencies.contains(where: { reaches($0, name) })
                else { return nil }
                return GraphDiagram.Edge(from: index, to: target)
            }
        }
        return try GraphDiagram(
            nodes: rooms.map { GraphDiagram.Node(lines: [$0.name], color: color(of: $0)) },
            edges: edges.sorted { ($0.from, $0.to) < ($1.from, $1.to) })
    }

    private func color(of target: Target) -> Color {
        switch target.name {
        case "Chapter", "CommandLine", "Runs", "Experiments", "Report", "Weaving": Palette.blue
        case "NeuralNetwork", "PyImageSearch", "ScikitLearn": Palette.orange
        case "ComputeGraph", "HostMemory", "OneDNNBackend", "OpenBLASBackend", "CUDABackend": Palette.vermilion
        default: Palette.bluishGreen
        }
    }
}

/// A report that does not lie in a package.
struct NoManifest: Error {}

extension Figure {
    /// The package itself.
    static let packageFigures = [
        Figure(
            name: "rooms",
            caption: """
                The rooms of the package. An arrow leads from a room to each one that it imports; arrows that follow from \
                others are left out. Blue rooms belong to the chapters and the report, orange ones are the vocabulary of \
                the book, Keras and scikit-learn, red ones compute, and green ones are the ground under all of them.
                """
        ) { try Manifest($0).diagram($0) }
    ]
}
