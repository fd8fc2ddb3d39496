// swift-tools-version: 6.1
import PackageDescription

// `swift run NAME` builds for debugging, where plain loops run fifty times slower than they need to.
// The library is optimised in debug builds too, so that a chapter is as fast as `-c release` makes it.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"])]

let package = Package(
    name: "GoogLeNet",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "PyImageSearch", targets: ["PyImageSearch"]),
        .executable(name: "Chapter11MiniGoogLeNet", targets: ["Chapter11MiniGoogLeNet"]),
        .executable(name: "minigooglenet_cifar10", targets: ["Chapter11MiniGoogLeNet"]),
        .executable(name: "Chapter11BuildTinyImageNet", targets: ["Chapter11BuildTinyImageNet"]),
        .executable(name: "build_tiny_imagenet", targets: ["Chapter11BuildTinyImageNet"]),
        .executable(name: "Chapter11Train", targets: ["Chapter11Train"]),
        .executable(name: "train", targets: ["Chapter11Train"]),
        .executable(name: "Chapter11TrainDecay", targets: ["Chapter11TrainDecay"]),
        .executable(name: "train_decay", targets: ["Chapter11TrainDecay"]),
        .executable(name: "Chapter11RankAccuracy", targets: ["Chapter11RankAccuracy"]),
        .executable(name: "rank_accuracy", targets: ["Chapter11RankAccuracy"]),
        .executable(name: "InceptionV1CIFAR10", targets: ["InceptionV1CIFAR10"]),
        .executable(name: "inception_v1_cifar10", targets: ["InceptionV1CIFAR10"]),
        .executable(name: "BuildImageNet", targets: ["BuildImageNet"]),
        .executable(name: "TrainImageNet", targets: ["TrainImageNet"]),
        .executable(name: "ImageNetAccuracy", targets: ["ImageNetAccuracy"]),
        .executable(name: "Report", targets: ["Report"]),
        .executable(name: "Benchmark", targets: ["Benchmark"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
        .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"]), .brew(["cairo"])]),
        .systemLibrary(
            name: "CGraphviz", pkgConfig: "libgvc", providers: [.apt(["libgraphviz-dev"]), .brew(["graphviz"])]),
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
        .systemLibrary(name: "CDNNL", providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(
            name: "CTurboJPEG", pkgConfig: "libturbojpeg",
            providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .target(name: "CPNGReading", dependencies: ["CPNG"]),
        .systemLibrary(
            name: "CCURL", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
        .target(name: "CDownloading", dependencies: ["CCURL"]),

        // The library, a room a target; a lower room never imports a higher one.
        .target(name: "Messages", dependencies: ["Terminal"], swiftSettings: optimized),
        .target(name: "Files", swiftSettings: optimized),
        .target(name: "SystemMemory", swiftSettings: optimized),
        .target(name: "Terminal", swiftSettings: optimized),
        .target(name: "Tensors", dependencies: ["Messages"], swiftSettings: optimized),
        .target(
            name: "ComputeGraph", dependencies: ["Tensors", "SystemMemory", "Messages"], swiftSettings: optimized),
        .target(name: "CHDF5Guard"),
        .target(
            name: "HDF5", dependencies: ["CHDF5", "CHDF5Guard", "Files", "SystemMemory"], swiftSettings: optimized),
        .target(
            name: "Imaging", dependencies: ["Tensors", "Files", "Messages", "CTurboJPEG", "CPNG", "CPNGReading"],
            swiftSettings: optimized),
        .target(
            name: "Plotting", dependencies: ["CCairo", "CGraphviz", "Files", "Messages"], swiftSettings: optimized),
        .target(
            name: "OpenBLASBackend",
            dependencies: ["ComputeGraph", "Tensors", "SystemMemory", "Messages", "COpenBLAS"],
            swiftSettings: optimized),
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
        .target(
            name: "OneDNNBackend",
            dependencies: ["ComputeGraph", "Tensors", "SystemMemory", "Messages", "CDNNL", "CKernels"],
            swiftSettings: optimized),
        .target(
            name: "NeuralNetwork",
            dependencies: [
                "Tensors", "ComputeGraph", "Files", "HDF5", "OpenBLASBackend", "OneDNNBackend", "SystemMemory",
                "Messages",
                "Terminal",
            ],
            swiftSettings: optimized),
        .target(
            name: "PyImageSearch",
            dependencies: [
                "Tensors", "NeuralNetwork", "Imaging", "Files", "HDF5", "Plotting", "Messages", "Terminal", "COpenSSL",
                "CDownloading",
            ],
            swiftSettings: optimized),

        .target(
            name: "ChapterSupport",
            dependencies: [
                "ComputeGraph", "OneDNNBackend", "OpenBLASBackend", "NeuralNetwork", "PyImageSearch", "Reporting",
                "HDF5", "Files", "Messages", "Terminal", "Tensors",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: optimized),

        // Run records, and the report that is made from them.
        .target(
            name: "Reporting",
            dependencies: ["Plotting", "NeuralNetwork", "ComputeGraph", "Tensors", "Files", "HDF5", "Messages"],
            swiftSettings: optimized),
        .executableTarget(
            name: "Report",
            dependencies: [
                "ChapterSupport", "Reporting", "PyImageSearch", "Plotting", "NeuralNetwork", "Imaging", "HDF5", "Files",
                "Tensors", "Terminal", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: optimized),

        // The chapters, one original script each.
        .executableTarget(
            name: "Chapter11MiniGoogLeNet",
            dependencies: [
                "ChapterSupport", "Reporting", "PyImageSearch", "NeuralNetwork", "Imaging", "Files", "Tensors",
                "Terminal",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Chapters/Chapter11MiniGoogLeNet", swiftSettings: optimized),
        .executableTarget(
            name: "Chapter11BuildTinyImageNet",
            dependencies: [
                "ChapterSupport", "PyImageSearch", "Imaging", "HDF5", "Files", "Terminal",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Chapters/Chapter11BuildTinyImageNet", swiftSettings: optimized),
        .executableTarget(
            name: "Chapter11Train",
            dependencies: [
                "ChapterSupport", "Reporting", "PyImageSearch", "NeuralNetwork", "Files", "Tensors", "Terminal",
                "Messages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Chapters/Chapter11Train", swiftSettings: optimized),
        .executableTarget(
            name: "Chapter11TrainDecay",
            dependencies: [
                "ChapterSupport", "Reporting", "PyImageSearch", "NeuralNetwork", "Files", "Tensors", "Terminal",
                "Messages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Chapters/Chapter11TrainDecay", swiftSettings: optimized),
        .executableTarget(
            name: "Chapter11RankAccuracy",
            dependencies: [
                "ChapterSupport", "Reporting", "PyImageSearch", "NeuralNetwork", "Files", "Tensors", "Terminal",
                "Messages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Chapters/Chapter11RankAccuracy", swiftSettings: optimized),
        .executableTarget(
            name: "InceptionV1CIFAR10",
            dependencies: [
                "ChapterSupport", "Reporting", "PyImageSearch", "NeuralNetwork", "Files", "Tensors", "Terminal",
                "Messages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Chapters/InceptionV1CIFAR10", swiftSettings: optimized),
        .executableTarget(
            name: "BuildImageNet",
            dependencies: [
                "ChapterSupport", "PyImageSearch", "Imaging", "HDF5", "Files", "Tensors", "Terminal", "Messages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Chapters/BuildImageNet", swiftSettings: optimized),
        .executableTarget(
            name: "TrainImageNet",
            dependencies: [
                "ChapterSupport", "Reporting", "PyImageSearch", "NeuralNetwork", "Files", "Tensors", "Terminal",
                "Messages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Chapters/TrainImageNet", swiftSettings: optimized),
        .executableTarget(
            name: "ImageNetAccuracy",
            dependencies: [
                "ChapterSupport", "PyImageSearch", "NeuralNetwork", "Imaging", "Files", "Tensors", "Terminal",
                "Messages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Chapters/ImageNetAccuracy", swiftSettings: optimized),
        .executableTarget(
            name: "Benchmark",
            dependencies: [
                "ChapterSupport", "PyImageSearch", "NeuralNetwork", "ComputeGraph", "Tensors",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Benchmark", swiftSettings: optimized),

        // Tests, a target a room.
        .testTarget(name: "TensorsTests", dependencies: ["Tensors"], swiftSettings: optimized),
        .testTarget(name: "FilesTests", dependencies: ["Files"], swiftSettings: optimized),
        .testTarget(name: "TerminalTests", dependencies: ["Terminal"], swiftSettings: optimized),
        .testTarget(
            name: "HDF5Tests", dependencies: ["HDF5", "CHDF5"], exclude: ["Fixtures"], swiftSettings: optimized),
        .target(
            name: "FixtureSupport", dependencies: ["HDF5", "NeuralNetwork", "Tensors"], path: "Tests/FixtureSupport",
            swiftSettings: optimized),
        .target(
            name: "ProgramSupport", dependencies: ["Imaging"], path: "Tests/ProgramSupport", swiftSettings: optimized),
        .executableTarget(
            name: "Interop",
            dependencies: [
                "ChapterSupport", "FixtureSupport", "NeuralNetwork", "PyImageSearch", "HDF5", "Tensors",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/interop/Interop", swiftSettings: optimized),
        .executableTarget(
            name: "Soak",
            dependencies: [
                "ChapterSupport", "Reporting", "PyImageSearch", "NeuralNetwork", "Tensors", "Terminal", "Messages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/faults/Soak", swiftSettings: optimized),
        .testTarget(
            name: "NeuralNetworkTests",
            dependencies: [
                "FixtureSupport", "NeuralNetwork", "ComputeGraph", "OpenBLASBackend", "OneDNNBackend", "HDF5",
                "Tensors", "Messages", "Terminal",
            ],
            exclude: ["Fixtures"], swiftSettings: optimized),
        .testTarget(
            name: "PyImageSearchTests",
            dependencies: [
                "FixtureSupport", "PyImageSearch", "NeuralNetwork", "OpenBLASBackend", "OneDNNBackend", "ComputeGraph",
                "Imaging", "Files", "HDF5", "Tensors",
            ], swiftSettings: optimized),
        .testTarget(
            name: "ChapterTests",
            dependencies: [
                "Chapter11MiniGoogLeNet", "Chapter11BuildTinyImageNet", "Chapter11Train", "Chapter11TrainDecay",
                "Chapter11RankAccuracy", "InceptionV1CIFAR10", "BuildImageNet", "TrainImageNet", "ImageNetAccuracy",
                "Benchmark", "Report", "ChapterSupport", "FixtureSupport", "ProgramSupport", "NeuralNetwork",
                "Reporting", "Imaging", "HDF5", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: optimized),
        .testTarget(
            name: "OpenBLASBackendTests", dependencies: ["OpenBLASBackend", "ComputeGraph", "Tensors"],
            swiftSettings: optimized),
        .testTarget(
            name: "ImagingTests", dependencies: ["FixtureSupport", "Imaging", "Files", "HDF5", "Tensors"],
            exclude: ["Fixtures"],
            swiftSettings: optimized),
        .testTarget(name: "PlottingTests", dependencies: ["Plotting"], swiftSettings: optimized),
        .testTarget(
            name: "ReportTests",
            dependencies: ["Report", "Reporting", "PyImageSearch", "NeuralNetwork", "HDF5", "Plotting", "Tensors"],
            swiftSettings: optimized),
        .testTarget(
            name: "ReportingTests",
            dependencies: ["Reporting", "Plotting", "NeuralNetwork", "PyImageSearch", "HDF5", "Files"],
            swiftSettings: optimized),

        // What happens when things go wrong.
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "ChapterSupport", "FixtureSupport", "PyImageSearch", "Reporting", "NeuralNetwork", "OpenBLASBackend",
                "OneDNNBackend",
                "Imaging", "Files", "HDF5", "Tensors", "Terminal", "Messages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/faults/Fuzz", swiftSettings: optimized),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "Fuzz", "Soak", "Chapter11MiniGoogLeNet", "Chapter11BuildTinyImageNet", "Chapter11Train",
                "Chapter11TrainDecay", "Chapter11RankAccuracy", "InceptionV1CIFAR10", "BuildImageNet", "TrainImageNet",
                "ImageNetAccuracy", "Benchmark", "Report", "ProgramSupport", "Reporting", "NeuralNetwork",
                "PyImageSearch",
                "ComputeGraph", "OpenBLASBackend", "OneDNNBackend", "HDF5", "Files", "SystemMemory", "Tensors",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/faults/FaultTests", swiftSettings: optimized),
    ],
    swiftLanguageModes: [.v6]
)
