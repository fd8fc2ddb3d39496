import CCUDA
import ComputeGraph
import Foundation

/// NVIDIA's libraries, opened at run time: a program is built without them, and runs without them on other backends.
struct Libraries {
    let driver: CUDADriver
    let compiler: CUDACompiler
    let blas: CUDABLAS
    let dnn: CUDADNN

    /// - Throws: ``BackendError`` naming the library that was not found, and where it was looked for.
    init() throws {
        var driver = CUDADriver()
        try Self.find("NVIDIA's driver", ["libcuda.so.1"]) { ccuda_find_driver($0, &driver) }
        // Libraries for a later CUDA than the driver's may refuse to run.
        var version: Int32 = 0
        guard driver.cuDriverGetVersion(&version) == CUDA_SUCCESS.result else {
            throw BackendError("NVIDIA's driver does not say its version")
        }
        let generations = [13, 12].filter { $0 <= version / 1000 }
        guard !generations.isEmpty else {
            throw BackendError(
                "NVIDIA's driver is for CUDA \(version / 1000).\(version % 1000 / 10), and 12.0 or later is needed")
        }
        var compiler = CUDACompiler(), blas = CUDABLAS(), dnn = CUDADNN()
        try Self.find("NVRTC", generations.map { "libnvrtc.so.\($0)" }) { ccuda_find_compiler($0, &compiler) }
        try Self.find("cuBLAS", generations.map { "libcublas.so.\($0)" }) { ccuda_find_blas($0, &blas) }
        try Self.find("cuDNN 9", ["libcudnn.so.9"]) { ccuda_find_dnn($0, &dnn) }
        self.driver = driver
        self.compiler = compiler
        self.blas = blas
        self.dnn = dnn
    }

    /// The folders of `CUDA_LIBRARIES`, separated by colons, before the places where the system looks.
    private static var folders: [String] {
        (ProcessInfo.processInfo.environment["CUDA_LIBRARIES"] ?? "").split(separator: ":").map(String.init)
    }

    /// Opens the first of these files that is there.
    private static func find(
        _ library: String, _ names: [String], functions: (UnsafeMutableRawPointer) -> UnsafePointer<CChar>?
    ) throws {
        let candidates =
            folders.flatMap { folder in names.map { "\(folder)/\($0)" } } + names
            + names.map { "/usr/local/cuda/lib64/\($0)" }
        var reasons: [String] = []
        for candidate in candidates {
            // The library stays open as long as the process lives.
            if let handle = dlopen(candidate, RTLD_NOW | RTLD_LOCAL) {
                guard let missing = functions(handle) else { return }
                throw BackendError("\(candidate) does not have the function \(String(cString: missing))")
            }
            if let reason = dlerror() { reasons.append(String(cString: reason)) }
        }
        // A library that is there, but whose own libraries are not, says so.
        let reason =
            reasons.first { reason in !names.contains { reason.contains("\($0): cannot open") } } ?? reasons.first ?? ""
        throw BackendError(
            "\(library) was not found (\(reason)); the folders in the environment "
                + "variable CUDA_LIBRARIES, separated by colons, are looked through first")
    }
}

extension Int {
    /// The constant as a status of a library.
    var result: Int32 { Int32(truncatingIfNeeded: self) }
}
