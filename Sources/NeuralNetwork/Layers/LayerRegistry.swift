/// The layers that model files may name.
enum LayerRegistry {
    private static let layers: [any Layer.Type] = [
        InputLayer.self, Conv2D.self, DepthwiseConv2D.self, SeparableConv2D.self, BatchNormalization.self,
        Normalization.self, Rescaling.self, LocalResponseNormalization.self, Activation.self, ReLU.self, LeakyReLU.self,
        PReLU.self, ELU.self, Softmax.self, MaxPooling2D.self, AveragePooling2D.self, GlobalAveragePooling2D.self,
        GlobalMaxPooling2D.self, Concatenate.self, Add.self, Average.self, Subtract.self, Multiply.self, Maximum.self,
        Minimum.self, CustomScaleLayer.self, ZeroPadding2D.self, Cropping2D.self, UpSampling2D.self, Dropout.self,
        Flatten.self, Reshape.self, Dense.self,
    ]

    /// Whether the layer is a model that was called as a layer.
    static func isModel(_ config: LayerConfig) -> Bool {
        ["Functional", "Model", "Sequential"].contains(config.className)
    }

    /// A layer of a file.
    ///
    /// - Throws: ``LayerError`` for a class or a setting that is not known here: nothing in a file is ever executed, and
    ///   nothing is passed over in silence.
    static func layer(_ config: LayerConfig) throws -> any Layer {
        let layer = try read(config)
        // A model's settings are its layers. Of a Lambda, what is recognized says everything.
        if !isModel(config), config.className != "Lambda" { try config.requireEverythingRead() }
        return layer
    }

    /// A layer, whatever else the configuration says.
    ///
    /// - Throws: ``LayerError`` for a class that is not known here.
    static func read(_ config: LayerConfig) throws -> any Layer {
        if config.className == "Lambda" {
            if let scale = ScaledResidual.scale(ofLambda: config) {
                return CustomScaleLayer(scale: scale, name: config.name)
            }
            throw LayerError(
                "layer \"\(config.name ?? "")\" is a Lambda, a program in the file; nothing in a file is ever executed. "
                    + "Build the network with a layer in its place, and load the weights into it")
        }
        if isModel(config) { return try NestedModel(config: config) }
        // Keras 2 writes a class that is registered with its package.
        let className = config.className == "Custom>CustomScaleLayer" ? CustomScaleLayer.className : config.className
        guard let type = layers.first(where: { $0.className == className }) else {
            throw LayerError(
                "layer \"\(config.name ?? "")\" is a \(config.className), which is not among the layers known here: "
                    + layers.map { $0.className }.joined(separator: ", "))
        }
        return try type.init(config: config)
    }
}
