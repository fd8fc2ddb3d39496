import CCUDA
import ComputeGraph
import Foundation
import System

/// A GPU with its libraries: one context, one stream, one handle of each library, and the compiled kernels.
///
/// All plans of a process use the same stream, so what they do happens in the order of their calls. A lock keeps calls of
/// several threads apart. Only images that are brought ahead of time travel on another stream.
final class Device: @unchecked Sendable {
    let libraries: Libraries
    let name: String
    /// `major * 10 + minor`: 90 for an H100.
    let computeCapability: Int
    let multiprocessors: Int
    /// The driver's CUDA version, times 1000.
    let driverVersion: Int
    let stream: CUstream
    /// Carries images that are needed later.
    let copies: CUstream
    let dnn: cudnnHandle_t
    let blas: cublasHandle_t

    private let context: CUcontext
    private let lock = NSRecursiveLock()
    private var warnings: Set<String> = []
    private var modules: [Precision: KernelModule] = [:]
    private var blasWorkspace: CUdeviceptr = 0

    private static let opening = NSLock()
    nonisolated(unsafe) private static var opened: Device?

    /// The first GPU, which a process opens once.
    ///
    /// `CUDA_VISIBLE_DEVICES` chooses among several.
    /// - Throws: ``BackendError`` if a library is missing, or if there is no GPU.
    static func first() throws -> Device {
        opening.lock()
        defer { opening.unlock() }
        if let opened { return opened }
        let device = try Device(ordinal: 0)
        opened = device
        return device
    }

    private init(ordinal: Int32) throws {
        let libraries = try Libraries()
        self.libraries = libraries
        let driver = libraries.driver
        let result = driver.cuInit(0)
        guard result != CUDA_ERROR_NO_DEVICE.result else { throw BackendError("NVIDIA's driver finds no GPU") }
        try libraries.check(result, "cuInit")
        var count: Int32 = 0
        try libraries.check(driver.cuDeviceGetCount(&count), "cuDeviceGetCount")
        guard ordinal < count else { throw BackendError("NVIDIA's driver finds no GPU") }
        var device: CUdevice = 0
        try libraries.check(driver.cuDeviceGet(&device, ordinal), "cuDeviceGet")

        var name = [CChar](repeating: 0, count: 256)
        try libraries.check(driver.cuDeviceGetName(&name, Int32(name.count), device), "cuDeviceGetName")
        self.name = text(name)
        func attribute(_ attribute: Int) throws -> Int {
            var value: Int32 = 0
            try libraries.check(
                driver.cuDeviceGetAttribute(&value, CUdevice_attribute(attribute), device), "cuDeviceGetAttribute")
            return Int(value)
        }
        computeCapability =
            try attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) * 10
            + attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)
        multiprocessors = try attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)
        guard computeCapability >= 80 else {
            throw BackendError(
                "\(self.name) has compute capability \(computeCapability / 10).\(computeCapability % 10), and 8.0 or "
                    + "later is needed")
        }
        var version: Int32 = 0
        try libraries.check(driver.cuDriverGetVersion(&version), "cuDriverGetVersion")
        driverVersion = Int(version)

        // The primary context is the one that cuBLAS and cuDNN use.
        context = try libraries.make("cuDevicePrimaryCtxRetain") { driver.cuDevicePrimaryCtxRetain(&$0, device) }
        try libraries.check(driver.cuCtxSetCurrent(context), "cuCtxSetCurrent")
        func newStream() throws -> CUstream {
            try libraries.make("cuStreamCreate") { driver.cuStreamCreate(&$0, UInt32(CU_STREAM_NON_BLOCKING)) }
        }
        let stream = try newStream()
        self.stream = stream
        copies = try newStream()
        let (dnnFunctions, blasFunctions) = (libraries.dnn, libraries.blas)
        let dnn = try libraries.makeDNN("cudnnCreate") { dnnFunctions.cudnnCreate(&$0) }
        self.dnn = dnn
        try libraries.checkDNN(dnnFunctions.cudnnSetStream(dnn, stream), "cudnnSetStream")
        var blas: cublasHandle_t?
        try libraries.checkBLAS(blasFunctions.cublasCreate_v2(&blas), "cublasCreate")
        guard let blas else { throw BackendError("cublasCreate made nothing") }
        self.blas = blas
        try libraries.checkBLAS(blasFunctions.cublasSetStream_v2(blas, stream), "cublasSetStream")
        // With memory of its own, cuBLAS allocates none while a graph is captured, and sums in the same order every time.
        let workspaceBytes = 32 << 20
        try libraries.check(driver.cuMemAlloc_v2(&blasWorkspace, workspaceBytes), "cuMemAlloc")
        try libraries.checkBLAS(
            blasFunctions.cublasSetWorkspace_v2(
                blas, UnsafeMutableRawPointer(bitPattern: UInt(blasWorkspace)), workspaceBytes),
            "cublasSetWorkspace")
        // Otherwise parts of a sum may be rounded to the type of the result, bfloat16, before they are added.
        try libraries.checkBLAS(
            blasFunctions.cublasSetMathMode(
                blas, cublasMath_t(CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION)),
            "cublasSetMathMode")
    }

    /// What computes, for records: `cuDNN 9.28.1, cuBLAS 13.1.0, NVRTC 13.0, driver 580.159.04, NVIDIA H100 80GB HBM3`.
    var version: String {
        var product: Int32 = 0, major: Int32 = 0, minor: Int32 = 0
        _ = libraries.blas.cublasGetVersion_v2(blas, &product)
        _ = libraries.compiler.nvrtcVersion(&major, &minor)
        let dnn = libraries.dnn.cudnnGetVersion()
        let driver = Self.driver ?? "for CUDA \(driverVersion / 1000).\(driverVersion % 1000 / 10)"
        return
            "cuDNN \(Self.dotted(dnn)), cuBLAS \(Self.dotted(Int(product))), NVRTC \(major).\(minor), driver \(driver), \(name)"
    }

    /// The version of a library that counts them like 91002: 9.10.2.
    private static func dotted(_ version: Int) -> String {
        "\(version / 10000).\(version / 100 % 100).\(version % 100)"
    }

    /// The version of NVIDIA's kernel module, if it tells it.
    private static var driver: Substring? {
        let text = try? String(contentsOfFile: "/proc/driver/nvidia/version", encoding: .utf8)
        return text?.split(whereSeparator: \.isWhitespace).first { $0.wholeMatch(of: /\d+\.\d+(\.\d+)?/) != nil }
    }

    /// Runs `body` with the GPU for the calling thread alone.
    func exclusively<Result>(_ body: () throws -> Result) throws -> Result {
        lock.lock()
        defer { lock.unlock() }
        try check(libraries.driver.cuCtxSetCurrent(context), "cuCtxSetCurrent")
        return try body()
    }

    /// Runs `body` in a call that cannot throw. A GPU that fails there has lost the weights, so the program ends.
    func exclusivelyOrStop<Result>(_ body: () throws -> Result) -> Result {
        do { return try exclusively(body) } catch { stop("\(error)") }
    }

    /// Kernels count elements in 31 bits.
    ///
    /// - Throws: ``BackendError`` for more.
    static func requireIndexable(_ count: Int, _ what: String) throws {
        guard count < 1 << 31 else { throw BackendError("\(what) has \(count) elements, too many for a GPU's kernel") }
    }

    /// Warns the user, unless the same warning has been given before.
    func warnOnce(_ warning: String) {
        lock.lock()
        defer { lock.unlock() }
        if warnings.insert(warning).inserted { warn(warning) }
    }

    func check(_ result: CUresult, _ call: String) throws { try libraries.check(result, call) }

    /// Waits until the GPU has done everything.
    func synchronize() throws { try check(libraries.driver.cuStreamSynchronize(stream), "cuStreamSynchronize") }

    /// The free and the whole memory of the GPU, in bytes.
    func memory() throws -> (free: Int, total: Int) {
        try exclusively {
            var free = 0, total = 0
            try check(libraries.driver.cuMemGetInfo_v2(&free, &total), "cuMemGetInfo")
            return (free, total)
        }
    }

    /// The kernels for outputs of this precision, compiled at their first use.
    func kernels(_ precision: Precision) throws -> KernelModule {
        try exclusively {
            let key = precision == .tf32 ? .float32 : precision
            if let module = modules[key] { return module }
            let module = try KernelModule(self, precision: key)
            modules[key] = module
            return module
        }
    }
}
