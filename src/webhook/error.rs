use crate::base::HeaderError;

/// An error in the settings of a webhook that would prevent every request from being sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The URL cannot be parsed.
    #[error(
        "the URL cannot be parsed: {reason}; write it as http://host:port/path, and percent-encode \
         spaces and characters outside ASCII"
    )]
    Url {
        /// The message of the URL parser.
        reason: String,
    },
    /// The URL is not absolute, because it has no scheme.
    #[error("the URL must be absolute, such as http://host:port/path")]
    RelativeUrl,
    /// The URL's scheme is not `http` or `https`.
    #[error("the URL's scheme must be http or https, not {scheme}")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// The URL's host is empty, or is in brackets without being an IPv6 address.
    #[error(
        "the URL's host must be a name, an IPv4 address or an IPv6 address in brackets, not {host:?}"
    )]
    Host {
        /// The host.
        host: String,
    },
    /// The URL's port is not a number from 1 to 65535.
    #[error("the URL's port must be a number from 1 to 65535")]
    Port,
    /// The URL contains a user name or a password, which would not be sent.
    #[error("the URL must not contain credentials; set an Authorization header instead")]
    Credentials,
    /// The URL has a fragment, which would not be sent.
    #[error("the URL must not have a #fragment, which is never sent")]
    Fragment,
    /// A header cannot be sent.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

impl WebhookError {
    /// Returns a short name for metrics and logs, such as `relative_url`. The name does not change
    /// between releases.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Url { .. } => "url",
            Self::RelativeUrl => "relative_url",
            Self::Scheme { .. } => "scheme",
            Self::Host { .. } => "host",
            Self::Port => "port",
            Self::Credentials => "credentials",
            Self::Fragment => "fragment",
            Self::Header(error) => error.kind(),
        }
    }
}
