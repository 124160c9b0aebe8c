//! Why an attempt brought no response, and what is said of it.

mod detail;
mod kind;
mod transport_error;

pub use detail::Detail;
pub use kind::FailureKind;
pub use transport_error::TransportError;
