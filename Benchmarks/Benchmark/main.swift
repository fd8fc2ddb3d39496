import Foundation
import NeuralNetwork
import OneDNNBackend
import PyImageSearch
import Tensors

let model = MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: 10)
print(model.summary())
model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.005, momentum: 0.9))
let s = RandomStream(seed: 1, purpose: .drawing)
let x = Tensor(shape: [64, 32, 32, 3], scalars: (0..<64 * 3072).map { s.uniform($0) * 2 - 1 })
var y = Tensor(repeating: 0, shape: [64, 10])
for i in 0..<64 { y.scalars[i * 10 + i % 10] = 1 }
let b = Batch(inputs: [x], targets: [y])
for i in 0..<15 {
    let t = Date()
    let l = try model.trainOnBatch(b, epoch: 0, step: i)
    print(l, 64 / Date().timeIntervalSince(t))
}
