//! What the fuzz targets check: each body takes any bytes and panics if the crate breaks a promise.
//!
//! The targets under `fuzz/` are shims over these bodies. `cargo test --test fuzz` compiles the same
//! bodies with stable Rust and runs them on small corpora.

pub(crate) mod delivery;
pub(crate) mod dispatcher;
pub(crate) mod filter;
pub(crate) mod raw;
pub(crate) mod registration;
pub(crate) mod retry_after;
pub(crate) mod signature;
mod systems;
pub(crate) mod url;

/// Fails if a message would break the line of a log, or let an attacker write to a terminal.
#[track_caller]
fn assert_one_line(message: &str) {
    assert!(!message.contains(char::is_control), "the message has control characters: {message:?}");
}

/// How many lines a text has: an error must name one of them.
fn lines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count() + 1
}
