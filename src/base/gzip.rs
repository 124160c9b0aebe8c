//! Compresses bodies.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, GzBuilder};

/// Returns a body in the gzip format, or `None` if that would not be shorter.
///
/// The same body always gives the same bytes, because the format's time and name are left empty.
pub(crate) fn gzip(body: &[u8]) -> Option<Bytes> {
    // JSON with repeated keys usually becomes a fifth or less, so the buffer rarely grows.
    let buffer = Vec::with_capacity(body.len() / 4);
    // The fast level, because the thread that compresses delivers for other webhooks, too.
    let mut encoder = GzBuilder::new().write(buffer, Compression::fast());
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    let compressed = written.expect("writing to a `Vec` does not fail");
    (compressed.len() < body.len()).then(|| compressed.into())
}
