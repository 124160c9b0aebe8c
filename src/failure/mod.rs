//! Why an attempt brought no response, and what is said of it.

mod error_text;
mod kind;
mod transport_error;

pub use error_text::ErrorText;
pub use kind::FailureKind;
pub use transport_error::TransportError;
