use std::{error::Error, io};

use hyper_util::client::legacy;

use crate::transport::TransportError;

/// Converts an error of hyper's client. Such an error means that the request got no response.
pub(super) fn request_error(error: legacy::Error) -> TransportError {
    let source = error.source();
    if error.is_connect() {
        // hyper treats a failed connection and a failed handshake alike, as connect errors.
        // hyper-rustls returns a failed handshake as an `io::Error`, and hyper-util returns a
        // failed connection as its own type.
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

/// Converts hyper's error for a body that broke off.
pub(super) fn body_error(error: hyper::Error) -> TransportError {
    let cause = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    match cause.map(io::Error::kind) {
        // For example, the size of a chunk was not a number.
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
            TransportError::protocol(error)
        }
        _ => TransportError::interrupted(error),
    }
}
