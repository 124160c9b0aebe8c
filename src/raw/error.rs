use std::str::Utf8Error;

/// The bytes of a notification could not be read.
///
/// What is wrong in detail stands in its [`source`](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RawError {
    /// The bytes are not text.
    #[error("the bytes are not UTF-8; drop them, and see whether they are compressed")]
    Encoding(#[from] Utf8Error),
    /// The bytes are not JSON.
    #[error(
        "the bytes are not JSON, at line {} column {}; drop them, and see whether they came whole",
        .0.line(),
        .0.column()
    )]
    Json(#[source] serde_json::Error),
    /// The bytes are JSON, but no delivery.
    #[error("the body is neither an array nor an object; drop it, and see who sends it")]
    Framing(#[source] serde_json::Error),
    /// What filters would test cannot be read: it has another form than the topic's.
    #[error(
        "the notification cannot be read, at line {} column {}; drop it, or report the form it has",
        .0.line(),
        .0.column()
    )]
    Notification(#[source] serde_json::Error),
}

impl RawError {
    /// A short name that stays the same between releases: for metrics and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Encoding(_) => "encoding",
            Self::Json(_) => "json",
            Self::Framing(_) => "framing",
            Self::Notification(_) => "notification",
        }
    }

    /// The line and column at which reading stopped, from 1; `None` where the bytes are not text.
    pub fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::Encoding(_) => None,
            Self::Json(source) | Self::Framing(source) | Self::Notification(source) => {
                Some((source.line(), source.column()))
            }
        }
    }

    /// What went wrong where `text` was read: what cannot be read may stand before the place where
    /// the text was cut.
    pub(super) fn of(source: serde_json::Error, text: &str) -> Self {
        match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Err(broken) => Self::Json(broken),
            Ok(_) => Self::Notification(source),
        }
    }
}
