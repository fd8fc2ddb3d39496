import CCUDA
import Testing

extension CUDADoubleTests {
    struct StreamTests {
        let gpu: GPU

        init() throws { gpu = try GPU() }

        @Test func nothingRunsBeforeSomethingWaits() throws {
            let address = try gpu.upload([Float(1)]), result = try gpu.pinned([Float(7)])
            #expect(gpu.driver.cuMemcpyDtoHAsync_v2(result, address, 4, gpu.stream) == CUDA_SUCCESS)
            #expect(result.pointee == 7)
            try gpu.synchronize()
            #expect(result.pointee == 1)
        }

        @Test func aCopyReadsTheHostWhenItRuns() throws {
            let address = try gpu.allocate(bytes: 4), source = try gpu.pinned([Float(1)])
            #expect(gpu.driver.cuMemcpyHtoDAsync_v2(address, source, 4, gpu.stream) == CUDA_SUCCESS)
            source.pointee = 2
            #expect(try gpu.download(address, 1) == [2])
        }

        @Test func uploadedBytesAreCounted() throws {
            let address = try gpu.allocate(bytes: 8), source = try gpu.pinned([Float(1), 2])
            let before = try gpu.functions.uploadedBytes()
            for bytes in [8, 4] {
                #expect(gpu.driver.cuMemcpyHtoDAsync_v2(address, source, bytes, gpu.stream) == CUDA_SUCCESS)
            }
            #expect(try gpu.functions.uploadedBytes() == before + 12)
            #expect(try gpu.download(address, 2) == [1, 2])
            #expect(try gpu.functions.uploadedBytes() == before + 12)
        }

        @Test func pinnedMemoryHasToLiveUntilThen() throws {
            let address = try gpu.allocate(bytes: 4), source = try gpu.pinned([Float(1)])
            #expect(gpu.driver.cuMemcpyHtoDAsync_v2(address, source, 4, gpu.stream) == CUDA_SUCCESS)
            #expect(gpu.driver.cuMemFreeHost(source) == CUDA_SUCCESS)
            #expect(gpu.driver.cuStreamSynchronize(gpu.stream) == CUDA_ERROR_ILLEGAL_ADDRESS)
        }

        @Test func freeingWaitsForItsOwnWorkOnly() throws {
            let one = try gpu.upload([Float(1)]), two = try gpu.upload([Float(2)])
            let results = try gpu.pinned([Float(0), 0]), other = try gpu.newStream()
            #expect(gpu.driver.cuMemcpyDtoHAsync_v2(results, one, 4, gpu.stream) == CUDA_SUCCESS)
            #expect(gpu.driver.cuMemcpyDtoHAsync_v2(results + 1, two, 4, other) == CUDA_SUCCESS)
            #expect(gpu.driver.cuMemFree_v2(one) == CUDA_SUCCESS)
            #expect(results[0] == 1 && results[1] == 0)
            #expect(gpu.driver.cuStreamDestroy_v2(other) == CUDA_SUCCESS)
            #expect(results[1] == 2)
        }

        @Test func anEventIsAPlaceInItsStream() throws {
            let event = try gpu.newEvent()
            let address = try gpu.upload([Float(1), 2]), results = try gpu.pinned([Float(0), 0])
            #expect(gpu.driver.cuEventSynchronize(event) == CUDA_SUCCESS)
            #expect(gpu.driver.cuMemcpyDtoHAsync_v2(results, address, 4, gpu.stream) == CUDA_SUCCESS)
            #expect(gpu.driver.cuEventRecord(event, gpu.stream) == CUDA_SUCCESS)
            #expect(gpu.driver.cuMemcpyDtoHAsync_v2(results + 1, address + 4, 4, gpu.stream) == CUDA_SUCCESS)
            #expect(gpu.driver.cuEventSynchronize(event) == CUDA_SUCCESS)
            #expect(results[0] == 1 && results[1] == 0)
        }

        @Test func aStreamWaitsForTheLatestRecord() throws {
            let event = try gpu.newEvent(), other = try gpu.newStream()
            let address = try gpu.allocate(bytes: 4), result = try gpu.pinned([Float(0)])
            #expect(gpu.driver.cuStreamWaitEvent(other, event, 0) == CUDA_SUCCESS)
            #expect(gpu.driver.cuEventRecord(event, gpu.stream) == CUDA_SUCCESS)
            #expect(
                gpu.driver.cuMemsetD32Async(address, Float(3).bitPattern, 1, gpu.stream) == CUDA_SUCCESS)
            #expect(gpu.driver.cuEventRecord(event, gpu.stream) == CUDA_SUCCESS)
            #expect(gpu.driver.cuStreamWaitEvent(other, event, 0) == CUDA_SUCCESS)
            #expect(gpu.driver.cuMemcpyDtoHAsync_v2(result, address, 4, other) == CUDA_SUCCESS)
            #expect(gpu.driver.cuStreamSynchronize(other) == CUDA_SUCCESS)
            #expect(result.pointee == 3)
        }

        @Test func streamsThatShareMemoryWaitForEachOther() throws {
            let other = try gpu.newStream()
            let address = try gpu.allocate(bytes: 4), result = try gpu.pinned([Float(0)])
            #expect(gpu.driver.cuMemsetD32Async(address, 0, 1, gpu.stream) == CUDA_SUCCESS)
            #expect(gpu.driver.cuMemcpyDtoHAsync_v2(result, address, 4, other) == CUDA_ERROR_LAUNCH_FAILED)
        }

        @Test func streamsThatOnlyReadNeedNotWait() throws {
            let other = try gpu.newStream()
            let address = try gpu.upload([Float(5)]), results = try gpu.pinned([Float(0), 0])
            #expect(gpu.driver.cuMemcpyDtoHAsync_v2(results, address, 4, gpu.stream) == CUDA_SUCCESS)
            #expect(gpu.driver.cuMemcpyDtoHAsync_v2(results + 1, address, 4, other) == CUDA_SUCCESS)
        }

        @Test func waitingOnTheHostIsEnough() throws {
            let other = try gpu.newStream()
            let address = try gpu.allocate(bytes: 4)
            #expect(gpu.driver.cuMemsetD32Async(address, 0, 1, gpu.stream) == CUDA_SUCCESS)
            try gpu.synchronize()
            #expect(gpu.driver.cuMemsetD32Async(address, 1, 1, other) == CUDA_SUCCESS)
        }

        @Test func handlesAreChecked() throws {
            let driver = gpu.driver, stream = try gpu.newStream(), event = try gpu.newEvent()
            let address = try gpu.allocate(bytes: 4)
            #expect(driver.cuMemsetD32Async(address, 0, 1, nil) == CUDA_ERROR_INVALID_HANDLE)
            #expect(driver.cuStreamSynchronize(nil) == CUDA_ERROR_INVALID_HANDLE)
            #expect(driver.cuStreamDestroy_v2(stream) == CUDA_SUCCESS)
            #expect(driver.cuStreamDestroy_v2(stream) == CUDA_ERROR_INVALID_HANDLE)
            #expect(driver.cuMemsetD32Async(address, 0, 1, stream) == CUDA_ERROR_INVALID_HANDLE)
            #expect(driver.cuStreamSynchronize(stream) == CUDA_ERROR_INVALID_HANDLE)
            // An event is not a stream.
            #expect(driver.cuStreamSynchronize(event) == CUDA_ERROR_INVALID_HANDLE)
            #expect(driver.cuEventDestroy_v2(event) == CUDA_SUCCESS)
            #expect(driver.cuEventRecord(event, gpu.stream) == CUDA_ERROR_INVALID_HANDLE)
            #expect(driver.cuEventSynchronize(event) == CUDA_ERROR_INVALID_HANDLE)
            #expect(driver.cuStreamWaitEvent(gpu.stream, event, 0) == CUDA_ERROR_INVALID_HANDLE)
        }

        @Test func flagsAreThoseOfTheBackend() throws {
            var (stream, event): (CUstream?, CUevent?)
            #expect(gpu.driver.cuStreamCreate(&stream, 0) == CUDA_ERROR_INVALID_VALUE)
            #expect(gpu.driver.cuEventCreate(&event, 4) == CUDA_ERROR_INVALID_VALUE)
            #expect(gpu.driver.cuInit(1) == CUDA_ERROR_INVALID_VALUE)
        }
    }
}
