//! The bodies of the fuzz targets. Each takes any bytes and panics if the crate violates a
//! property.
//!
//! The targets in `fuzz/` are shims over these bodies. `cargo test --test fuzz` compiles the same
//! bodies with stable Rust and runs them on small corpora.

pub(crate) mod delivery;
pub(crate) mod dispatcher;
pub(crate) mod filter;
pub(crate) mod raw;
pub(crate) mod registration;
pub(crate) mod retry_after;
pub(crate) mod signature;
mod systems;
pub(crate) mod target;
pub(crate) mod url;

/// Asserts that a message has no control characters. With them, an attacker could forge lines of a
/// log or control a terminal.
#[track_caller]
fn assert_one_line(message: &str) {
    assert!(!message.contains(char::is_control), "the message has control characters: {message:?}");
}

/// Returns the number of lines of a text. An error must be in one of them.
fn lines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Returns a text without the byte order mark that may precede JSON. `serde_json` refuses it, and
/// the crate skips it.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)
}
