//! Functions over text that can run at compile time. They loop by index, because constant
//! evaluation has no iterators and cannot compare slices.

pub(super) const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// Continues an FNV-1a hash with a text and a byte that ends it.
pub(super) const fn fnv(mut hash: u64, text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i <= bytes.len() {
        // 0xff is never part of UTF-8. As the end of each text, it makes the pairs "ab", "c" and
        // "a", "bc" differ.
        let byte = if i < bytes.len() { bytes[i] } else { 0xff };
        hash = (hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

/// Returns whether two texts are equal.
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
