import Imaging
import System

/// Images in files, with their classes. They are decoded when they are needed, a few at a time.
public struct DecodedImages: Sequence {
    /// Files and their classes.
    private let samples: [(path: String, label: Int)]
    private let jobs: Int
    private let leaveOut: ((any Error) -> Void)?

    /// - Parameters:
    ///   - samples: files and their classes.
    ///   - jobs: number of images that are decoded at a time, each on its own thread.
    ///   - leaveOut: receives the error of an image that cannot be decoded; the image is then left out. Without it, the
    ///     error takes the place of the image.
    public init(
        _ samples: some Sequence<(path: String, label: Int)>, jobs: Int,
        leavingOut leaveOut: ((any Error) -> Void)? = nil
    ) {
        self.samples = Array(samples)
        self.jobs = Swift.max(jobs, 1)
        self.leaveOut = leaveOut
    }

    /// The images in the order of the files, or errors in their place.
    public func makeIterator() -> some IteratorProtocol<Result<(image: Image, label: Int), any Error>> {
        stride(from: 0, to: samples.count, by: jobs).lazy.flatMap { start in
            let part = samples[start..<Swift.min(start + jobs, samples.count)]
            let decoded = part.concurrentMap(jobs: jobs) { (image: try Image(contentsOf: $0.path), label: $0.label) }
            return decoded.filter { image in
                guard let leaveOut, case .failure(let error) = image else { return true }
                leaveOut(error)
                return false
            }
        }.makeIterator()
    }
}
