use crate::base::HeaderError;

/// A webhook that could not be delivered to as it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The URL cannot be read.
    #[error("the URL cannot be read: {reason}; percent-encode what is not plain ASCII")]
    Url {
        /// What the URL parser says.
        reason: String,
    },
    /// The URL does not say where to.
    #[error("the URL must be absolute, as in http://host:port/path")]
    RelativeUrl,
    /// The URL's scheme is another.
    #[error("the URL's scheme must be http or https, not {scheme}")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// The URL's host is empty, or in brackets and no IPv6 address.
    #[error(
        "the URL's host must be a name, an IPv4 address or an IPv6 address in brackets, not {host:?}"
    )]
    Host {
        /// The host.
        host: String,
    },
    /// The URL's port is no number from 1 to 65535.
    #[error("the URL's port must be a number from 1 to 65535")]
    Port,
    /// The URL holds a user's name or a password, which would not be sent.
    #[error("the URL must not hold credentials; set an Authorization header instead")]
    Credentials,
    /// The URL has a fragment, which is never sent.
    #[error("the URL must not have a #fragment: it would not be sent")]
    Fragment,
    /// A header cannot be sent.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

impl WebhookError {
    /// A short name that stays the same between releases: for metrics and logs.
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
