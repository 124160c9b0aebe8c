use std::{error::Error, io};

use hyper_util::client::legacy;

use crate::transport::TransportError;

/// Why no response came.
pub(super) fn request_error(error: legacy::Error) -> TransportError {
    let source = error.source();
    if error.is_connect() {
        // hyper-rustls gives a failed handshake as an `io::Error`; hyper-util gives a failed
        // connection as a type of its own.
        return match source {
            Some(source) if source.is::<io::Error>() => TransportError::tls(error),
            _ => TransportError::connect(error),
        };
    }
    match source.and_then(|source| source.downcast_ref::<hyper::Error>()) {
        Some(cause) if cause.is_parse() => TransportError::protocol(error),
        Some(cause) if cause.is_user() => TransportError::invalid_request(error),
        Some(_) => TransportError::interrupted(error),
        None => TransportError::other(error),
    }
}

/// Why a response's body did not come to its end.
pub(super) fn body_error(error: hyper::Error) -> TransportError {
    let cause = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    match cause.map(io::Error::kind) {
        // A chunk's size that is no number, say.
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
            TransportError::protocol(error)
        }
        _ => TransportError::interrupted(error),
    }
}
