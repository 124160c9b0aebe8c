//! How `serde_json` hands on what it reads, where it depends on the host's build.

/// Under this key it hands on a number's text, if some crate of the host's build has turned its
/// feature `arbitrary_precision` on.
pub(crate) const NUMBER_KEY: &str = "$serde_json::private::Number";
