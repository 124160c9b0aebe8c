use std::fmt;

/// The reason why an attempt got no response, for reports, metrics and the retry policy.
///
/// The status line and the headers are a response, whatever happens to the body after them.
///
/// Attempts that fail with any kind except [`InvalidRequest`](Self::InvalidRequest) are retried, as
/// often as the webhook's [`Attempts`](crate::policy::Attempts) allow.
///
/// ```
/// use recohook::FailureKind;
///
/// assert_eq!(FailureKind::Connect.as_str(), "connect");
/// assert_eq!(FailureKind::Timeout.to_string(), "no response within the timeout");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// No response arrived within the [timeout](crate::policy::Policy::timeout) of
    /// the attempt.
    Timeout,
    /// No connection to the receiver could be made: its name is unknown, it refused the connection,
    /// or the network is down.
    Connect,
    /// The [target policy](crate::Config::with_target_policy) does not allow an address of the
    /// receiver. No connection was opened. The attempt is retried, because a name can lead to
    /// another address later.
    TargetRefused,
    /// A connection was made, but no secure channel, for example because the certificate is not
    /// trusted.
    Tls,
    /// The connection broke before a response arrived. The receiver may have acted on the
    /// request.
    Interrupted,
    /// A connection that had served an earlier request broke before any part of the response
    /// arrived. Most likely the receiver had closed it, so the failure says nothing about the
    /// receiver. The attempt is repeated at once and does not count, unless this was already the
    /// repeat or the policy [forbids](crate::policy::Retry::with_repeats_stale) it.
    StaleConnection,
    /// This host has no descriptor left for a connection. The failure says nothing about the
    /// receiver. The attempt does not count and is repeated after one second, however often this
    /// happens.
    Exhausted,
    /// The response is not valid HTTP.
    Protocol,
    /// The transport or a signer panicked.
    Panic,
    /// No valid request can be built or sent, in this attempt or in any other. The delivery ends.
    InvalidRequest,
    /// The transport failed in another way, which the error describes.
    Other,
}

impl FailureKind {
    /// Returns a short name for metrics and logs, such as `timeout`. The name does not change
    /// between releases.
    ///
    /// ```
    /// use recohook::FailureKind;
    ///
    /// assert_eq!(FailureKind::InvalidRequest.as_str(), "invalid_request");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::TargetRefused => "target_refused",
            Self::Tls => "tls",
            Self::Interrupted => "interrupted",
            Self::StaleConnection => "stale_connection",
            Self::Exhausted => "exhausted",
            Self::Protocol => "protocol",
            Self::Panic => "panic",
            Self::InvalidRequest => "invalid_request",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "no response within the timeout",
            Self::Connect => "no connection to the receiver",
            Self::TargetRefused => "the target policy does not allow the address of the receiver",
            Self::Tls => "no secure channel to the receiver",
            Self::Interrupted => "the connection broke before a response arrived",
            Self::StaleConnection => "a reused connection broke before a response arrived",
            Self::Exhausted => "this host has no descriptor left for a connection",
            Self::Protocol => "the response is not valid HTTP",
            Self::Panic => "the transport or a signer panicked",
            Self::InvalidRequest => "the request cannot be sent",
            Self::Other => "the transport failed",
        })
    }
}
