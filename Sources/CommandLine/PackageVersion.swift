/// The version of the package, which `--version` of every program prints.
public enum PackageVersion {
    public static let number = "0.13.0"
}
