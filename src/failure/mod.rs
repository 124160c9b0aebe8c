//! Describes why an attempt got no response, with a [`FailureKind`] for programs and an
//! [`ErrorText`] for people.

mod error_text;
mod kind;
mod reason_phrase;
mod transport_error;

pub use error_text::ErrorText;
pub use kind::FailureKind;
pub use reason_phrase::ReasonPhrase;
pub use transport_error::TransportError;
