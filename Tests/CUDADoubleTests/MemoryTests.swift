import CCUDA
import Foundation
import Testing

extension CUDADoubleTests {
    struct MemoryTests {
        let gpu: GPU

        init() throws { gpu = try GPU() }

        @Test func newMemoryIsNotANumber() throws {
            for count in [1, 64, 65, 5000] {
                #expect(try gpu.download(gpu.allocate(bytes: 4 * count), count).allSatisfy(\.isNaN))
            }
        }

        @Test func addressesAreMultiplesOf256AndDoNotComeAgainSoon() throws {
            var addresses: Set<CUdeviceptr> = []
            for bytes in [1, 255, 257, 4096, 5000] {
                let address = try gpu.allocate(bytes: bytes)
                #expect(address % 256 == 0)
                addresses.insert(address)
                #expect(gpu.driver.cuMemFree_v2(address) == CUDA_SUCCESS)
            }
            #expect(addresses.count == 5)
        }

        @Test func theHostCannotTouchIt() async {
            await #expect(processExitsWith: .signal(SIGSEGV)) {
                let address = try GPU().allocate(bytes: 256)
                print(address.pointer?.load(as: Float.self) ?? 0)
            }
        }

        @Test func pinnedMemoryCannotBeTouchedAfterwards() async {
            await #expect(processExitsWith: .signal(SIGSEGV)) {
                let gpu = try GPU()
                let memory = try gpu.pinned([Float(1)])
                _ = gpu.driver.cuMemFreeHost(memory)
                print(memory.pointee)
            }
        }

        @Test func onlyAllocationsAreFreed() throws {
            let address = try gpu.allocate(bytes: 512)
            #expect(gpu.driver.cuMemFree_v2(address + 256) == CUDA_ERROR_INVALID_VALUE)
            #expect(gpu.driver.cuMemFree_v2(address) == CUDA_SUCCESS)
            #expect(gpu.driver.cuMemFree_v2(address) == CUDA_ERROR_INVALID_VALUE)
            #expect(gpu.driver.cuMemFree_v2(0) == CUDA_SUCCESS)
            var number = 0
            #expect(gpu.driver.cuMemFreeHost(&number) == CUDA_ERROR_INVALID_VALUE)
        }

        @Test func nothingIsNoAllocation() throws {
            var address: CUdeviceptr = 0
            var pinned: UnsafeMutableRawPointer?
            #expect(gpu.driver.cuMemAlloc_v2(&address, 0) == CUDA_ERROR_INVALID_VALUE)
            #expect(gpu.driver.cuMemHostAlloc(&pinned, 0, 0) == CUDA_ERROR_INVALID_VALUE)
            #expect(gpu.driver.cuMemHostAlloc(&pinned, 64, 4) == CUDA_ERROR_INVALID_VALUE)
        }

        @Test func theMemoryEnds() throws {
            setenv("CUDA_DOUBLE_MEMORY", "1000000", 1)
            defer { unsetenv("CUDA_DOUBLE_MEMORY") }
            let half = try gpu.allocate(bytes: 500_000)
            var (address, free, total): (CUdeviceptr, Int, Int) = (0, 0, 0)
            #expect(gpu.driver.cuMemAlloc_v2(&address, 500_001) == CUDA_ERROR_OUT_OF_MEMORY)
            #expect(gpu.driver.cuMemAlloc_v2(&address, Int.max) == CUDA_ERROR_OUT_OF_MEMORY)
            #expect(gpu.driver.cuMemGetInfo_v2(&free, &total) == CUDA_SUCCESS)
            #expect(total == 1_000_000 && free == 1_000_000 - 500_224)
            #expect(gpu.driver.cuMemFree_v2(half) == CUDA_SUCCESS)
            #expect(gpu.driver.cuMemAlloc_v2(&address, 900_000) == CUDA_SUCCESS)
        }

        @Test func copiesStayInsideAllocations() throws {
            let address = try gpu.allocate(bytes: 256), staging = try gpu.pinned([Float](repeating: 0, count: 65))
            #expect(gpu.driver.cuMemcpyHtoDAsync_v2(address, staging, 256, gpu.stream) == CUDA_SUCCESS)
            #expect(
                gpu.driver.cuMemcpyHtoDAsync_v2(address, staging, 260, gpu.stream) == CUDA_ERROR_ILLEGAL_ADDRESS)
        }

        @Test func copiesNeedPinnedMemory() throws {
            let address = try gpu.allocate(bytes: 256)
            var values = [Float](repeating: 0, count: 64)
            #expect(
                gpu.driver.cuMemcpyHtoDAsync_v2(address, values, 256, gpu.stream) == CUDA_ERROR_INVALID_VALUE)
            #expect(
                gpu.driver.cuMemcpyDtoHAsync_v2(&values, address, 256, gpu.stream) == CUDA_ERROR_INVALID_VALUE)
            let short = try gpu.pinned([Float(0)])
            #expect(gpu.driver.cuMemcpyDtoHAsync_v2(short, address, 8, gpu.stream) == CUDA_ERROR_INVALID_VALUE)
        }

        @Test func copiesOnTheDeviceDoNotOverlap() throws {
            let address = try gpu.upload(numbers(64)), other = try gpu.allocate(bytes: 256)
            #expect(
                gpu.driver.cuMemcpyDtoDAsync_v2(address + 4, address, 8, gpu.stream) == CUDA_ERROR_INVALID_VALUE)
            #expect(gpu.driver.cuMemcpyDtoDAsync_v2(other, address, 256, gpu.stream) == CUDA_SUCCESS)
            #expect(try gpu.download(other, 64) == numbers(64))
        }

        @Test func wordsAreAligned() throws {
            let address = try gpu.allocate(bytes: 256)
            #expect(gpu.driver.cuMemsetD32Async(address + 2, 0, 1, gpu.stream) == CUDA_ERROR_INVALID_VALUE)
            #expect(
                gpu.driver.cuMemsetD32Async(address + 4, Float(2).bitPattern, 2, gpu.stream) == CUDA_SUCCESS)
            let values = try gpu.download(address, 4)
            #expect(values[0].isNaN && values[1] == 2 && values[2] == 2 && values[3].isNaN)
        }
    }
}
