use std::{fmt, time::Duration};

use crate::failure::{ErrorText, FailureKind};

/// A fact about a response that did not change what happened to the delivery, but that an operator
/// may want to know.
///
/// [`Report::remarks`](super::Report::remarks) and [`DeadLetter::remarks`](super::DeadLetter::remarks)
/// return the remarks on an attempt. Later releases may add remarks.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Remark {
    /// The status and the headers arrived, but the body did not: it broke off, it was invalid
    /// ([`Protocol`](FailureKind::Protocol)), or it did not end before the
    /// [timeout](FailureKind::Timeout).
    BodyFailed {
        /// What went wrong.
        kind: FailureKind,
        /// The message of the transport error.
        error_text: Option<ErrorText>,
    },
    /// The receiver asked to be left alone for longer than the policy's
    /// [`max_retry_after`](crate::policy::Retry::max_retry_after), which was used instead.
    RetryAfterCapped {
        /// How long the receiver asked for.
        asked: Duration,
    },
    /// The response has a header `Retry-After` that cannot be read.
    RetryAfterIgnored {
        /// The value of the header.
        value: ErrorText,
    },
    /// The response is a redirect, which is never followed.
    Location {
        /// The value of the header `Location`, without user information, query and fragment, which
        /// may contain a token.
        url: ErrorText,
    },
}

impl Remark {
    /// Returns a short name for metrics and logs, such as `body_failed`. The name does not change
    /// between releases.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::BodyFailed { .. } => "body_failed",
            Self::RetryAfterCapped { .. } => "retry_after_capped",
            Self::RetryAfterIgnored { .. } => "retry_after_ignored",
            Self::Location { .. } => "location",
        }
    }

    /// Creates the remark on a redirect.
    pub(crate) fn location(value: &str) -> Self {
        let url = value.split(['?', '#']).next().unwrap_or_default();
        // The authority is between two slashes and the next one.
        let start = url.find("//").map_or(0, |at| at + 2);
        let end = url[start..].find(['/', '\\']).map_or(url.len(), |at| start + at);
        let user = if start > 0 { url[start..end].rfind('@').map_or(0, |at| at + 1) } else { 0 };
        let without_user = [&url[..start], &url[start + user..]].concat();
        Self::Location { url: ErrorText::new(&without_user) }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BodyFailed { kind, error_text } => {
                write!(f, "the body of the response failed ({})", kind.as_str())?;
                error_text.as_ref().map_or(Ok(()), |text| write!(f, ": {text}"))
            }
            Self::RetryAfterCapped { asked } => {
                write!(f, "the receiver asked for {} seconds, which is too long", asked.as_secs())
            }
            Self::RetryAfterIgnored { value } => {
                write!(f, "the header Retry-After cannot be read: {value}")
            }
            Self::Location { url } => write!(f, "it points to {url}, which is not followed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t8_a_location_is_shown_without_what_may_be_secret() {
        for (value, shown) in [
            ("https://new.example/hook", "https://new.example/hook"),
            ("https://new.example/hook?token=x#y", "https://new.example/hook"),
            ("https://user:word@new.example/hook", "https://new.example/hook"),
            ("https://user:w@rd@new.example", "https://new.example"),
            ("//user@new.example/a@b", "//new.example/a@b"),
            ("/login?next=%2F", "/login"),
            ("/a@b", "/a@b"),
            ("#top", ""),
            ("", ""),
        ] {
            assert_eq!(Remark::location(value), Remark::Location { url: ErrorText::new(shown) });
        }
    }
}
