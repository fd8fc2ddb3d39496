import NeuralNetwork
import PyImageSearch

/// Advice that names a flag. The rooms below know no flags.
enum Advice {
    /// - Returns: the text after the error's own; `nil` for most errors.
    static func about(_ error: any Error) -> String? {
        switch error {
        case HDF5DatasetError.exists: "delete it, or allow it with --overwrite"
        case HDF5DatasetError.incomplete: "build again with --overwrite"
        case let error as DatasetError: error.remedy.map(words)
        case let error as DivergenceError where error.hidesLayer: "--detect-anomalies names the layer"
        case let error as EpochError: "continue with --start-epoch \(error.trained)"
        default: nil
        }
    }

    private static func words(_ remedy: DatasetError.Remedy) -> String {
        switch remedy {
        case .anotherFolder: "name the folder with --data"
        case .anotherFolderOrShapes: "or name the folder with --data; --dataset shapes10 needs no files"
        case .anotherDataset:
            "name it with --dataset; without that flag shapes are drawn, which need no files"
        case .classes(let most): "--classes must be from 1 to \(most)"
        case .sortedFolders: "or pass --sorted-labels if they count the sorted folders of train from 1"
        }
    }
}
