// swift-tools-version: 6.1
import PackageDescription

/// Whether this is the package that is being built, not one that another depends on.
let isRoot = !Context.packageDirectory.contains("/checkouts/")

/// `swift run NAME` builds for debugging, where plain loops run fifty times slower than they need to. So everything but
/// the chapters is optimized in debug builds too. SwiftPM refuses such flags in a package that another one depends on
/// by version.
let optimized: [SwiftSetting] = isRoot ? [.unsafeFlags(["-O"])] : []

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

// The scripts of the documents. Each is a folder in Chapters, run under its own name and under its original's.
// An original's name belongs to the first script that has it.
let chapters: [(name: String, original: String?)] = [
    ("BuildImageNet", nil),
    ("Chapter02AugmentationDemo", "augmentation_demo"),
    ("Chapter02MiniVGGNetFlowers17", "minivggnet_flowers17"),
    ("Chapter02MiniVGGNetFlowers17DataAug", "minivggnet_flowers17_data_aug"),
    ("Chapter03ExtractFeatures", "extract_features"),
    ("Chapter03TrainModel", "train_model"),
    // Its name is that of chapter 11's script.
    ("Chapter04RankAccuracy", nil),
    ("Chapter05FinetuneFlowers17", "finetune_flowers17"),
    ("Chapter05InspectModel", "inspect_model"),
    ("Chapter06TestEnsemble", "test_ensemble"),
    ("Chapter06TrainModels", "train_models"),
    ("Chapter09BuildDogsVsCats", "build_dogs_vs_cats"),
    ("Chapter10CropAccuracy", "crop_accuracy"),
    // Two of chapter 10's scripts have the names of chapter 3's.
    ("Chapter10ExtractFeatures", nil),
    ("Chapter10TrainAlexNet", "train_alexnet"),
    ("Chapter10TrainModel", nil),
    ("Chapter11BuildTinyImageNet", "build_tiny_imagenet"),
    ("Chapter11MiniGoogLeNet", "minigooglenet_cifar10"),
    ("Chapter11RankAccuracy", "rank_accuracy"),
    ("Chapter11Train", "train"),
    ("Chapter11TrainDecay", "train_decay"),
    // Three of chapter 12's scripts have the names of chapter 11's.
    ("Chapter12RankAccuracy", nil),
    ("Chapter12ResNetCIFAR10", "resnet_cifar10"),
    ("Chapter12ResNetCIFAR10Decay", "resnet_cifar10_decay"),
    ("Chapter12Train", nil),
    ("Chapter12TrainDecay", nil),
    ("Classify", nil),
    ("ImageNetAccuracy", nil),
    ("InceptionV1CIFAR10", "inception_v1_cifar10"),
    ("TrainImageNet", nil),
]

// The library, one room per target: a folder in Sources, and what it imports. A room imports lower rooms only.
let rooms: [Target] = [
    room("System", "CDownloading", "COpenSSL"),
    room("Tensors", "System"),
    room("HDF5", "CHDF5", "CHDF5Guard", "System"),
    room("Imaging", "CPNG", "CPNGReading", "CTurboJPEG", "System", "Tensors"),
    room("Plotting", "CCairo", "CGraphviz", "System"),
    room("ComputeGraph", "Tensors"),
    room("HostMemory", "CKernels", "ComputeGraph", "System", "Tensors"),
    room("OpenBLASBackend", "COpenBLAS", "ComputeGraph", "HostMemory", "Tensors"),
    room("OneDNNBackend", "CDNNL", "CKernels", "ComputeGraph", "HostMemory", "System", "Tensors"),
    room("CUDABackend", "CCUDA", "CGPUKernels", "ComputeGraph", "System", "Tensors"),
    room("NeuralNetwork", "ComputeGraph", "HDF5", "System", "Tensors"),
    room("MPICommunicator", "CProcesses", "NeuralNetwork", "System"),
    room("ScikitLearn", "CLBFGS", "CLinear", "COpenBLAS", "HDF5", "System", "Tensors"),
    room("PyImageSearch", "ComputeGraph", "HDF5", "Imaging", "NeuralNetwork", "Plotting", "System", "Tensors"),
    room("Experiments", "NeuralNetwork", "PyImageSearch", "System"),
    room(
        "Runs", "ComputeGraph", "Experiments", "HDF5", "Imaging", "NeuralNetwork", "PyImageSearch", "ScikitLearn",
        "System", "Tensors"),
    room("Weaving", "System"),
    room(
        "CommandLine", "CUDABackend", "ComputeGraph", "Experiments", "HDF5", "MPICommunicator", "NeuralNetwork",
        "OneDNNBackend", "OpenBLASBackend", "PyImageSearch", "Runs", "System", "Weaving", argumentParser),
    room(
        "Chapter", "CommandLine", "Experiments", "HDF5", "Imaging", "NeuralNetwork", "PyImageSearch", "Runs",
        "ScikitLearn", "System", "Tensors", argumentParser),
]

// Programs that are not chapters: their folder, and what they import.
let programs: [Target] = [
    program(
        "Report", in: "Sources", "CommandLine", "Experiments", "HDF5", "Imaging", "NeuralNetwork", "OpenBLASBackend",
        "Plotting", "PyImageSearch", "Runs", "System", "Tensors", "Weaving", argumentParser),
    program(
        "Benchmark", in: "Benchmarks", "CommandLine", "ComputeGraph", "Experiments", "Imaging", "NeuralNetwork",
        "PyImageSearch", "Runs", "System", "Tensors", argumentParser),
    program(
        "GPUCheck", in: "Benchmarks", "CommandLine", "ComputeGraph", "FixtureSupport", "NeuralNetwork", "OneDNNBackend",
        "OpenBLASBackend", "PyImageSearch", "Tensors", argumentParser),
    program(
        "Interop", in: "Tests/interop", "CommandLine", "FixtureSupport", "HDF5", "NeuralNetwork", "PyImageSearch",
        "Tensors", argumentParser),
    program(
        "InteropWeights", in: "Tests/interop", "CommandLine", "FixtureSupport", "HDF5", "Imaging", "NeuralNetwork",
        "PyImageSearch", "System", "Tensors", argumentParser),
    program(
        "ParallelCheck", in: "Tests/mpi", "CommandLine", "FixtureSupport", "NeuralNetwork", "PyImageSearch", "Tensors",
        argumentParser),
    program(
        "Soak", in: "Tests/faults", "CommandLine", "NeuralNetwork", "PyImageSearch", "Runs", "System", "Tensors",
        argumentParser),
    program(
        "Fuzz", in: "Tests/faults", "CommandLine", "FixtureSupport", "HDF5", "Imaging", "NeuralNetwork",
        "OneDNNBackend", "OpenBLASBackend", "PyImageSearch", "Runs", "ScikitLearn", "System", "Tensors",
        argumentParser),
]

// Tests, one target per room, and what they share.
let tests: [Target] = [
    .target(
        name: "FixtureSupport",
        dependencies: [
            "CUDABackend", "ComputeGraph", "HDF5", "NeuralNetwork", "OneDNNBackend", "OpenBLASBackend", "System",
            "Tensors",
        ],
        path: "Tests/FixtureSupport", swiftSettings: optimized),
    .target(name: "ProgramSupport", dependencies: ["Imaging"], path: "Tests/ProgramSupport", swiftSettings: optimized),
    tests("System", "System"),
    tests("Tensors", "Tensors"),
    tests("HDF5", hasFixtures: true, "CHDF5", "HDF5"),
    tests("Imaging", hasFixtures: true, "FixtureSupport", "HDF5", "Imaging", "System", "Tensors"),
    tests("Plotting", "CCairo", "Plotting"),
    tests("Backend", "CUDABackend", "ComputeGraph", "FixtureSupport", "OneDNNBackend", "OpenBLASBackend", "Tensors"),
    tests(
        "NeuralNetwork", hasFixtures: true, "CUDABackend", "ComputeGraph", "FixtureSupport", "HDF5", "HostMemory",
        "NeuralNetwork", "OneDNNBackend", "OpenBLASBackend", "ParallelCheck", "ProgramSupport", "System", "Tensors"),
    tests("MPICommunicator", "CProcesses", "MPICommunicator"),
    tests(
        "ScikitLearn", hasFixtures: true, "COpenSSL", "FixtureSupport", "HDF5", "NeuralNetwork", "ScikitLearn",
        "System", "Tensors"),
    tests(
        "PyImageSearch", "CUDABackend", "ComputeGraph", "FixtureSupport", "HDF5", "Imaging", "NeuralNetwork",
        "Plotting", "PyImageSearch", "ScikitLearn", "System", "Tensors"),
    tests("Experiments", "Experiments", "NeuralNetwork", "PyImageSearch"),
    tests("CommandLine", "CommandLine", "PyImageSearch", "System", argumentParser),
    tests("Runs", "FixtureSupport", "HDF5", "NeuralNetwork", "PyImageSearch", "Runs", "ScikitLearn", "System"),
    tests("Weaving", "Weaving"),
    tests(
        "Report", "Experiments", "HDF5", "Imaging", "NeuralNetwork", "Plotting", "PyImageSearch", "Report", "Runs",
        "Tensors"),
    .testTarget(
        name: "ChapterTests",
        dependencies: chapters.map { .init(stringLiteral: $0.name) } + [
            "Benchmark", "CommandLine", "FixtureSupport", "HDF5", "Imaging", "NeuralNetwork", "ProgramSupport",
            "PyImageSearch", "Report", "Runs", "ScikitLearn", "System", "Tensors",
        ],
        swiftSettings: optimized),
    .testTarget(
        name: "FaultTests",
        dependencies: chapters.map { .init(stringLiteral: $0.name) } + [
            "Benchmark", "ComputeGraph", "FixtureSupport", "Fuzz", "HDF5", "NeuralNetwork", "ProgramSupport", "Report",
            "Runs", "Soak", "System", "Tensors", argumentParser,
        ],
        path: "Tests/faults/FaultTests", swiftSettings: optimized),
]

/// What stands in for NVIDIA's libraries on a machine without a GPU. Only this package's own tests need it.
let double: [Target] =
    isRoot
    ? [
        .target(
            name: "CUDADouble", dependencies: ["CCUDA", "CGPUKernels", "COpenBLAS"], path: "Tests/CUDADouble",
            cxxSettings: [
                // Other threads may still call the double while the process ends.
                .unsafeFlags([
                    "-O3", "-fno-cxx-modules", "-fvisibility=hidden", "-fc++-static-destructors=thread-local", "-Wall",
                    "-Wextra", "-Werror",
                ])
            ],
            // Every function has to be there, and the double calls its own.
            linkerSettings: [
                .linkedLibrary("m"),
                .unsafeFlags(["-Xlinker", "-z", "-Xlinker", "defs", "-Xlinker", "-Bsymbolic"]),
            ]),
        tests("CUDADouble", "CCUDA", "CGPUKernels", "ProgramSupport"),
    ] : []

// System libraries: pkg-config's name, Debian's package and Homebrew's. Then the C code on top of them.
let libraries: [Target] = [
    library("CHDF5", "hdf5", "libhdf5-dev", "hdf5"),
    library("CCairo", "cairo", "libcairo2-dev", "cairo"),
    library("CGraphviz", "libgvc", "libgraphviz-dev", "graphviz"),
    library("COpenBLAS", "openblas", "libopenblas-dev", "openblas"),
    library("CDNNL", nil, "libdnnl-dev", "onednn"),
    library("COpenSSL", "libcrypto", "libssl-dev", "openssl@3"),
    library("CTurboJPEG", "libturbojpeg", "libturbojpeg0-dev", "jpeg-turbo"),
    library("CPNG", "libpng", "libpng-dev", "libpng"),
    library("CCURL", "libcurl", "libcurl4-openssl-dev", "curl"),
    library("CMPI", "mpi-c", "libopenmpi-dev", "open-mpi"),
    library("CLinear", nil, "liblinear-dev", "liblinear"),
    library("CLBFGS", "liblbfgs", "liblbfgs-dev", "liblbfgs"),
    .target(name: "CHDF5Guard"),
    .target(name: "CPNGReading", dependencies: ["CPNG"]),
    .target(name: "CDownloading", dependencies: ["CCURL"]),
    .target(name: "CProcesses", dependencies: ["CMPI"]),
    .target(name: "CCUDA"),
    .target(name: "CGPUKernels", exclude: ["Kernels"]),
    .target(name: "CKernels", cSettings: isRoot ? [.unsafeFlags(["-O3"])] : []),
]

let package = Package(
    name: "GoogLeNet",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "PyImageSearch", targets: rooms.map(\.name))
    ]
        + chapters.flatMap { chapter in
            [chapter.name, chapter.original].compactMap { $0 }.map {
                Product.executable(name: $0, targets: [chapter.name])
            }
        }
        + ["Report", "Benchmark"].map { .executable(name: $0, targets: [$0]) }
        + (isRoot ? [.library(name: "CUDADouble", type: .dynamic, targets: ["CUDADouble"])] : []),
    dependencies: [.package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")]
        // Makes the documentation, which another package does not need.
        + (isRoot ? [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0")] : []),
    targets: libraries + rooms + programs + tests + double + chapters.map { chapter($0.name, rooms) },
    swiftLanguageModes: [.v6], cxxLanguageStandard: .cxx20
)

// MARK: - Kinds of targets

func room(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: optimized)
}

func program(_ name: String, in folder: String, _ dependencies: Target.Dependency...) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "\(folder)/\(name)", swiftSettings: optimized)
}

/// A chapter imports `Chapter` alone. The rooms that this re-exports are named as well: else a build does not notice that
/// one of them has changed, and links a chapter that was compiled for the room as it was.
///
/// Chapters are not optimized in debug builds. They compute nothing themselves, and where functions are not merged, the line
/// that prints something is known for sure.
func chapter(_ name: String, _ rooms: [Target]) -> Target {
    let rooms = rooms.first { $0.name == "Chapter" }?.dependencies ?? []
    return .executableTarget(
        name: name, dependencies: ["Chapter"] + rooms, path: "Chapters/\(name)")
}

func tests(_ room: String, hasFixtures: Bool = false, _ dependencies: Target.Dependency...) -> Target {
    .testTarget(
        name: "\(room)Tests", dependencies: dependencies, exclude: hasFixtures ? ["Fixtures"] : [],
        swiftSettings: optimized)
}

func library(_ name: String, _ pkgConfig: String?, _ debian: String, _ homebrew: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian]), .brew([homebrew])])
}
