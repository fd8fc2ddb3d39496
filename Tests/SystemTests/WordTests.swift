import System
import Testing

@Suite struct WordTests {
    @Test func oneIsSingular() {
        #expect(counted(0, "epoch") == "0 epochs" && counted(1, "step") == "1 step" && counted(2, "step") == "2 steps")
        #expect(counted(1, "class") == "1 class" && counted(3, "class") == "3 classes")
    }

    @Test func sharesAreShownInPercent() { #expect(percent(0.54384) == "54.38%" && percent(1) == "100.00%") }

    /// The published values of FNV-1a.
    @Test(arguments: [("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8")])
    func hashes(text: String, hash: String) {
        var sum = FNV1a()
        sum.add(Array(text.utf8))
        #expect(sum.hexadecimal == hash)
    }

    @Test func whatCommandsATerminalIsReplaced() {
        #expect("a\u{1B}[2J\u{7}é".replacingControlCharacters() == "a?[2J?é")
        #expect("a\tb".replacingControlCharacters(with: " ") == "a b")
    }

    @Test func sixDigitsAreEnough() {
        #expect(
            [122.41301942517321, 0.00086666666666, 0.01, 1e39, 5].map(digits) == [
                "122.413", "0.000866667", "0.01", "1e+39", "5",
            ])
    }
}
