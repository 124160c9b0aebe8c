//! How `serde_json` represents what it reads, as far as that depends on the features of the build.

/// The key under which `serde_json` passes the text of a number.
///
/// It does so if any crate in the host's build enables its feature `arbitrary_precision`: features
/// apply to the whole build, so this crate must understand both forms.
pub(crate) const NUMBER_KEY: &str = "$serde_json::private::Number";
