//! The details of `serde_json`'s JSON representation that depend on the build's features.

/// The key under which `serde_json` passes the digits of a number.
///
/// `serde_json` does so if any crate in the host's build enables its feature `arbitrary_precision`.
/// Features apply to the whole build, so this crate must understand both representations.
pub(crate) const NUMBER_KEY: &str = "$serde_json::private::Number";
