import CCUDA
import Testing

extension CUDADoubleTests {
    final class ConvolutionRefusalTests {
        let gpu: GPU
        let shape = Shape()
        let it: Convolution
        let x, w, y: CUdeviceptr
        var dnn: CUDADNN { gpu.dnn }

        init() throws {
            gpu = try GPU()
            it = try Convolution(gpu, shape)
            x = try gpu.allocate(bytes: 4 * shape.xCount)
            w = try gpu.allocate(bytes: 4 * shape.wCount)
            y = try gpu.allocate(bytes: 4 * shape.yCount)
        }

        let (float, nhwc) = (cudnnDataType_t(CUDNN_DATA_FLOAT), cudnnTensorFormat_t(CUDNN_TENSOR_NHWC))

        @Test func theFirstChoiceIsNotTheRightOne() throws {
            for choices in [it.choices(), it.dataChoices(), it.filterChoices()] {
                #expect(choices[0].status == CUDNN_STATUS_NOT_SUPPORTED)
                #expect(choices[1].status == CUDNN_STATUS_SUCCESS)
                #expect(choices[1].determinism == CUDNN_NON_DETERMINISTIC)
                #expect(choices.contains { $0.determinism == CUDNN_DETERMINISTIC && $0.memory > 0 })
                #expect(choices.contains { $0.determinism == CUDNN_DETERMINISTIC && $0.memory == 0 })
            }
            let unsupported = Int32(it.choices()[0].algo)
            #expect(it.forward(x, w, y, algorithm: unsupported) == CUDNN_STATUS_NOT_SUPPORTED)
            #expect(it.forward(x, w, y, algorithm: 77) == CUDNN_STATUS_NOT_SUPPORTED)
        }

        @Test func aChoiceHasAMathTypeOfItsOwn() throws {
            let small = try Convolution(gpu, Shape(kh: 1, kw: 1, padH: 0), math: CUDNN_TENSOR_OP_MATH)
            let choice = try #require(small.choices().first { $0.algo == 1 })
            var bytes = 0
            let query = try #require(dnn.cudnnGetConvolutionForwardWorkspaceSize)
            func workspace(_ bytes: inout Int) -> cudnnStatus_t {
                query(small.handle, small.x, small.w, small.settings, small.y, 1, &bytes)
            }
            #expect(workspace(&bytes) == CUDNN_STATUS_SUCCESS)
            #expect(choice.mathType == CUDNN_FMA_MATH && choice.memory < bytes)
            #expect(dnn.cudnnSetConvolutionMathType(small.settings, choice.mathType) == CUDNN_STATUS_SUCCESS)
            #expect(workspace(&bytes) == CUDNN_STATUS_SUCCESS)
            #expect(choice.memory == bytes)
        }

        @Test func workspacesAreLargeEnough() throws {
            let needed = try #require(it.choices().first { $0.algo == 1 }).memory
            #expect(it.forward(x, w, y, algorithm: 1, workspaceBytes: 0) == CUDNN_STATUS_BAD_PARAM)
            #expect(it.forward(x, w, y, algorithm: 1, workspaceBytes: needed - 1) == CUDNN_STATUS_BAD_PARAM)
            #expect(it.forward(x, w, y, algorithm: 1, workspaceBytes: needed) == CUDNN_STATUS_SUCCESS)
            let query = try #require(dnn.cudnnGetConvolutionBackwardDataWorkspaceSize)
            var bytes = 0
            #expect(query(it.handle, it.w, it.y, it.settings, it.x, 1, &bytes) == CUDNN_STATUS_SUCCESS)
            #expect(bytes > 0)
            #expect(query(it.handle, it.w, it.y, it.settings, it.x, 4, &bytes) == CUDNN_STATUS_NOT_SUPPORTED)
            let other = try #require(dnn.cudnnGetConvolutionBackwardFilterWorkspaceSize)
            #expect(other(it.handle, it.x, it.y, it.settings, it.w, 0, &bytes) == CUDNN_STATUS_SUCCESS)
            #expect(bytes == 0)
        }

        @Test func theWorkspaceIsWrittenOver() throws {
            it.reserve(1024)
            #expect(gpu.driver.cuMemsetD32Async(it.workspace, 0, 256, gpu.stream) == CUDA_SUCCESS)
            #expect(it.forward(x, w, y, algorithm: 0, workspaceBytes: 1024) == CUDNN_STATUS_SUCCESS)
            #expect(try gpu.download(it.workspace, 256).allSatisfy(\.isNaN))
        }

        @Test func aWorkspaceServesOneStreamAtATime() throws {
            let other = try gpu.newStream(), another = try gpu.allocate(bytes: 4 * shape.yCount)
            #expect(it.forward(x, w, y, workspaceBytes: 1 << 16) == CUDNN_STATUS_SUCCESS)
            #expect(dnn.cudnnSetStream(it.handle, other) == CUDNN_STATUS_SUCCESS)
            #expect(it.forward(x, w, another, workspaceBytes: 1 << 16) == CUDNN_STATUS_EXECUTION_FAILED)
        }

        @Test func tensorsLieApartAndAligned() throws {
            #expect(it.forward(x, x, y) == CUDNN_STATUS_SUCCESS)
            let large = try gpu.allocate(bytes: 4 * (shape.xCount + shape.yCount))
            #expect(it.forward(large, w, large) == CUDNN_STATUS_BAD_PARAM)
            #expect(it.forward(large + 4, w, y) == CUDNN_STATUS_NOT_SUPPORTED)
            #expect(it.forward(0, w, y) == CUDNN_STATUS_BAD_PARAM)
        }

        @Test func tensorsLieInMemory() throws {
            #expect(it.forward(x + 16, w, y) == CUDNN_STATUS_BAD_PARAM)
            #expect(gpu.driver.cuStreamSynchronize(gpu.stream) == CUDA_ERROR_ILLEGAL_ADDRESS)
        }

        @Test func shapesFit() throws {
            let wrong: [(inout Shape) -> Void] = [{ $0.h += 1 }, { $0.c += 1 }, { $0.n += 1 }, { $0.w -= 1 }]
            for change in wrong {
                var other = shape
                change(&other)
                let sizes = [other.n, other.c, other.h, other.w].map(Int32.init)
                #expect(
                    dnn.cudnnSetTensor4dDescriptor(it.x, nhwc, float, sizes[0], sizes[1], sizes[2], sizes[3])
                        == CUDNN_STATUS_SUCCESS)
                #expect(it.forward(x, w, y, algorithm: 0) == CUDNN_STATUS_BAD_PARAM)
            }
        }

        @Test func groupsDivideTheChannels() throws {
            for count in [2, 3] {
                #expect(dnn.cudnnSetConvolutionGroupCount(it.settings, Int32(count)) == CUDNN_STATUS_SUCCESS)
                #expect(it.forward(x, w, y, algorithm: 0) == CUDNN_STATUS_BAD_PARAM)
            }
            #expect(dnn.cudnnSetConvolutionGroupCount(it.settings, 0) == CUDNN_STATUS_BAD_PARAM)
        }

        @Test func typesAreTheSame() throws {
            let bfloat16 = cudnnDataType_t(CUDNN_DATA_BFLOAT16)
            #expect(dnn.cudnnSetFilter4dDescriptor(it.w, bfloat16, nhwc, 6, 4, 3, 2) == CUDNN_STATUS_SUCCESS)
            #expect(it.forward(x, w, y, algorithm: 0) == CUDNN_STATUS_BAD_PARAM)
            let exact = try Convolution(gpu, shape, bfloat16: true, math: CUDNN_FMA_MATH)
            #expect(exact.forward(x, w, y, algorithm: 0) == CUDNN_STATUS_NOT_SUPPORTED)
        }

        @Test func descriptorsAreChecked() throws {
            #expect(dnn.cudnnSetTensor4dDescriptor(it.x, nhwc, float, 1, 0, 1, 1) == CUDNN_STATUS_BAD_PARAM)
            #expect(dnn.cudnnSetTensor4dDescriptor(it.x, 0, float, 1, 1, 1, 1) == CUDNN_STATUS_NOT_SUPPORTED)
            #expect(dnn.cudnnSetTensor4dDescriptor(it.x, nhwc, 1, 1, 1, 1, 1) == CUDNN_STATUS_NOT_SUPPORTED)
            #expect(dnn.cudnnSetFilter4dDescriptor(it.w, float, nhwc, 1, 1, -1, 1) == CUDNN_STATUS_BAD_PARAM)
            let set = try #require(dnn.cudnnSetConvolution2dDescriptor)
            #expect(set(it.settings, -1, 0, 1, 1, 1, 1, 1, float) == CUDNN_STATUS_BAD_PARAM)
            #expect(set(it.settings, 0, 0, 0, 1, 1, 1, 1, float) == CUDNN_STATUS_BAD_PARAM)
            #expect(set(it.settings, 0, 0, 1, 1, 1, 0, 1, float) == CUDNN_STATUS_BAD_PARAM)
            #expect(set(it.settings, 0, 0, 1, 1, 1, 1, 0, float) == CUDNN_STATUS_NOT_SUPPORTED)
            #expect(dnn.cudnnSetConvolutionMathType(it.settings, 9) == CUDNN_STATUS_BAD_PARAM)
        }

        @Test func descriptorsAreSetBeforeTheyAreUsed() throws {
            var empty: cudnnTensorDescriptor_t?
            var bytes = 0
            let query = try #require(dnn.cudnnGetConvolutionForwardWorkspaceSize)
            #expect(dnn.cudnnCreateTensorDescriptor(&empty) == CUDNN_STATUS_SUCCESS)
            #expect(query(it.handle, empty, it.w, it.settings, it.y, 0, &bytes) == CUDNN_STATUS_BAD_PARAM)
            #expect(dnn.cudnnDestroyTensorDescriptor(empty) == CUDNN_STATUS_SUCCESS)
            #expect(dnn.cudnnDestroyTensorDescriptor(empty) == CUDNN_STATUS_BAD_PARAM)
            #expect(dnn.cudnnSetTensor4dDescriptor(empty, nhwc, float, 1, 1, 1, 1) == CUDNN_STATUS_BAD_PARAM)
            #expect(query(it.handle, empty, it.w, it.settings, it.y, 0, &bytes) == CUDNN_STATUS_BAD_PARAM)
            // A filter is not a tensor.
            #expect(
                query(it.handle, it.w, it.w, it.settings, it.y, 0, &bytes) == CUDNN_STATUS_BAD_PARAM)
        }

        @Test func handlesHaveAStream() throws {
            var (other, bytes): (cudnnHandle_t?, Int) = (nil, 0)
            let query = try #require(dnn.cudnnGetConvolutionForwardWorkspaceSize)
            #expect(dnn.cudnnCreate(&other) == CUDNN_STATUS_SUCCESS)
            #expect(query(other, it.x, it.w, it.settings, it.y, 0, &bytes) == CUDNN_STATUS_BAD_PARAM)
            #expect(dnn.cudnnSetStream(other, nil) == CUDNN_STATUS_BAD_PARAM)
            #expect(dnn.cudnnDestroy(other) == CUDNN_STATUS_SUCCESS)
            #expect(dnn.cudnnDestroy(other) == CUDNN_STATUS_BAD_PARAM)
            #expect(dnn.cudnnSetStream(other, gpu.stream) == CUDNN_STATUS_BAD_PARAM)
        }

        @Test func aWholeRunLeavesNothingBehind() throws {
            let before = try gpu.functions.liveObjects()
            do {
                let other = try Convolution(gpu, shape)
                #expect(other.forward(x, w, y) == CUDNN_STATUS_SUCCESS)
                try gpu.synchronize()
            }
            #expect(try gpu.functions.liveObjects() == before)
        }
    }
}
