import Foundation
import Synchronization

extension Terminal {
    /// What a program shows: text of one or more lines, or a picture that it has written.
    public enum Piece: Equatable, Sendable {
        case text(String)
        case picture(path: String)
    }

    private static let listeners = Mutex<[@Sendable (Piece) -> Void]>([])

    /// Calls `listener` with each piece that the program shows from now on, just before it appears, on the thread that
    /// shows it. Progress bars are not pieces; the lines that they end with are.
    public static func listen(_ listener: @escaping @Sendable (Piece) -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    static func announce(_ piece: Piece) {
        for listener in listeners.withLock({ $0 }) { listener(piece) }
    }

    /// Prints text of several lines as it is, such as a report.
    public static func show(_ text: String) {
        eraseLine()
        announce(.text(text))
        print(text)
        fflush(nil)
    }

    /// Shows a picture to those who listen; nothing is printed.
    public static func show(pictureAt path: String) { announce(.picture(path: path)) }
}
