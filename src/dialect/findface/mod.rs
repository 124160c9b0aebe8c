//! The FindFace systems.

mod changes;
mod error;
mod filters;
pub mod lite;
pub mod multi;
mod object;
mod policy;
mod registration;
pub mod security;
pub mod security_2019;
mod webhooks;

pub use changes::Changes;
pub use error::RegistrationError;
pub use filters::Filters;
pub use registration::Registration;
pub use webhooks::Webhooks;
