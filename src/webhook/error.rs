use crate::base::{HeaderError, HostError};

/// An error in the settings of a webhook that would prevent every request from being sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The URL is empty.
    #[error("the URL is empty; write it as http://host:port/path")]
    EmptyUrl,
    /// The URL begins or ends with a space, or with another blank character.
    #[error("the URL begins or ends with a blank; remove it")]
    Blank,
    /// The URL contains a control character, such as a line break.
    #[error("the URL contains the control character {character:?}; remove it")]
    ControlCharacter {
        /// The first such character.
        character: char,
    },
    /// The URL has more than 8,192 bytes after normalisation. Few receivers accept longer ones.
    #[error("the URL has {bytes} bytes; at most 8192 are allowed")]
    LongUrl {
        /// The length of the URL, in bytes.
        bytes: usize,
    },
    /// The URL is not absolute, because it has no scheme.
    #[error(
        "the URL must be absolute, such as http://host:port/path; it has no http:// or https://"
    )]
    RelativeUrl,
    /// There are not two slashes after the scheme, as in `http:/host` and `http:\\host`.
    #[error("the URL needs two slashes after its scheme, such as http://host:port/path")]
    Slashes,
    /// The URL's scheme is not `http` or `https`.
    #[error("the URL's scheme must be http or https, not {scheme}")]
    Scheme {
        /// The scheme. It is cut to 64 characters.
        scheme: String,
    },
    /// The URL's host is neither a name nor an address.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The URL's port is not a number from 1 to 65535.
    #[error("the URL's port must be a number from 1 to 65535")]
    Port,
    /// The URL contains a user name or a password, which would not be sent.
    #[error("the URL must not contain credentials; set an Authorization header instead")]
    Credentials,
    /// The URL has a fragment, which would not be sent.
    #[error("the URL must not have a #fragment, which is never sent")]
    Fragment,
    /// The normalised URL cannot be parsed. This can happen only if the URL parser knows a rule
    /// that this crate does not know.
    #[error("the URL cannot be parsed: {reason}; write it as http://host:port/path")]
    Url {
        /// The message of the URL parser.
        reason: String,
    },
    /// A header cannot be sent.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

impl WebhookError {
    /// Returns a short name for metrics and logs, such as `relative_url`. The name does not change
    /// between releases.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::EmptyUrl => "empty_url",
            Self::Blank => "blank",
            Self::ControlCharacter { .. } => "control_character",
            Self::LongUrl { .. } => "long_url",
            Self::RelativeUrl => "relative_url",
            Self::Slashes => "slashes",
            Self::Scheme { .. } => "scheme",
            Self::Host(error) => error.kind(),
            Self::Port => "port",
            Self::Credentials => "credentials",
            Self::Fragment => "fragment",
            Self::Url { .. } => "url",
            Self::Header(error) => error.kind(),
        }
    }
}
