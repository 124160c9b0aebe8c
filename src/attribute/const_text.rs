//! String functions that can run at compile time. They loop over indices, because constant
//! evaluation cannot use iterators or compare slices.

pub(super) const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// Mixes a string, followed by a byte that marks its end, into an FNV-1a hash.
pub(super) const fn fnv(mut hash: u64, text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i <= bytes.len() {
        // UTF-8 never contains 0xff, so this byte can mark the end of a string. Without it, "ab",
        // "c" and "a", "bc" would have the same hash.
        let byte = if i < bytes.len() { bytes[i] } else { 0xff };
        hash = (hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

/// Returns whether two strings are equal.
pub(crate) const fn str_eq(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
