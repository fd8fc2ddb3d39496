import CCUDA
import Testing

extension CUDADoubleTests {
    struct DeviceTests {
        let gpu: GPU

        init() throws { gpu = try GPU() }

        @Test func saysWhatItIs() throws {
            let driver = gpu.driver
            var name = [CChar](repeating: 0, count: 64)
            #expect(driver.cuDeviceGetName(&name, 64, 0) == CUDA_SUCCESS)
            #expect(String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self) == "Test double (no GPU)")
            let attributes = [
                CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR,
                CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT,
            ]
            let values = attributes.map { attribute in
                var value: Int32 = -1
                #expect(driver.cuDeviceGetAttribute(&value, CUdevice_attribute(attribute), 0) == CUDA_SUCCESS)
                return value
            }
            #expect(values == [9, 0, 4])
            var version: Int32 = 0
            #expect(driver.cuDriverGetVersion(&version) == CUDA_SUCCESS)
            #expect(version == 13000)
        }

        @Test func namesErrors() throws {
            let driver = gpu.driver
            var name: UnsafePointer<CChar>?
            #expect(driver.cuGetErrorName(700, &name) == CUDA_SUCCESS)
            #expect(name.map { String(cString: $0) } == "CUDA_ERROR_ILLEGAL_ADDRESS")
            #expect(driver.cuGetErrorString(-5, &name) == CUDA_ERROR_INVALID_VALUE)
            #expect(name == nil)
        }

        @Test func hasOneDevice() throws {
            let driver = gpu.driver
            var (device, context): (CUdevice, CUcontext?) = (0, nil)
            #expect(driver.cuDeviceGet(&device, 1) == CUDA_ERROR_INVALID_DEVICE)
            #expect(driver.cuDevicePrimaryCtxRetain(&context, 1) == CUDA_ERROR_INVALID_DEVICE)
        }

        @Test func needsAContextInEveryThread() throws {
            let driver = gpu.driver
            nonisolated(unsafe) let context = gpu.context
            let thread = OtherThread.run {
                var address: CUdeviceptr = 0
                let without = driver.cuMemAlloc_v2(&address, 256)
                _ = driver.cuCtxSetCurrent(context)
                return [without, driver.cuMemAlloc_v2(&address, 256), driver.cuMemFree_v2(address)]
            }
            #expect(thread == [Int32(CUDA_ERROR_INVALID_CONTEXT), 0, 0])
            #expect(driver.cuCtxSetCurrent(nil) == CUDA_SUCCESS)
            var free = 0, total = 0
            #expect(driver.cuMemGetInfo_v2(&free, &total) == CUDA_ERROR_INVALID_CONTEXT)
            #expect(driver.cuCtxSetCurrent(context) == CUDA_SUCCESS)
        }

        @Test func anErrorOfTheDeviceStays() throws {
            let memory = try gpu.allocate(bytes: 256)
            #expect(gpu.driver.cuMemsetD32Async(memory + 8, 0, 64, gpu.stream) == CUDA_ERROR_ILLEGAL_ADDRESS)
            #expect(gpu.driver.cuMemsetD32Async(memory, 0, 64, gpu.stream) == CUDA_ERROR_ILLEGAL_ADDRESS)
            #expect(gpu.driver.cuStreamSynchronize(gpu.stream) == CUDA_ERROR_ILLEGAL_ADDRESS)
            var handle: cudnnHandle_t?
            #expect(gpu.dnn.cudnnCreate(&handle) == CUDNN_STATUS_EXECUTION_FAILED)
        }

        @Test func countsWhatIsAlive() throws {
            let before = try gpu.functions.liveObjects()
            let memory = try gpu.allocate(bytes: 1)
            let event = try gpu.newEvent()
            #expect(try gpu.functions.liveObjects() == before + 2)
            #expect(gpu.driver.cuMemFree_v2(memory) == CUDA_SUCCESS)
            #expect(gpu.driver.cuEventDestroy_v2(event) == CUDA_SUCCESS)
            #expect(try gpu.functions.liveObjects() == before)
        }

        @Test func saysWhatItRefuses() throws {
            let lines = try gpu.functions.refusals().split(separator: "\n")
            #expect(lines.count > 40)
            #expect(Set(lines).count == lines.count)
        }

        @Test func failsBeforeItIsInitialized() async {
            await #expect(processExitsWith: .success) {
                let driver = try Functions.loaded.get().driver
                var count: Int32 = 0
                try #require(driver.cuDeviceGetCount(&count) == CUDA_ERROR_NOT_INITIALIZED)
            }
        }

        @Test func tellsLeaks() async {
            await #expect(processExitsWith: .success) {
                let gpu = try GPU()
                _ = try gpu.allocate(bytes: 1)
                _ = gpu.driver.cuDevicePrimaryCtxRelease_v2(0)
                // The allocation and the stream.
                try #require(try gpu.functions.liveObjects() == 2)
            }
        }
    }
}
