use std::error::Error;

use super::{ErrorText, FailureKind};

/// No response: what kind of failure it was, and the error below it where there is one.
///
/// Its text says what happened; [`source`](Error::source) holds the details. The start of what the
/// sources say goes into reports and dead letters, and so into journals: a transport leaves out
/// of it what is secret, such as the URL where that holds a token.
///
/// ```
/// use recohook::{FailureKind, transport::TransportError};
///
/// let error = TransportError::connect("no route to host");
/// assert_eq!(error.kind(), FailureKind::Connect);
/// assert_eq!(error.to_string(), "no connection to the receiver");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct TransportError {
    kind: FailureKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// Declares the constructor of each kind.
macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
                Self { kind: FailureKind::$kind, source: Some(source.into()) }
            }
        )*
    };
}

impl TransportError {
    constructors! {
        /// The client's own timeout ended the attempt.
        timeout => Timeout;
        /// No connection to the receiver.
        connect => Connect;
        /// No secure channel on the connection.
        tls => Tls;
        /// The connection broke before the response was complete.
        interrupted => Interrupted;
        /// What came back is no HTTP.
        protocol => Protocol;
        /// This request can never be sent: the delivery ends without another attempt.
        invalid_request => InvalidRequest;
        /// Anything else: the attempt is retried.
        other => Other;
    }

    /// The kind of failure.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// What the sources say.
    pub(crate) fn error_text(&self) -> Option<ErrorText> {
        self.source().map(ErrorText::of)
    }
}

impl From<FailureKind> for TransportError {
    /// A failure with nothing more to say.
    fn from(kind: FailureKind) -> Self {
        Self { kind, source: None }
    }
}
