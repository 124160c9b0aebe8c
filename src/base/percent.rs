/// Returns the text with each byte percent-encoded, except for ASCII letters, digits and `-._~`,
/// the characters that a URL never needs to encode (RFC 3986, section 2.3).
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_unreserved(byte) {
            encoded.push(byte.into())
        } else {
            push_encoded(byte, &mut encoded)
        }
    }
    encoded
}

/// Returns whether a byte may stand for itself in the path and the query of a URL (RFC 3986,
/// section 3.4). `%` is not among them, because it must begin an encoded byte.
pub(crate) fn is_path_byte(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=:@/?".contains(&byte)
}

/// Adds a percent-encoded byte to a text.
pub(crate) fn push_encoded(byte: u8, text: &mut String) {
    text.push_str(&format!("%{byte:02X}"));
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}
