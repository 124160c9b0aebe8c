use std::{fmt, str::Utf8Error};

use crate::base::json::remedy;

/// The error that is returned if the body of a delivery, or one of its notifications, cannot be
/// read.
///
/// The message of the error contains the position and what the receiver should do. This depends on
/// the system, because senders treat a refused delivery differently. The error's
/// [`source`](std::error::Error::source) contains the details, such as the field and the type that
/// was expected. Log both.
///
/// ```
/// use recohook::{findface::security::parse_delivery, model::ParseError};
/// use std::error::Error as _;
///
/// let body = br#"[{"id": "42", "webhook_type": "events", "camera": "gate"}]"#;
/// let error: ParseError = parse_delivery(body).unwrap_err();
/// assert_eq!(error.kind(), "notification");
/// assert_eq!(
///     error.to_string(),
///     "notification 0 of the body cannot be read, at line 1 column 56; answer with 200 and store \
///      the body, because FindFace repeats what is refused and sends nothing else of this kind \
///      until it gives up"
/// );
/// assert!(error.source().unwrap().to_string().starts_with("in `camera`: invalid type"));
/// ```
#[derive(Debug)]
pub struct ParseError {
    pub(super) cause: Cause,
    pub(super) sender: &'static Sender,
}

/// Why a body or a notification cannot be read.
#[derive(Debug)]
pub(super) enum Cause {
    /// The body is not UTF-8. If the rest of the body can be read, `index` is the index of the
    /// notification.
    Encoding { index: Option<usize>, source: Utf8Error },
    /// The body is not JSON. If the text at the error is a common mistake, `remedy` states what to
    /// write instead.
    Json { source: serde_json::Error, remedy: Option<&'static str> },
    /// The body is JSON, but is neither an array nor an object.
    Framing(serde_json::Error),
    /// A notification cannot be read into its model.
    Notification { index: usize, source: serde_json::Error },
}

/// What a receiver should do with a delivery that it cannot read. Each system has one of these,
/// because its senders treat a refused delivery in their own way.
///
/// The texts continue a message after a semicolon.
#[derive(Debug)]
pub(crate) struct Sender {
    /// For a body that was damaged or cut on its way, so that the same body may arrive intact.
    pub(crate) damaged: &'static str,
    /// For a body that arrived as it was sent.
    pub(crate) unreadable: &'static str,
}

impl ParseError {
    /// Returns a short name for the error that stays the same between releases, for metrics and
    /// logs.
    ///
    /// - `encoding`: the body is not UTF-8.
    /// - `json`: the body is not JSON.
    /// - `framing`: the body is JSON, but is neither an array nor an object.
    /// - `notification`: a notification cannot be read into its model.
    ///
    /// ```
    /// use recohook::openbiometrics::parse_delivery;
    ///
    /// assert_eq!(parse_delivery(b"{").unwrap_err().kind(), "json");
    /// assert_eq!(parse_delivery(b"7").unwrap_err().kind(), "framing");
    /// assert_eq!(parse_delivery(b"[{}]").unwrap_err().kind(), "notification");
    /// assert_eq!(parse_delivery(b"\xff").unwrap_err().kind(), "encoding");
    /// ```
    pub fn kind(&self) -> &'static str {
        match &self.cause {
            Cause::Encoding { .. } => "encoding",
            Cause::Json { .. } => "json",
            Cause::Framing(_) => "framing",
            Cause::Notification { .. } => "notification",
        }
    }

    /// Returns the 0-based index of the notification that cannot be read. The index of a single
    /// notification that is not in an array is 0. Returns `None` if the body itself cannot be read.
    ///
    /// ```
    /// use recohook::openbiometrics::parse_delivery;
    ///
    /// let error = parse_delivery(br#"[{"id": "evt_1"}, {"id": 7}]"#).unwrap_err();
    /// assert_eq!(error.index(), Some(1));
    /// ```
    pub fn index(&self) -> Option<usize> {
        match &self.cause {
            Cause::Encoding { index, .. } => *index,
            Cause::Notification { index, .. } => Some(*index),
            Cause::Json { .. } | Cause::Framing(_) => None,
        }
    }

    /// Returns the 1-based line and column at which reading stopped. Returns `None` if the body is
    /// not UTF-8. A byte order mark at the beginning of the body does not count.
    ///
    /// ```
    /// use recohook::openbiometrics::parse_delivery;
    ///
    /// let error = parse_delivery(b"[\n  {\"id\": 7}\n]").unwrap_err();
    /// assert_eq!(error.position(), Some((2, 10)));
    /// ```
    pub fn position(&self) -> Option<(usize, usize)> {
        match &self.cause {
            Cause::Encoding { .. } => None,
            Cause::Json { source, .. }
            | Cause::Framing(source)
            | Cause::Notification { source, .. } => Some((source.line(), source.column())),
        }
    }

    /// Returns what the receiver should do. The message of the error ends with the same text.
    ///
    /// If the body ends too early, it may have been cut on its way, and the sender should send it
    /// again. Otherwise the sender would send the same bytes again, so the receiver should accept
    /// the body and store it. The system's `parse_items` reads the other notifications in it.
    ///
    /// ```
    /// use recohook::openbiometrics::parse_delivery;
    ///
    /// let error = parse_delivery(br#"{"id": "ev"#).unwrap_err();
    /// assert!(error.advice().starts_with("answer with 400"));
    /// let error = parse_delivery(br#"{"id": 7}"#).unwrap_err();
    /// assert!(error.advice().starts_with("answer with 200"));
    /// ```
    pub fn advice(&self) -> &'static str {
        match &self.cause {
            Cause::Json { source, .. } if source.is_eof() => self.sender.damaged,
            _ => self.sender.unreadable,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.cause, self.advice())
    }
}

impl std::error::Error for ParseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match &self.cause {
            Cause::Encoding { source, .. } => source,
            Cause::Json { source, .. }
            | Cause::Framing(source)
            | Cause::Notification { source, .. } => source,
        })
    }
}

impl Cause {
    /// Creates the cause for text that is not JSON.
    pub(super) fn json(source: serde_json::Error, text: &[u8]) -> Self {
        let remedy = remedy(text, source.line(), source.column());
        Self::Json { source, remedy }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding { index: None, .. } => {
                f.write_str("the body is not UTF-8 and may be compressed")
            }
            Self::Encoding { index: Some(index), .. } => {
                write!(f, "notification {index} of the body is not UTF-8")
            }
            Self::Json { source, remedy } => {
                let what = if source.is_eof() { "ends too early" } else { "is not JSON" };
                write!(f, "the body {what}, at line {} column {}", source.line(), source.column())?;
                remedy.map_or(Ok(()), |remedy| write!(f, " ({remedy})"))
            }
            Self::Framing(_) => f.write_str("the body is neither an array nor an object"),
            Self::Notification { index, source } => write!(
                f,
                "notification {index} of the body cannot be read, at line {} column {}",
                source.line(),
                source.column()
            ),
        }
    }
}
