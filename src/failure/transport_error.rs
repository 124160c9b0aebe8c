use std::error::Error;

use super::{ErrorText, FailureKind};

/// An error that occurs when an attempt gets no response. It contains the kind of failure
/// and, if there is one, the error that caused it.
///
/// The status line and the headers are a response, whatever happens to the body after them.
///
/// `Display` writes the kind, and [`source`](Error::source) returns the cause. Reports and dead
/// letters contain the message of the cause, cut to 200 characters, and hosts write them to logs. A
/// transport must therefore keep secrets, such as a URL that contains a token, out of the message.
///
/// ```
/// use recohook::{FailureKind, transport::TransportError};
/// use std::error::Error;
///
/// let error = TransportError::connect("no route to host");
/// assert_eq!(error.kind(), FailureKind::Connect);
/// assert_eq!(error.to_string(), "no connection to the receiver");
/// assert_eq!(error.source().expect("it has a cause").to_string(), "no route to host");
///
/// let error = TransportError::from(FailureKind::Timeout);
/// assert!(error.source().is_none());
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct TransportError {
    kind: FailureKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// Declares a constructor for each kind.
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
    // There is no constructor for `FailureKind::Panic`, because a transport simply panics and the
    // driver catches the panic.
    constructors! {
        /// Creates an error of kind [`FailureKind::Timeout`], for a client with its own timeout.
        /// The attempt is retried.
        timeout => Timeout;
        /// Creates an error of kind [`FailureKind::Connect`]. The attempt is retried.
        connect => Connect;
        /// Creates an error of kind [`FailureKind::TargetRefused`]. The attempt is retried.
        target_refused => TargetRefused;
        /// Creates an error of kind [`FailureKind::Tls`]. The attempt is retried.
        tls => Tls;
        /// Creates an error of kind [`FailureKind::Interrupted`]. The attempt is retried, so the
        /// receiver may get the delivery twice.
        interrupted => Interrupted;
        /// Creates an error of kind [`FailureKind::StaleConnection`]. The attempt is repeated once
        /// and does not count.
        stale_connection => StaleConnection;
        /// Creates an error of kind [`FailureKind::Exhausted`]. The attempt is repeated and does not
        /// count.
        exhausted => Exhausted;
        /// Creates an error of kind [`FailureKind::Protocol`]. The attempt is retried.
        protocol => Protocol;
        /// Creates an error of kind [`FailureKind::InvalidRequest`], for a request that can never
        /// be sent. The attempt is not retried, and the delivery ends.
        invalid_request => InvalidRequest;
        /// Creates an error of kind [`FailureKind::Other`]. The attempt is retried.
        other => Other;
    }

    /// Returns the kind of failure, which determines whether the attempt is retried.
    ///
    /// ```
    /// use recohook::{FailureKind, transport::TransportError};
    ///
    /// let error = TransportError::invalid_request("the URL is too long for this client");
    /// assert_eq!(error.kind(), FailureKind::InvalidRequest);
    /// ```
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Returns the messages of the cause and of the cause's own sources.
    pub(crate) fn error_text(&self) -> Option<ErrorText> {
        self.source().map(ErrorText::of)
    }
}

impl From<FailureKind> for TransportError {
    /// Creates an error without a cause.
    fn from(kind: FailureKind) -> Self {
        Self { kind, source: None }
    }
}
