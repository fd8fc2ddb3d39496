/// A part of a network that its paper draws as one box: an inception module, a residual block, an auxiliary head.
///
/// ``module(_:_:_:)`` makes one. Summaries, outlines and diagrams read the modules of a network; files do not store them.
/// Two modules of the same name are two modules.
public final class Module: Sendable {
    /// What a module is. The set is open: an extension adds kinds.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        /// The name in tables and diagrams, in small letters.
        public let name: String
        /// Whether its layers work as one: a convolution with its normalization and its activation. Summaries list
        /// the layers of a unit without a row for the unit itself; diagrams draw a unit as one box.
        public let isUnit: Bool

        /// - Parameters:
        ///   - name: the name in tables and diagrams, in small letters.
        ///   - isUnit: whether its layers work as one.
        public init(_ name: String, isUnit: Bool = false) {
            self.name = name
            self.isUnit = isUnit
        }
        /// The name.
        public var description: String { name }

        /// A convolution with its normalization and its activation.
        public static let convolution = Self("convolution", isUnit: true)
        /// A dense layer with its activation, and its normalization if it has one.
        public static let dense = Self("dense", isUnit: true)
        /// Branches of one input, concatenated; the image keeps its size (Szegedy et al., 2015).
        public static let inception = Self("inception")
        /// Branches of one input, concatenated; the image shrinks.
        public static let downsample = Self("downsample")
        /// Branches added to their own input (He et al., 2016).
        public static let residual = Self("residual")
        /// A classifier in the middle of the network, which only training needs.
        public static let auxiliaryHead = Self("auxiliary head")
    }

    /// The name in the network: `3a`.
    public let name: String
    /// What it is.
    public let kind: Kind
    /// The module that it is a part of, if there is one.
    public let parent: Module?

    /// The module whose closure is being run.
    @TaskLocal static var current: Module?

    fileprivate init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
        parent = Self.current
    }

    /// The module and those around it, the outermost first.
    public var path: [Module] { Array(sequence(first: self, next: \.parent)).reversed() }
}

extension Module: Hashable {
    /// Whether both are the same module of the same network.
    public static func == (a: Module, b: Module) -> Bool { a === b }
    /// Hashes the identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Names a part of a network. Layers that are called in the closure belong to it, and modules nest:
///
/// ```swift
/// x = module("3a", .inception) {
///     Concatenate()([conv(x, 64, (1, 1)), conv(x, 128, (3, 3))])
/// }
/// ```
///
/// The layers stay as they are; ``PlacedLayer/modules`` names the modules that a layer belongs to.
///
/// - Parameters:
///   - name: in summaries and diagrams; need not be unique.
///   - kind: what the part is.
///   - body: calls the layers.
/// - Returns: what the closure returns.
public func module<Result>(_ name: String, _ kind: Module.Kind, _ body: () throws -> Result) rethrows -> Result {
    try Module.$current.withValue(Module(name, kind), operation: body)
}
