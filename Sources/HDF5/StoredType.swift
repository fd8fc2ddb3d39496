import CHDF5

/// The types of elements in a file.
enum StoredType {
    /// Whether the type is a usual number, in either byte order: an integer of 8, 16, 32 or 64 bits, or an IEEE 754
    /// floating-point number of 16, 32 or 64. A file may describe any other arrangement of bits.
    static func isNumber(_ type: hid_t) -> Bool {
        let bits = 8 * H5Tget_size(type)
        guard H5Tget_precision(type) == bits, H5Tget_offset(type) == 0 else { return false }
        switch H5Tget_class(type) {
        case H5T_INTEGER: return [8, 16, 32, 64].contains(bits)
        case H5T_FLOAT:
            var (sign, exponent, exponentSize, mantissa, mantissaSize) = (0, 0, 0, 0, 0)
            guard H5Tget_fields(type, &sign, &exponent, &exponentSize, &mantissa, &mantissaSize) >= 0,
                let size = [16: 5, 32: 8, 64: 11][bits]
            else { return false }
            return (sign, exponent, exponentSize) == (bits - 1, bits - 1 - size, size)
                && (mantissa, mantissaSize) == (0, bits - 1 - size)
                && H5Tget_ebias(type) == (1 << (size - 1)) - 1 && H5Tget_norm(type) == H5T_NORM_IMPLIED
        default: return false
        }
    }

    /// A name for the elements, for messages.
    static func description(_ type: hid_t) -> String {
        switch H5Tget_class(type) {
        case H5T_INTEGER: isNumber(type) ? "integers" : "integers in an unusual format"
        case H5T_FLOAT: isNumber(type) ? "floating-point numbers" : "floating-point numbers in an unusual format"
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
