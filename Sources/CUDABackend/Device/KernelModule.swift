import CCUDA
import CGPUKernels
import ComputeGraph
import Foundation

/// The kernels in `Sources/CGPUKernels/Kernels`, compiled for the GPU at hand.
final class KernelModule {
    /// The size of an output's element, in bytes.
    let elementSize: Int
    private unowned let device: Device
    private let module: CUmodule
    private var functions: [String: CUfunction] = [:]

    init(_ device: Device, precision: Precision) throws {
        self.device = device
        elementSize = precision.elementSize
        let options = [
            "--gpu-architecture=sm_\(device.computeCapability)", "--std=c++17", "-default-device",
            "-DELEMENT=\(precision.element)",
        ]
        let source = String(cString: gpu_kernels_source())
        let cache = KernelCache(key: options + [source, device.version])
        let driver = device.libraries.driver
        func load(_ code: [CChar]) throws -> CUmodule {
            try code.withUnsafeBytes { code in
                try device.libraries.make("cuModuleLoadData") { driver.cuModuleLoadData(&$0, code.baseAddress) }
            }
        }
        // Code that is damaged is compiled again.
        if let module = cache.code.flatMap({ try? load($0) }) {
            self.module = module
        } else {
            let code = try Self.compile(options, device)
            module = try load(code)
            cache.keep(code)
        }
    }

    private static func compile(_ options: [String], _ device: Device) throws -> [CChar] {
        let compiler = device.libraries.compiler
        func check(_ result: nvrtcResult, _ call: String) throws {
            guard result != NVRTC_SUCCESS.result else { return }
            let words = compiler.nvrtcGetErrorString(result).map { String(cString: $0) } ?? "error \(result)"
            throw BackendError("NVRTC failed in \(call): \(words)")
        }
        var program: nvrtcProgram?
        try check(
            compiler.nvrtcCreateProgram(&program, gpu_kernels_source(), "kernels.cu", 0, nil, nil), "nvrtcCreateProgram"
        )
        defer { _ = compiler.nvrtcDestroyProgram(&program) }
        let result = withCStrings(options) { options in
            compiler.nvrtcCompileProgram(program, Int32(options.count), options.baseAddress)
        }
        if result == NVRTC_ERROR_INVALID_OPTION.result {
            throw BackendError(
                "NVRTC knows no GPU like \(device.name), of compute capability \(device.computeCapability / 10)."
                    + "\(device.computeCapability % 10): a later CUDA is needed")
        }
        if result != NVRTC_SUCCESS.result {
            var size = 0
            try check(compiler.nvrtcGetProgramLogSize(program, &size), "nvrtcGetProgramLogSize")
            var log = [CChar](repeating: 0, count: size + 1)
            try check(compiler.nvrtcGetProgramLog(program, &log), "nvrtcGetProgramLog")
            let words = compiler.nvrtcGetErrorString(result).map { String(cString: $0) } ?? "error \(result)"
            throw BackendError("NVRTC does not compile the kernels: \(words) \(text(log))")
        }
        var size = 0
        try check(compiler.nvrtcGetCUBINSize(program, &size), "nvrtcGetCUBINSize")
        var code = [CChar](repeating: 0, count: size)
        try check(compiler.nvrtcGetCUBIN(program, &code), "nvrtcGetCUBIN")
        return code
    }

    private func function(_ name: String) throws -> CUfunction {
        if let function = functions[name] { return function }
        let driver = device.libraries.driver
        let function = try device.libraries.make("cuModuleGetFunction(\(name))") {
            driver.cuModuleGetFunction(&$0, module, name)
        }
        functions[name] = function
        return function
    }

    /// Launches a kernel on the device's stream.
    ///
    /// - Parameters:
    ///   - grid: the number of blocks along x and y.
    ///   - threads: the number of threads of a block.
    ///   - arguments: in the kernel's order and with its types: addresses, `Int32`, `Int64`, `Float`, `Double`, structs.
    func launch<each Argument>(
        _ name: String, grid: (Int, Int), threads: Int, _ arguments: repeat each Argument
    ) throws {
        let list = ArgumentList()
        repeat list.append(each arguments)
        let function = try function(name)
        let result = list.withPointers { pointers in
            device.libraries.driver.cuLaunchKernel(
                function, UInt32(grid.0), UInt32(grid.1), 1, UInt32(threads), 1, 1, 0, device.stream, pointers, nil)
        }
        try device.check(result, "the kernel \(name)")
    }

    /// Launches a kernel whose threads do not depend on each other, with a thread for each element or a few.
    func launch<each Argument>(_ name: String, elements: Int, _ arguments: repeat each Argument) throws {
        guard elements > 0 else { return }
        // Threads take further elements, so there need not be more blocks than run at the same time.
        let blocks = min((elements + 255) / 256, 8 * device.multiprocessors)
        try launch(name, grid: (blocks, 1), threads: 256, repeat each arguments)
    }
}

/// Copies of a kernel's arguments, as the driver takes them: a pointer to each.
private final class ArgumentList {
    private var bytes: [UInt8] = []
    private var offsets: [Int] = []

    func append<Argument>(_ argument: Argument) {
        // No argument needs a larger alignment.
        bytes.append(contentsOf: repeatElement(0, count: (16 - bytes.count % 16) % 16))
        offsets.append(bytes.count)
        withUnsafeBytes(of: argument) { bytes.append(contentsOf: $0) }
    }

    func withPointers<Result>(_ body: (UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Result) -> Result {
        bytes.withUnsafeMutableBytes { bytes in
            var pointers = offsets.map { bytes.baseAddress?.advanced(by: $0) }
            return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress) }
        }
    }
}

/// The text of a C string.
func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// Calls `body` with the strings as a C array.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return copies.map { UnsafePointer($0) }.withUnsafeBufferPointer(body)
}
