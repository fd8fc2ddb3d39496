import System
import Testing

@Suite struct WordTests {
    @Test func oneIsSingular() {
        #expect(counted(0, "epoch") == "0 epochs" && counted(1, "step") == "1 step" && counted(2, "step") == "2 steps")
        #expect(counted(1, "class") == "1 class" && counted(3, "class") == "3 classes")
    }

    @Test func sixDigitsAreEnough() {
        #expect(
            [122.41301942517321, 0.00086666666666, 0.01, 1e39, 5].map(digits) == [
                "122.413", "0.000866667", "0.01", "1e+39", "5",
            ])
    }
}
