import ArgumentParser
import Experiments

extension ImageNetNetwork: ExpressibleByArgument {}

extension FlagHelp {
    public static let network: ArgumentHelp = "The network; each has its own experiments."
}
