import CHDF5

/// Questions about a type in a file.
enum StoredType {
    /// Whether libhdf5 converts the type to a Swift number.
    static func isNumber(_ type: hid_t) -> Bool {
        let kind = H5Tget_class(type)
        return kind == H5T_INTEGER || kind == H5T_FLOAT
    }

    /// What the elements are, for messages.
    static func description(_ type: hid_t) -> String {
        switch H5Tget_class(type) {
        case H5T_INTEGER: "integers"
        case H5T_FLOAT: "floating-point numbers"
        case H5T_STRING: "strings"
        case H5T_COMPOUND: "compound values"
        case H5T_ENUM: "enumerated values"
        case H5T_ARRAY: "arrays"
        case H5T_VLEN: "variable-length sequences"
        case H5T_REFERENCE: "references"
        case H5T_OPAQUE: "opaque bytes"
        case H5T_BITFIELD: "bit fields"
        default: "values of an unknown type"
        }
    }
}
