/// A number with its noun in singular or plural: `1 step`, `2 steps`, `0 classes`.
public func counted(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : noun.hasSuffix("s") ? "es" : "s")"
}
