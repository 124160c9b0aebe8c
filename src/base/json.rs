//! The details of `serde_json`'s representation of JSON that depend on the features of the build.

/// The key under which `serde_json` passes the digits of a number.
///
/// `serde_json` does so if any crate in the host's build enables its feature `arbitrary_precision`.
/// Features apply to the whole build, so this crate must understand both representations.
pub(crate) const NUMBER_KEY: &str = "$serde_json::private::Number";
