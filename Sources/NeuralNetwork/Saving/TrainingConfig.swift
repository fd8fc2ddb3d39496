import Tensors

/// What a model was compiled with, as Keras's `training_config`.
extension Compilation {
    func config(outputs: Int) -> JSON {
        var optimizer = self.optimizer.config
        let type = type(of: self.optimizer)
        optimizer["name"] = .string(type.className)
        optimizer["learning_rate"] = .number(self.optimizer.learningRate)
        // Keras 3 warns of a decay, even of none.
        if optimizer["decay"] == 0 { optimizer["decay"] = nil }
        let losses = self.losses.map(\.kerasConfig)
        return [
            "loss": outputs == 1 ? losses[0] : .array(losses),
            "loss_weights": outputs == 1 && lossWeights == [1] ? nil : .array(lossWeights.map { .number($0) }),
            "metrics": outputs == 1 ? ["accuracy"] : .array(losses.map { _ in ["accuracy"] }),
            "weighted_metrics": nil,
            "optimizer_config": ["class_name": .string(type.className), "config": .object(optimizer)],
        ]
    }

    /// - Returns: `nil` where the file's losses or optimizer are not ours: such a model predicts, and can be compiled
    ///   anew, but does not go on training as it was.
    init?(config json: JSON, outputNames: [String]) {
        guard let optimizer = json["optimizer_config"].flatMap(Self.optimizer) else { return nil }
        func perOutput(_ json: JSON?) -> [JSON]? {
            switch json {
            case .array(let entries) where entries.count == outputNames.count: entries
            case .object(let members) where members["class_name"] == nil:
                outputNames.allSatisfy { members[$0] != nil } ? outputNames.compactMap { members[$0] } : nil
            case .some(let single) where !single.isNull: outputNames.map { _ in single }
            default: nil
            }
        }
        let losses = (perOutput(json["loss"]) ?? []).compactMap { entry in
            Loss(kerasConfig: entry)
        }
        guard losses.count == outputNames.count else { return nil }
        let weights = perOutput(json["loss_weights"])?.compactMap(\.number) ?? []
        self.init(
            losses: losses,
            lossWeights: weights.count == losses.count ? weights : [Double](repeating: 1, count: losses.count),
            optimizer: optimizer)
    }

    private static func optimizer(_ json: JSON) -> (any Optimizer)? {
        let config = json["config"]
        // Keras keeps its settings as 32-bit floats; the number that was meant is the shortest that rounds to it.
        func number(_ key: String, _ fallback: Double) -> Double {
            guard let value = config?[key]?.number else { return fallback }
            let single = Float(value)
            return Double(single) == value ? Double(single.description) ?? value : value
        }
        let learningRate = number("learning_rate", number("lr", 0.01))
        let decay = number("decay", 0)
        switch json["class_name"]?.string?.lowercased() {
        case "sgd":
            return SGD(
                learningRate: learningRate, momentum: number("momentum", 0),
                nesterov: config?["nesterov"]?.bool ?? false, decay: decay)
        case "adagrad":
            return Adagrad(
                learningRate: learningRate, initialAccumulatorValue: number("initial_accumulator_value", 0.1),
                epsilon: number("epsilon", 1e-7), decay: decay)
        case "adadelta":
            return Adadelta(
                learningRate: learningRate, rho: number("rho", 0.95), epsilon: number("epsilon", 1e-7), decay: decay)
        case "rmsprop" where number("momentum", 0) == 0 && config?["centered"]?.bool != true:
            return RMSprop(
                learningRate: learningRate, rho: number("rho", 0.9), epsilon: number("epsilon", 1e-7), decay: decay)
        case "adam" where config?["amsgrad"]?.bool != true:
            return Adam(
                learningRate: learningRate, beta1: number("beta_1", 0.9), beta2: number("beta_2", 0.999),
                epsilon: number("epsilon", 1e-7), decay: decay)
        case "nadam":
            return Nadam(
                learningRate: learningRate, beta1: number("beta_1", 0.9), beta2: number("beta_2", 0.999),
                epsilon: number("epsilon", 1e-7))
        default: return nil
        }
    }
}

extension Loss {
    /// Keras's name, or where there is more to say its class and configuration.
    var kerasConfig: JSON {
        guard labelSmoothing > 0 else { return .string(kind.rawValue) }
        return [
            "class_name": "CategoricalCrossentropy",
            "config": ["name": .string(kind.rawValue), "label_smoothing": .number(labelSmoothing)],
        ]
    }

    /// From Keras's name in a model file, or from class and configuration.
    init?(kerasConfig json: JSON) {
        let smoothing = json["config"]?["label_smoothing"]?.number ?? 0
        switch json.string ?? json["config"]?.string ?? json["class_name"]?.string {
        case "categorical_crossentropy", "CategoricalCrossentropy":
            guard (0...1).contains(smoothing) else { return nil }
            self = .categoricalCrossentropy(labelSmoothing: smoothing)
        case "binary_crossentropy", "BinaryCrossentropy":
            guard smoothing == 0 else { return nil }
            self = .binaryCrossentropy
        case "mse", "mean_squared_error", "MeanSquaredError": self = .meanSquaredError
        default: return nil
        }
    }
}
