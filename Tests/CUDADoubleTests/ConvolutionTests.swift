import CCUDA
import Testing

/// A convolution of NHWC, and what it computes by plain loops.
struct Shape: Sendable, CustomTestStringConvertible {
    var n = 2, c = 4, h = 5, w = 6
    var k = 6, kh = 3, kw = 2
    var padH = 1, padW = 0
    var strideH = 1, strideW = 1
    var dilationH = 1, dilationW = 1
    var groups = 1

    var oh: Int { (h + 2 * padH - dilationH * (kh - 1) - 1) / strideH + 1 }
    var ow: Int { (w + 2 * padW - dilationW * (kw - 1) - 1) / strideW + 1 }
    var xCount: Int { n * h * w * c }
    var wCount: Int { k * kh * kw * c / groups }
    var yCount: Int { n * oh * ow * k }
    var testDescription: String { "\(n)x\(h)x\(w)x\(c), \(groups) groups, stride \(strideH)x\(strideW)" }

    /// Calls `body` with the places in x, w and y of every product.
    func forEachProduct(_ body: (Int, Int, Int) -> Void) {
        let (inputs, outputs) = (c / groups, k / groups)
        for image in 0..<n {
            for row in 0..<oh {
                for column in 0..<ow {
                    for filter in 0..<k {
                        for i in 0..<kh {
                            for j in 0..<kw {
                                let y = row * strideH - padH + i * dilationH
                                let x = column * strideW - padW + j * dilationW
                                guard (0..<h).contains(y), (0..<w).contains(x) else { continue }
                                for channel in 0..<inputs {
                                    body(
                                        ((image * h + y) * w + x) * c + filter / outputs * inputs + channel,
                                        ((filter * kh + i) * kw + j) * inputs + channel,
                                        ((image * oh + row) * ow + column) * k + filter)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    func forward(_ x: [Float], _ w: [Float]) -> [Float] {
        var y = [Float](repeating: 0, count: yCount)
        forEachProduct { y[$2] += x[$0] * w[$1] }
        return y
    }

    func backwardData(_ w: [Float], _ dy: [Float]) -> [Float] {
        var dx = [Float](repeating: 0, count: xCount)
        forEachProduct { dx[$0] += w[$1] * dy[$2] }
        return dx
    }

    func backwardFilter(_ x: [Float], _ dy: [Float]) -> [Float] {
        var dw = [Float](repeating: 0, count: wCount)
        forEachProduct { dw[$1] += x[$0] * dy[$2] }
        return dw
    }
}

extension CUDADoubleTests {
    struct ConvolutionTests {
        let gpu: GPU

        init() throws { gpu = try GPU() }

        static let shapes = [
            Shape(), Shape(groups: 2), Shape(padW: 2, strideH: 2, strideW: 3), Shape(dilationH: 2, dilationW: 2),
            Shape(kh: 1, kw: 1, padH: 0), Shape(c: 3, k: 3, strideW: 2, groups: 3),
        ]

        @Test(arguments: shapes)
        func forwardIsTheConvolution(shape: Shape) throws {
            let it = try Convolution(gpu, shape), y = try gpu.allocate(bytes: 4 * shape.yCount)
            let (x, w) = (numbers(shape.xCount), numbers(shape.wCount, 2))
            #expect(it.forward(try gpu.upload(x), try gpu.upload(w), y) == CUDNN_STATUS_SUCCESS)
            #expect(isClose(try gpu.download(y, shape.yCount), shape.forward(x, w)))
        }

        @Test(arguments: shapes)
        func backwardDataIsItsGradient(shape: Shape) throws {
            let it = try Convolution(gpu, shape), dx = try gpu.allocate(bytes: 4 * shape.xCount)
            let (w, dy) = (numbers(shape.wCount, 2), numbers(shape.yCount, 3))
            #expect(it.backwardData(try gpu.upload(w), try gpu.upload(dy), dx) == CUDNN_STATUS_SUCCESS)
            #expect(isClose(try gpu.download(dx, shape.xCount), shape.backwardData(w, dy)))
        }

        @Test(arguments: shapes)
        func backwardFilterIsItsGradient(shape: Shape) throws {
            let it = try Convolution(gpu, shape), dw = try gpu.allocate(bytes: 4 * shape.wCount)
            let (x, dy) = (numbers(shape.xCount), numbers(shape.yCount, 3))
            #expect(it.backwardFilter(try gpu.upload(x), try gpu.upload(dy), dw) == CUDNN_STATUS_SUCCESS)
            #expect(isClose(try gpu.download(dw, shape.wCount), shape.backwardFilter(x, dy)))
        }

        @Test func alphaAndBetaBlend() throws {
            let shape = Shape(), it = try Convolution(gpu, shape)
            let (x, w, old) = (numbers(shape.xCount), numbers(shape.wCount, 2), numbers(shape.yCount, 3))
            let y = try gpu.upload(old)
            #expect(
                it.forward(try gpu.upload(x), try gpu.upload(w), y, alpha: 0.5, beta: -2) == CUDNN_STATUS_SUCCESS)
            let expected = zip(shape.forward(x, w), old).map { 0.5 * $0 - 2 * $1 }
            #expect(isClose(try gpu.download(y, shape.yCount), expected))
        }

        @Test func bfloat16IsRoundedOnce() throws {
            let shape = Shape(), it = try Convolution(gpu, shape, bfloat16: true, math: CUDNN_TENSOR_OP_MATH)
            let (x, w) = (numbers(shape.xCount).map(bfloat16), numbers(shape.wCount, 2).map(bfloat16))
            let y = try gpu.allocate(bytes: 2 * shape.yCount)
            #expect(it.forward(try gpu.upload(x), try gpu.upload(w), y) == CUDNN_STATUS_SUCCESS)
            let exact = shape.forward(x.map(float), w.map(float))
            let result = try gpu.download(y, shape.yCount, as: UInt16(0)).map(float)
            #expect(zip(result, exact).allSatisfy { abs($0 - $1) <= max(abs($1), 1e-3) / 250 })
        }

        @Test(arguments: [CUDNN_FMA_MATH, CUDNN_DEFAULT_MATH, CUDNN_TENSOR_OP_MATH])
        func tensorCoresRoundToTF32(math: Int) throws {
            let shape = Shape(n: 1, c: 1, h: 2, w: 1, k: 1, kh: 2, kw: 1, padH: 0)
            let it = try Convolution(gpu, shape, math: math), y = try gpu.allocate(bytes: 4)
            let x = try gpu.upload([Float(1.234567), 0]), w = try gpu.upload([Float(1), 1])
            #expect(it.forward(x, w, y) == CUDNN_STATUS_SUCCESS)
            #expect(try gpu.download(y, 1) == [math == CUDNN_FMA_MATH ? 1.234567 : tf32(1.234567)])
        }

        @Test func sumsInAnyOrderDiffer() throws {
            let shape = Shape(), it = try Convolution(gpu, shape)
            let (x, w) = (try gpu.upload(numbers(shape.xCount)), try gpu.upload(numbers(shape.wCount, 2)))
            func result(_ algorithm: Int32) throws -> [Float] {
                let y = try gpu.allocate(bytes: 4 * shape.yCount)
                #expect(it.forward(x, w, y, algorithm: algorithm, workspaceBytes: 1 << 20) == CUDNN_STATUS_SUCCESS)
                return try gpu.download(y, shape.yCount)
            }
            #expect(try result(1) == result(1))
            let (one, other) = (try result(5), try result(5))
            #expect(one != other && isClose(one, other))
        }

        @Test func aCaptureTakesConvolutions() throws {
            let shape = Shape(), it = try Convolution(gpu, shape), y = try gpu.allocate(bytes: 4 * shape.yCount)
            let (x, w) = (numbers(shape.xCount), numbers(shape.wCount, 2))
            let (input, filter) = (try gpu.upload(x), try gpu.upload(w))
            it.reserve(1 << 20)
            try gpu.beginCapture()
            #expect(it.forward(input, filter, y) == CUDNN_STATUS_SUCCESS)
            let exec = try gpu.endCapture()
            #expect(try gpu.download(y, shape.yCount).allSatisfy(\.isNaN))
            #expect(gpu.driver.cuGraphLaunch(exec, gpu.stream) == CUDA_SUCCESS)
            #expect(isClose(try gpu.download(y, shape.yCount), shape.forward(x, w)))
        }
    }
}
