import CCUDA
import CGPUKernels
import Testing

extension CUDADoubleTests {
    struct ModuleTests {
        let gpu: GPU

        init() throws { gpu = try GPU() }

        static let options = ["--gpu-architecture=sm_90", "-DELEMENT=float"]
        let source = String(cString: gpu_kernels_source())

        @Test(arguments: ["float", "bfloat16"])
        func kernelsRun(element: String) throws {
            let before = try gpu.functions.launches()
            let fill = try gpu.function("fill", gpu.load(element)), address = try gpu.allocate(bytes: 40)
            #expect(gpu.fill(fill, address, with: 1.5, count: 10) == CUDA_SUCCESS)
            #expect(try gpu.functions.launches() == before)
            if element == "float" {
                #expect(try gpu.download(address, 10) == [Float](repeating: 1.5, count: 10))
            } else {
                #expect(try gpu.download(address, 10, as: UInt16(0)).map(float) == [Float](repeating: 1.5, count: 10))
            }
            #expect(try gpu.functions.launches() == before + 1)
        }

        @Test func onlyTheDoublesTextIsCompiled() throws {
            #expect(try gpu.compile(source, Self.options).result == NVRTC_SUCCESS)
            let other = try gpu.compile(source + " ", Self.options)
            #expect(other.result == NVRTC_ERROR_COMPILATION)
            #expect(other.log.contains("Build the double again"))
            #expect(other.code.isEmpty)
        }

        @Test func optionsAreChecked() throws {
            let architectures = ["sm_9x", "sm_", "90", "sm_70"].map { "--gpu-architecture=\($0)" }
            for option in architectures + ["-O3", "-arch"] {
                let result = try gpu.compile(source, Self.options + [option])
                #expect(result.result == NVRTC_ERROR_INVALID_OPTION)
                #expect(result.log.contains(option))
            }
            let all = ["--std=c++17", "-default-device", "--fmad=false"]
            #expect(try gpu.compile(source, Self.options + all).result == NVRTC_SUCCESS)
            for options in [["--gpu-architecture=sm_90"], ["-DELEMENT=float"], Self.options + ["-DELEMENT=half"]] {
                #expect(try gpu.compile(source, options).result == NVRTC_ERROR_COMPILATION)
            }
        }

        @Test func aVirtualArchitectureHasNoCode() throws {
            let result = try gpu.compile(source, ["--gpu-architecture=compute_90", "-DELEMENT=float"])
            #expect(result.result == NVRTC_SUCCESS)
            #expect(result.code.isEmpty)
        }

        @Test func programsAreChecked() throws {
            let compiler = gpu.functions.compiler
            var (program, size): (nvrtcProgram?, Int) = (nil, 0)
            #expect(compiler.nvrtcCreateProgram(&program, nil, nil, 0, nil, nil) == NVRTC_ERROR_INVALID_INPUT)
            #expect(compiler.nvrtcCreateProgram(&program, source, nil, 0, nil, nil) == NVRTC_SUCCESS)
            let copy = program
            #expect(compiler.nvrtcGetCUBINSize(program, &size) == NVRTC_ERROR_INVALID_PROGRAM)
            #expect(compiler.nvrtcDestroyProgram(&program) == NVRTC_SUCCESS)
            #expect(program == nil)
            #expect(compiler.nvrtcCompileProgram(copy, 0, nil) == NVRTC_ERROR_INVALID_PROGRAM)
            #expect(compiler.nvrtcDestroyProgram(&program) == NVRTC_ERROR_INVALID_PROGRAM)
        }

        @Test func onlyFittingCodeIsLoaded() throws {
            var code = try gpu.compile(source, Self.options).code
            var module: CUmodule?
            code[code.count - 1] ^= 1
            #expect(gpu.driver.cuModuleLoadData(&module, code) == CUDA_ERROR_INVALID_IMAGE)
            code[0] ^= 1
            #expect(gpu.driver.cuModuleLoadData(&module, code) == CUDA_ERROR_INVALID_IMAGE)
            let older = try gpu.compile(source, ["--gpu-architecture=sm_80", "-DELEMENT=float"]).code
            #expect(gpu.driver.cuModuleLoadData(&module, older) == 209)
        }

        @Test func modulesHaveTheirKernels() throws {
            let module = try gpu.load(), fill = try gpu.function("fill", module), address = try gpu.allocate(bytes: 4)
            var function: CUfunction?
            #expect(gpu.driver.cuModuleGetFunction(&function, module, "fil") == CUDA_ERROR_NOT_FOUND)
            #expect(gpu.driver.cuModuleUnload(module) == CUDA_SUCCESS)
            #expect(gpu.driver.cuModuleUnload(module) == CUDA_ERROR_INVALID_HANDLE)
            #expect(gpu.driver.cuModuleGetFunction(&function, module, "fill") == CUDA_ERROR_INVALID_HANDLE)
            #expect(gpu.fill(fill, address, with: 0, count: 1) == CUDA_ERROR_INVALID_HANDLE)
        }

        @Test func launchesAreOfAllowedSizes() throws {
            let module = try gpu.load(), fill = try gpu.function("fill", module), address = try gpu.allocate(bytes: 4)
            let sizes = [(0, 256, 0), (1, 0, 0), (1, 1025, 0), (1 << 31, 1, 0), (1, 1, 49153), (1, 512, 0)]
            for (grid, block, shared) in sizes {
                let result = gpu.fill(
                    fill, address, with: 0, count: 1, grid: UInt32(grid), block: UInt32(block),
                    sharedBytes: UInt32(shared))
                #expect(result == CUDA_ERROR_INVALID_VALUE)
            }
            // A kernel for blocks of 128 threads.
            let softmax = try gpu.function("softmax", module)
            #expect(gpu.fill(softmax, address, with: 0, count: 1, block: 256) == CUDA_ERROR_INVALID_VALUE)
            let result = gpu.driver.cuLaunchKernel(fill, 1, 65536, 1, 1, 1, 1, 0, gpu.stream, nil, nil)
            #expect(result == CUDA_ERROR_INVALID_VALUE)
        }

        @Test func kernelsGetAddressesOfTheDevice() throws {
            let fill = try gpu.function("fill", gpu.load()), memory = try gpu.pinned([Float(0)])
            #expect(
                gpu.fill(fill, CUdeviceptr(UInt(bitPattern: memory)), with: 0, count: 1) == CUDA_ERROR_ILLEGAL_ADDRESS)
        }

        @Test func addressesAreAligned() throws {
            let fill = try gpu.function("fill", gpu.load()), address = try gpu.allocate(bytes: 64)
            #expect(gpu.fill(fill, address + 2, with: 0, count: 1) == 716)
        }

        @Test(arguments: [Int32(2), 100_000])
        func aKernelThatLeavesItsMemoryIsAnError(count: Int32) throws {
            let fill = try gpu.function("fill", gpu.load()), address = try gpu.allocate(bytes: 4)
            #expect(gpu.fill(fill, address, with: 0, count: count) == CUDA_SUCCESS)
            #expect(gpu.driver.cuStreamSynchronize(gpu.stream) == CUDA_ERROR_ILLEGAL_ADDRESS)
        }

        @Test func kernelsTakePartInRaces() throws {
            let fill = try gpu.function("fill", gpu.load()), address = try gpu.allocate(bytes: 4)
            let other = try gpu.newStream()
            #expect(gpu.fill(fill, address, with: 0, count: 1) == CUDA_SUCCESS)
            #expect(gpu.fill(fill, address, with: 1, count: 1, on: other) == CUDA_ERROR_LAUNCH_FAILED)
        }
    }
}
