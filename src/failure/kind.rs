use std::fmt;

/// Why an attempt brought no response: a fact for reports, metrics and the retry policy.
///
/// ```
/// use recohook::FailureKind;
///
/// assert_eq!(FailureKind::Connect.as_str(), "connect");
/// assert_eq!(FailureKind::Timeout.to_string(), "no complete response within the timeout");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// The response was not there, or its body did not end, within the delivery's timeout.
    Timeout,
    /// No connection: the name is unknown, the port refuses, the network is down.
    Connect,
    /// The connection stands but the secure channel does not: a certificate that is not trusted,
    /// say.
    Tls,
    /// The connection broke before the response was complete. The receiver may have acted on the
    /// request.
    Interrupted,
    /// What came back is no HTTP.
    Protocol,
    /// The transport, or what signs the request, panicked.
    Panic,
    /// No valid request can be built or sent, in this attempt or any other. It is not retried.
    InvalidRequest,
    /// The transport has no better word for it; the transport's own error says more.
    Other,
}

impl FailureKind {
    /// A short name that stays the same between releases: for metrics and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Interrupted => "interrupted",
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
            Self::Timeout => "no complete response within the timeout",
            Self::Connect => "no connection to the receiver",
            Self::Tls => "no secure channel to the receiver",
            Self::Interrupted => "the connection broke before the response was complete",
            Self::Protocol => "the answer is not HTTP",
            Self::Panic => "the transport or a signer panicked",
            Self::InvalidRequest => "the request cannot be sent",
            Self::Other => "the transport failed",
        })
    }
}
