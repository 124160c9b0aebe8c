//! The FindFace systems.

mod changes;
mod filters;
pub mod lite;
pub mod multi;
mod policy;
mod registration;
mod registration_object;
pub mod security;
pub mod security_2019;
mod webhooks;

pub use crate::dialect::registration_error::RegistrationError;
pub use changes::Changes;
pub use filters::Filters;
pub use policy::attempts;
pub use registration::Registration;
pub use webhooks::Webhooks;
