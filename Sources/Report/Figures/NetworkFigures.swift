extension Figure {
    /// The networks, drawn from their own graphs.
    static let networkFigures: [Figure] =
        moduleFigures + deeperGoogLeNetFigures + resNetFigures + inceptionFigures
}
