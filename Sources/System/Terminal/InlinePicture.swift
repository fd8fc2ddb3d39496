import Foundation

/// A picture in the terminal, where that can show one.
public enum InlinePicture {
    /// How terminals take pictures.
    enum Way: Equatable {
        /// kitty's graphics protocol, in chunks of base64: https://sw.kovidgoyal.net/kitty/graphics-protocol
        case kitty
        /// iTerm2's, in one piece: https://iterm2.com/documentation-images.html
        case iTerm
        /// DEC's sixels, which the program `img2sixel` makes (Debian's libsixel-bin).
        case sixel(program: String)
    }

    /// Shows a PNG file, as wide as the terminal at most.
    ///
    /// - Returns: false, and nothing is shown, if standard output is not a terminal for pictures, or the file cannot be
    ///   read.
    public static func show(_ path: String) -> Bool {
        guard Terminal.isInteractive, let way = way(ProcessInfo.processInfo.environment),
            let bytes = sequence(path, way, width: Terminal.width)
        else { return false }
        // Not as text: sixels may be large.
        fflush(nil)
        return (try? FileHandle.standardOutput.write(contentsOf: bytes)) != nil
    }

    /// What the environment says about the terminal.
    static func way(_ environment: [String: String]) -> Way? {
        // A multiplexer does not pass pictures on.
        guard environment["TMUX"] == nil, environment["STY"] == nil else { return nil }
        let kind = environment["TERM"] ?? "", program = environment["TERM_PROGRAM"] ?? ""
        if environment["KITTY_WINDOW_ID"] != nil || ["xterm-kitty", "xterm-ghostty"].contains(kind) { return .kitty }
        if ["iTerm.app", "WezTerm"].contains(program) || environment["LC_TERMINAL"] == "iTerm2" { return .iTerm }
        guard ["foot", "mlterm", "yaft", "sixel"].contains(where: kind.contains) else { return nil }
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/img2sixel" }.first(where: FileManager.default.isExecutableFile)
            .map { .sixel(program: $0) }
    }

    static func sequence(_ path: String, _ way: Way, width: Int) -> Data? {
        // A column is about eight pixels wide; a picture does not become larger than it is.
        let columns = min(width, 100)
        switch way {
        case .kitty:
            guard let png = try? FileBytes.read(path) else { return nil }
            let text = Data(png).base64EncodedString()
            var rest = Substring(text), sequence = ""
            while !rest.isEmpty {
                let chunk = rest.prefix(4096)
                rest = rest.dropFirst(4096)
                let settings = chunk.startIndex == text.startIndex ? "a=T,f=100,c=\(columns)," : ""
                sequence += "\u{1B}_G\(settings)m=\(rest.isEmpty ? 0 : 1);\(chunk)\u{1B}\\"
            }
            return Data(sequence.utf8)
        case .iTerm:
            guard let png = try? FileBytes.read(path) else { return nil }
            let text = Data(png).base64EncodedString()
            return Data("\u{1B}]1337;File=inline=1;width=\(columns):\(text)\u{07}".utf8)
        case .sixel(let program):
            let process = Process(), pipe = Pipe()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = ["--width", "\(8 * columns)", path]
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return nil }
            let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return process.terminationStatus == 0 ? bytes : nil
        }
    }
}
