use std::{error::Error, io};

use super::{connection::ExchangeError, head::HeadError};
use crate::transport::TransportError;

/// A response that was refused after its status had been read.
#[derive(Debug, thiserror::Error)]
#[error("the response has the status {status}, but its head is refused")]
struct RefusedHead {
    status: u16,
    source: hyper::Error,
}

/// Converts the error of an exchange that got no response.
pub(super) fn exchange_error(failed: ExchangeError) -> TransportError {
    let ExchangeError { error, status, is_stale, .. } = failed;
    let is_refused = error.is_parse() || is_invalid_data(&error);
    match status {
        Some(status) if is_refused => {
            TransportError::protocol(RefusedHead { status, source: error })
        }
        _ if is_refused => TransportError::protocol(error),
        _ if is_stale => TransportError::stale_connection(error),
        _ if error.is_user() => TransportError::invalid_request(error),
        _ => TransportError::interrupted(error),
    }
}

/// Converts hyper's error for a body that broke off.
pub(super) fn body_error(error: hyper::Error) -> TransportError {
    match is_invalid_data(&error) {
        // For example, the size of a chunk was not a number.
        true => TransportError::protocol(error),
        false => TransportError::interrupted(error),
    }
}

/// Returns whether the bytes that arrived caused the error, rather than the connection.
fn is_invalid_data(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| {
        matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
            || cause.get_ref().is_some_and(|cause| cause.is::<HeadError>())
    })
}
