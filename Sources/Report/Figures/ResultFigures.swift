extension Figure {
    /// What schedules, data and recorded runs look like.
    static let resultFigures: [Figure] = curveFigures + dataFigures + evaluationFigures
}
