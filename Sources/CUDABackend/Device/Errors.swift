import CCUDA
import ComputeGraph

extension Libraries {
    /// - Throws: ``BackendError`` with the driver's own words, if a call of the driver failed.
    func check(_ result: CUresult, _ call: String) throws {
        guard result != CUDA_SUCCESS.result else { return }
        var text: UnsafePointer<CChar>?
        _ = driver.cuGetErrorString(result, &text)
        let words = text.map { String(cString: $0) } ?? "error \(result)"
        throw BackendError("the GPU failed in \(call): \(words)")
    }

    func checkDNN(_ status: cudnnStatus_t, _ call: String) throws {
        guard status != CUDNN_STATUS_SUCCESS.result else { return }
        let words = dnn.cudnnGetErrorString(status).map { String(cString: $0) } ?? "status \(status)"
        throw BackendError("cuDNN failed in \(call): \(words)")
    }

    func checkBLAS(_ status: cublasStatus_t, _ call: String) throws {
        guard status != CUBLAS_STATUS_SUCCESS.result else { return }
        throw BackendError("cuBLAS failed in \(call): status \(status)")
    }

    /// The object that a call of the driver makes.
    func make<Object>(_ call: String, _ body: (inout Object?) -> CUresult) throws -> Object {
        var object: Object?
        try check(body(&object), call)
        guard let object else { throw BackendError("\(call) made nothing") }
        return object
    }

    /// The object that a call of cuDNN makes.
    func makeDNN<Object>(_ call: String, _ body: (inout Object?) -> cudnnStatus_t) throws -> Object {
        var object: Object?
        try checkDNN(body(&object), call)
        guard let object else { throw BackendError("\(call) made nothing") }
        return object
    }
}
