import CCUDA
import Testing

extension CUDADoubleTests {
    struct CaptureTests {
        let gpu: GPU

        init() throws { gpu = try GPU() }

        /// Ends a capture that has failed.
        func isInvalid(_ gpu: GPU) -> Bool {
            var graph: CUgraph?
            return gpu.driver.cuStreamEndCapture(gpu.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED
                && graph == nil
        }

        @Test func aCaptureRunsWhenItsGraphDoes() throws {
            let address = try gpu.allocate(bytes: 8), source = try gpu.pinned([Float(1)])
            try gpu.beginCapture()
            #expect(gpu.driver.cuMemcpyHtoDAsync_v2(address, source, 4, gpu.stream) == CUDA_SUCCESS)
            #expect(gpu.driver.cuMemcpyDtoDAsync_v2(address + 4, address, 4, gpu.stream) == CUDA_SUCCESS)
            let exec = try gpu.endCapture()
            #expect(try gpu.download(address, 2).allSatisfy(\.isNaN))
            for value in [Float(2), 3] {
                source.pointee = value
                #expect(gpu.driver.cuGraphLaunch(exec, gpu.stream) == CUDA_SUCCESS)
                #expect(try gpu.download(address, 2) == [value, value])
            }
            #expect(gpu.driver.cuGraphExecDestroy(exec) == CUDA_SUCCESS)
            #expect(gpu.driver.cuGraphLaunch(exec, gpu.stream) == CUDA_ERROR_INVALID_VALUE)
            #expect(gpu.driver.cuGraphExecDestroy(exec) == CUDA_ERROR_INVALID_VALUE)
        }

        @Test func theArgumentsAreThoseOfTheCapture() throws {
            let fill = try gpu.function("fill", gpu.load())
            let address = try gpu.allocate(bytes: 4)
            try gpu.beginCapture()
            #expect(gpu.fill(fill, address, with: 4, count: 1) == CUDA_SUCCESS)
            let exec = try gpu.endCapture()
            #expect(gpu.driver.cuGraphLaunch(exec, gpu.stream) == CUDA_SUCCESS)
            #expect(try gpu.download(address, 1) == [4])
        }

        @Test func aGraphCannotOutliveItsMemory() throws {
            let address = try gpu.allocate(bytes: 4)
            try gpu.beginCapture()
            #expect(gpu.driver.cuMemsetD32Async(address, 0, 1, gpu.stream) == CUDA_SUCCESS)
            let exec = try gpu.endCapture()
            #expect(gpu.driver.cuMemFree_v2(address) == CUDA_SUCCESS)
            #expect(gpu.driver.cuGraphLaunch(exec, gpu.stream) == CUDA_ERROR_ILLEGAL_ADDRESS)
        }

        @Test func waitingInvalidatesACapture() throws {
            try gpu.beginCapture()
            #expect(gpu.driver.cuStreamSynchronize(gpu.stream) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED)
            let address: CUdeviceptr = 0
            #expect(gpu.driver.cuMemsetD32Async(address, 0, 0, gpu.stream) == CUDA_SUCCESS)
            #expect(isInvalid(gpu))
        }

        @Test func allocatingFreeingAndLoadingInvalidateACapture() throws {
            let driver = gpu.driver
            let memory = try gpu.allocate(bytes: 4), host = try gpu.pinned([Float(0)])
            let calls: [() -> Int32] = [
                {
                    var address: CUdeviceptr = 0; return driver.cuMemAlloc_v2(&address, 4)
                },
                { driver.cuMemFree_v2(memory) },
                {
                    var address: UnsafeMutableRawPointer?; return driver.cuMemHostAlloc(&address, 4, 0)
                },
                { driver.cuMemFreeHost(host) },
                {
                    var module: CUmodule?; return driver.cuModuleLoadData(&module, host)
                },
            ]
            for call in calls {
                try gpu.beginCapture()
                #expect(call() == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED)
                #expect(
                    driver.cuMemsetD32Async(memory, 0, 1, gpu.stream) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED)
                #expect(isInvalid(gpu))
            }
            try gpu.beginCapture()
            var handle: cublasHandle_t?
            #expect(gpu.blas.cublasCreate_v2(&handle) == CUBLAS_STATUS_EXECUTION_FAILED)
            #expect(isInvalid(gpu))
        }

        @Test func anotherThreadMayAllocate() throws {
            try gpu.beginCapture()
            let driver = gpu.driver
            nonisolated(unsafe) let context = gpu.context
            let results = OtherThread.run {
                var address: CUdeviceptr = 0
                _ = driver.cuCtxSetCurrent(context)
                return [driver.cuMemAlloc_v2(&address, 4), driver.cuMemFree_v2(address)]
            }
            #expect(results == [0, 0])
            _ = try gpu.endCapture()
        }

        @Test func aForkedStreamJoinsAgain() throws {
            let driver = gpu.driver
            let other = try gpu.newStream(), fork = try gpu.newEvent(), join = try gpu.newEvent()
            let address = try gpu.allocate(bytes: 12)
            try gpu.beginCapture()
            #expect(driver.cuMemsetD32Async(address, Float(1).bitPattern, 1, gpu.stream) == CUDA_SUCCESS)
            #expect(driver.cuEventRecord(fork, gpu.stream) == CUDA_SUCCESS)
            #expect(driver.cuStreamWaitEvent(other, fork, 0) == CUDA_SUCCESS)
            #expect(driver.cuMemcpyDtoDAsync_v2(address + 4, address, 4, other) == CUDA_SUCCESS)
            #expect(driver.cuEventRecord(join, other) == CUDA_SUCCESS)
            #expect(driver.cuStreamWaitEvent(gpu.stream, join, 0) == CUDA_SUCCESS)
            #expect(driver.cuMemcpyDtoDAsync_v2(address + 8, address + 4, 4, gpu.stream) == CUDA_SUCCESS)
            let exec = try gpu.endCapture()
            #expect(driver.cuGraphLaunch(exec, gpu.stream) == CUDA_SUCCESS)
            #expect(try gpu.download(address, 3) == [1, 1, 1])
            // The other stream is an ordinary one again.
            #expect(driver.cuStreamSynchronize(other) == CUDA_SUCCESS)
        }

        @Test func branchesOfAGraphRunTheLatestFirst() throws {
            let driver = gpu.driver
            let other = try gpu.newStream(), fork = try gpu.newEvent(), join = try gpu.newEvent()
            let address = try gpu.allocate(bytes: 8)
            try gpu.beginCapture()
            #expect(driver.cuEventRecord(fork, gpu.stream) == CUDA_SUCCESS)
            #expect(driver.cuStreamWaitEvent(other, fork, 0) == CUDA_SUCCESS)
            #expect(driver.cuMemsetD32Async(address, 0, 1, gpu.stream) == CUDA_SUCCESS)
            // This should have waited.
            #expect(driver.cuMemcpyDtoDAsync_v2(address + 4, address, 4, other) == CUDA_SUCCESS)
            #expect(driver.cuEventRecord(join, other) == CUDA_SUCCESS)
            #expect(driver.cuStreamWaitEvent(gpu.stream, join, 0) == CUDA_SUCCESS)
            let exec = try gpu.endCapture()
            #expect(driver.cuGraphLaunch(exec, gpu.stream) == CUDA_SUCCESS)
            let values = try gpu.download(address, 2)
            #expect(values[0] == 0 && values[1].isNaN)
        }

        @Test func aForkThatDoesNotJoinIsAnError() throws {
            let driver = gpu.driver
            let other = try gpu.newStream(), fork = try gpu.newEvent(), address = try gpu.allocate(bytes: 4)
            try gpu.beginCapture()
            #expect(driver.cuEventRecord(fork, gpu.stream) == CUDA_SUCCESS)
            #expect(driver.cuStreamWaitEvent(other, fork, 0) == CUDA_SUCCESS)
            #expect(driver.cuMemsetD32Async(address, 0, 1, other) == CUDA_SUCCESS)
            var graph: CUgraph?
            #expect(driver.cuStreamEndCapture(other, &graph) == 902)
            #expect(driver.cuStreamEndCapture(gpu.stream, &graph) == 904)
        }

        @Test func aCaptureDoesNotWaitForWorkOutside() throws {
            let driver = gpu.driver, other = try gpu.newStream(), event = try gpu.newEvent()
            #expect(driver.cuEventRecord(event, other) == CUDA_SUCCESS)
            try gpu.beginCapture()
            #expect(driver.cuStreamWaitEvent(gpu.stream, event, 0) == 905)
            #expect(isInvalid(gpu))
            try gpu.beginCapture()
            #expect(driver.cuEventRecord(event, gpu.stream) == CUDA_SUCCESS)
            #expect(driver.cuEventSynchronize(event) == 907)
            #expect(isInvalid(gpu))
        }

        @Test func capturesBeginAndEndOnce() throws {
            let driver = gpu.driver
            var graph: CUgraph?
            #expect(driver.cuStreamEndCapture(gpu.stream, &graph) == 902)
            #expect(driver.cuStreamBeginCapture_v2(gpu.stream, 0) == CUDA_ERROR_INVALID_VALUE)
            try gpu.beginCapture()
            let mode = CUstreamCaptureMode(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL)
            #expect(driver.cuStreamBeginCapture_v2(gpu.stream, mode) == CUDA_ERROR_INVALID_VALUE)
            nonisolated(unsafe) let (stream, context) = (gpu.stream, gpu.context)
            let results = OtherThread.run {
                var graph: CUgraph?
                _ = driver.cuCtxSetCurrent(context)
                return [driver.cuStreamEndCapture(stream, &graph)]
            }
            #expect(results == [908])
            _ = try gpu.endCapture()
        }

        @Test func aGraphIsNotLaunchedIntoACapture() throws {
            try gpu.beginCapture()
            let exec = try gpu.endCapture()
            try gpu.beginCapture()
            #expect(gpu.driver.cuGraphLaunch(exec, gpu.stream) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED)
            #expect(isInvalid(gpu))
        }
    }
}
