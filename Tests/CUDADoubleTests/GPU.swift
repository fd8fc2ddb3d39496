import CCUDA
import CGPUKernels
import Foundation
import ProgramSupport
import Testing

/// All tests of the double. They share its one device, so they run one after the other.
@Suite(.serialized) struct CUDADoubleTests {}

/// The double's functions, from a copy of the shared object beside the tests: a device of its own. What these tests break
/// on purpose, other tests compute with at the same time.
struct Functions {
    let driver: CUDADriver
    let compiler: CUDACompiler
    let blas: CUDABLAS
    let dnn: CUDADNN
    let library: UnsafeMutableRawPointer

    struct Missing: Error { let what: String }

    nonisolated(unsafe) static let loaded = Result { try Functions() }

    private init() throws {
        let path = NSTemporaryDirectory() + UUID().uuidString + ".so"
        try FileManager.default.copyItem(atPath: "\(Command.folder)/libCUDADouble.so", toPath: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else { throw Missing(what: path) }
        var (driver, compiler, blas, dnn) = (CUDADriver(), CUDACompiler(), CUDABLAS(), CUDADNN())
        let missing =
            ccuda_find_driver(library, &driver) ?? ccuda_find_compiler(library, &compiler)
            ?? ccuda_find_blas(library, &blas) ?? ccuda_find_dnn(library, &dnn)
        if let missing { throw Missing(what: String(cString: missing)) }
        (self.driver, self.compiler, self.blas, self.dnn, self.library) = (driver, compiler, blas, dnn, library)
    }

    private func find<Function>(_ name: String, as type: Function.Type) throws -> Function {
        guard let function = dlsym(library, name) else { throw Missing(what: name) }
        return unsafeBitCast(function, to: type)
    }

    func liveObjects() throws -> Int {
        Int(try find("cuda_double_live_objects", as: (@convention(c) () -> Int32).self)())
    }

    func launches() throws -> UInt64 {
        try find("cuda_double_launches", as: (@convention(c) () -> UInt64).self)()
    }

    func uploadedBytes() throws -> UInt64 {
        try find("cuda_double_uploaded_bytes", as: (@convention(c) () -> UInt64).self)()
    }

    func refusals() throws -> String {
        String(cString: try find("cuda_double_refusals", as: (@convention(c) () -> UnsafePointer<CChar>).self)())
    }
}

/// The device with a context, a stream and handles of its own. The context and its failures end with it.
final class GPU {
    let functions: Functions
    var driver: CUDADriver { functions.driver }
    var dnn: CUDADNN { functions.dnn }
    var blas: CUDABLAS { functions.blas }
    let context: CUcontext?
    let stream: CUstream?

    init() throws {
        functions = try Functions.loaded.get()
        let driver = functions.driver
        var (context, stream): (CUcontext?, CUstream?)
        try #require(driver.cuInit(0) == CUDA_SUCCESS)
        try #require(driver.cuDevicePrimaryCtxRetain(&context, 0) == CUDA_SUCCESS)
        try #require(driver.cuCtxSetCurrent(context) == CUDA_SUCCESS)
        try #require(driver.cuStreamCreate(&stream, UInt32(CU_STREAM_NON_BLOCKING)) == CUDA_SUCCESS)
        (self.context, self.stream) = (context, stream)
    }

    /// What is left to be destroyed at the end. What a test has destroyed itself is refused without harm.
    private var rest: [() -> Void] = []

    func atEnd(_ body: @escaping () -> Void) { rest.append(body) }

    deinit {
        // This may be another thread than the test's.
        _ = driver.cuCtxSetCurrent(context)
        _ = driver.cuStreamDestroy_v2(stream)
        for body in rest.reversed() { body() }
        _ = driver.cuDevicePrimaryCtxRelease_v2(0)
    }

    func newStream() throws -> CUstream? {
        var stream: CUstream?
        try #require(driver.cuStreamCreate(&stream, UInt32(CU_STREAM_NON_BLOCKING)) == CUDA_SUCCESS)
        atEnd { [driver] in _ = driver.cuStreamDestroy_v2(stream) }
        return stream
    }

    func newEvent() throws -> CUevent? {
        var event: CUevent?
        try #require(driver.cuEventCreate(&event, UInt32(CU_EVENT_DISABLE_TIMING)) == CUDA_SUCCESS)
        atEnd { [driver] in _ = driver.cuEventDestroy_v2(event) }
        return event
    }

    func synchronize() throws { try #require(driver.cuStreamSynchronize(stream) == CUDA_SUCCESS) }

    // MARK: - Captures

    func beginCapture() throws {
        let mode = CUstreamCaptureMode(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL)
        try #require(driver.cuStreamBeginCapture_v2(stream, mode) == CUDA_SUCCESS)
    }

    func endCapture() throws -> CUgraphExec? {
        var (graph, exec): (CUgraph?, CUgraphExec?)
        try #require(driver.cuStreamEndCapture(stream, &graph) == CUDA_SUCCESS)
        try #require(driver.cuGraphInstantiateWithFlags(&exec, graph, 0) == CUDA_SUCCESS)
        try #require(driver.cuGraphDestroy(graph) == CUDA_SUCCESS)
        atEnd { [driver] in _ = driver.cuGraphExecDestroy(exec) }
        return exec
    }

    // MARK: - Memory

    func allocate(bytes: Int) throws -> CUdeviceptr {
        var address: CUdeviceptr = 0
        try #require(driver.cuMemAlloc_v2(&address, bytes) == CUDA_SUCCESS)
        atEnd { [driver, address] in _ = driver.cuMemFree_v2(address) }
        return address
    }

    func pinned<Element>(_ values: [Element]) throws -> UnsafeMutablePointer<Element> {
        var memory: UnsafeMutableRawPointer?
        try #require(driver.cuMemHostAlloc(&memory, values.count * MemoryLayout<Element>.size, 0) == CUDA_SUCCESS)
        let start = try #require(memory).assumingMemoryBound(to: Element.self)
        start.initialize(from: values, count: values.count)
        atEnd { [driver] in _ = driver.cuMemFreeHost(memory) }
        return start
    }

    /// Values on the device.
    func upload<Element>(_ values: [Element]) throws -> CUdeviceptr {
        let bytes = values.count * MemoryLayout<Element>.size
        let address = try allocate(bytes: bytes)
        let staging = try pinned(values)
        try #require(driver.cuMemcpyHtoDAsync_v2(address, staging, bytes, stream) == CUDA_SUCCESS)
        try synchronize()
        try #require(driver.cuMemFreeHost(staging) == CUDA_SUCCESS)
        return address
    }

    /// What is on the device once the stream has done its work.
    func download<Element>(_ address: CUdeviceptr, _ count: Int, as zero: Element = Float(0)) throws -> [Element] {
        let bytes = count * MemoryLayout<Element>.size
        let staging = try pinned([Element](repeating: zero, count: count))
        defer { _ = driver.cuMemFreeHost(staging) }
        try #require(driver.cuMemcpyDtoHAsync_v2(staging, address, bytes, stream) == CUDA_SUCCESS)
        try synchronize()
        return Array(UnsafeBufferPointer(start: staging, count: count))
    }

    // MARK: - Kernels

    func compile(_ source: String, _ options: [String]) throws -> (result: nvrtcResult, code: [CChar], log: String) {
        let compiler = functions.compiler
        var program: nvrtcProgram?
        try #require(compiler.nvrtcCreateProgram(&program, source, nil, 0, nil, nil) == NVRTC_SUCCESS)
        defer { _ = compiler.nvrtcDestroyProgram(&program) }
        let copies = options.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        let result = compiler.nvrtcCompileProgram(program, Int32(options.count), copies.map { UnsafePointer($0) })
        var size = 0
        try #require(compiler.nvrtcGetProgramLogSize(program, &size) == NVRTC_SUCCESS)
        var log = [CChar](repeating: 0, count: size)
        try #require(compiler.nvrtcGetProgramLog(program, &log) == NVRTC_SUCCESS)
        size = 0
        _ = compiler.nvrtcGetCUBINSize(program, &size)
        var code = [CChar](repeating: 0, count: size)
        if size > 0 { try #require(compiler.nvrtcGetCUBIN(program, &code) == NVRTC_SUCCESS) }
        return (result, code, String(decoding: log.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    func load(_ element: String = "float") throws -> CUmodule? {
        let options = ["--gpu-architecture=sm_90", "--std=c++17", "-DELEMENT=\(element)"]
        let code = try compile(String(cString: gpu_kernels_source()), options).code
        var module: CUmodule?
        try #require(driver.cuModuleLoadData(&module, code) == CUDA_SUCCESS)
        atEnd { [driver] in _ = driver.cuModuleUnload(module) }
        return module
    }

    func function(_ name: String, _ module: CUmodule?) throws -> CUfunction? {
        var function: CUfunction?
        try #require(driver.cuModuleGetFunction(&function, module, name) == CUDA_SUCCESS)
        return function
    }

    /// Launches the kernel that fills floats with a number.
    func fill(
        _ function: CUfunction?, _ address: CUdeviceptr, with value: Float, count: Int32, on other: CUstream? = nil,
        grid: UInt32 = 1, block: UInt32 = 256, sharedBytes: UInt32 = 0
    ) -> CUresult {
        var (address, value, count) = (address, value, count)
        return withUnsafeMutablePointer(to: &address) { address in
            withUnsafeMutablePointer(to: &value) { value in
                withUnsafeMutablePointer(to: &count) { count in
                    var arguments: [UnsafeMutableRawPointer?] = [.init(address), .init(value), .init(count)]
                    return driver.cuLaunchKernel(
                        function, grid, 1, 1, block, 1, 1, sharedBytes, other ?? stream, &arguments, nil)
                }
            }
        }
    }
}

extension CUdeviceptr {
    var pointer: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: UInt(self)) }
}

/// A thread without a context.
enum OtherThread {
    /// The results of calls in a thread of their own.
    static func run(_ body: @escaping @Sendable () -> [Int32]) -> [Int32] {
        nonisolated(unsafe) var results: [Int32] = []
        let thread = Thread { results = body() }
        thread.start()
        while !thread.isFinished { usleep(1000) }
        return results
    }
}

// MARK: - Numbers

/// The upper half of a float, rounded to the nearest and to the even one of two.
func bfloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
}

func float(_ value: UInt16) -> Float { Float(bitPattern: UInt32(value) << 16) }

/// A float of which ten bits of the fraction are left.
func tf32(_ value: Float) -> Float {
    let bits = value.bitPattern
    return Float(bitPattern: ((bits + 0xFFF + (bits >> 13 & 1)) >> 13) << 13)
}

/// Numbers of both signs that bfloat16 can not hold.
func numbers(_ count: Int, _ seed: Int = 1) -> [Float] {
    (0..<count).map { Float(($0 * 7919 + seed * 104_729) % 2003) / 1001 - 1 }
}

func isClose(_ a: [Float], _ b: [Float], within tolerance: Float = 1e-4) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
}
