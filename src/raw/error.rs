use std::str::Utf8Error;

use crate::base::json::remedy;

/// An error that occurs when bytes are read as notifications.
///
/// Its message contains the position. Its [`source`](std::error::Error::source) contains the
/// details, such as the member and the type that was expected. Therefore a log should contain both.
///
/// ```
/// use recohook::{findface::security, raw::Reader};
/// use std::error::Error;
///
/// let mut reader = Reader::new(&security::RAW);
/// let bytes = br#"{"id": "42", "webhook_type": "events", "confidence": "high"}"#;
/// let error = reader.read(bytes).unwrap_err();
/// assert!(error.to_string().starts_with("the notification cannot be read, at line 1 column 59"));
/// let source = error.source().unwrap().to_string();
/// assert!(source.starts_with(r#"in `confidence`: invalid type: string "high""#));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RawError {
    /// The bytes are not UTF-8. They may be compressed.
    #[error("the bytes are not valid UTF-8; check whether they are compressed")]
    Encoding(#[from] Utf8Error),
    /// The bytes are not JSON.
    #[error(
        "the bytes are not valid JSON, at line {} column {}; {}",
        .source.line(),
        .source.column(),
        what_to_do(source, *remedy)
    )]
    Json {
        /// The underlying error.
        source: serde_json::Error,
        /// What to write instead, if the text at the error is a common mistake, such as `NaN`.
        remedy: Option<&'static str>,
    },
    /// The body of a delivery is JSON, but neither an array nor an object.
    #[error("the body is neither a JSON array nor an object; check who sends it")]
    Framing(#[source] serde_json::Error),
    /// The bytes are JSON, but do not match the format: the id is missing, or the id, a label or a
    /// member that filters test has the wrong type or occurs twice. This is also the error if the
    /// JSON is nested too deeply or contains a number out of range or half a surrogate pair. The
    /// source names the member.
    #[error(
        "the notification cannot be read, at line {} column {}; drop it, or change the format",
        .0.line(),
        .0.column()
    )]
    Notification(#[source] serde_json::Error),
}

impl RawError {
    /// Returns a short name for metrics and logs. It stays the same between releases.
    ///
    /// ```
    /// use recohook::{findface::security, raw::Reader};
    ///
    /// let mut reader = Reader::new(&security::RAW);
    /// assert_eq!(reader.read(b"\xff").unwrap_err().kind(), "encoding");
    /// assert_eq!(reader.read(br#"{"id": "#).unwrap_err().kind(), "json");
    /// let without_id = br#"{"webhook_type": "events"}"#;
    /// assert_eq!(reader.read(without_id).unwrap_err().kind(), "notification");
    /// assert_eq!(recohook::raw::split(b"42").unwrap_err().kind(), "framing");
    /// ```
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Encoding(_) => "encoding",
            Self::Json { .. } => "json",
            Self::Framing(_) => "framing",
            Self::Notification(_) => "notification",
        }
    }

    /// Returns the line and the column at which reading stopped. Both are counted from 1, and
    /// columns are counted in bytes. Returns `None` if the bytes are not UTF-8.
    ///
    /// ```
    /// use recohook::{findface::security, raw::Reader};
    ///
    /// let mut reader = Reader::new(&security::RAW);
    /// let error = reader.read(b"{\n\"id\":}").unwrap_err();
    /// assert_eq!(error.position(), Some((2, 6)));
    /// ```
    pub fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::Encoding(_) => None,
            Self::Json { source, .. } | Self::Framing(source) | Self::Notification(source) => {
                Some((source.line(), source.column()))
            }
        }
    }

    /// Creates the error for text that is not JSON.
    pub(super) fn json(source: serde_json::Error, text: &[u8]) -> Self {
        let remedy = remedy(text, source.line(), source.column());
        Self::Json { source, remedy }
    }

    /// Creates the error to return if reading `text` failed with `source`.
    ///
    /// Reading stops at the first value of the wrong type, and the text may be cut off after that
    /// value. If it is cut off, the result is [`Json`](Self::Json), because that is the more
    /// important cause.
    pub(super) fn of(source: serde_json::Error, text: &str) -> Self {
        // Nothing has checked the rest of the text yet. Errors are rare, so reading the text again
        // costs little.
        match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Err(broken) => Self::json(broken, text.as_bytes()),
            Ok(_) => Self::Notification(source),
        }
    }
}

/// Returns what to do about bytes that are not JSON, as the last part of an error message.
fn what_to_do(source: &serde_json::Error, remedy: Option<&'static str>) -> &'static str {
    match remedy {
        Some(remedy) => remedy,
        None if source.is_eof() => "check whether they are complete",
        None => "check what sends them",
    }
}
