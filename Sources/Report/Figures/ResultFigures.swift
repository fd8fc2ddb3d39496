extension Figure {
    /// Figures of schedules, data and recorded runs.
    static let resultFigures: [Figure] = curveFigures + dataFigures + evaluationFigures
}
