//! The FindFace systems: Security (2019 and 2020), Lite, and Multi.
//!
//! Each system has a module with its models, filter keys, policy and profile. This module contains
//! the items that they share. [`Registration`] and [`Changes`] describe a webhook of Security and
//! Multi, whereas Lite has [a separate object](lite::Registration). [`Webhooks`] is the registry
//! behind the REST API of all four.

mod changes;
mod filters;
mod implied;
pub mod lite;
mod log_lines;
pub mod multi;
mod policy;
mod registration;
mod registration_object;
pub mod security;
pub mod security_2019;
mod webhooks;

pub use crate::dialect::{json_object::UnknownFields, registration_error::RegistrationError};
pub use changes::Changes;
pub use filters::Filters;
pub use policy::attempts;
pub use registration::Registration;
pub use webhooks::Webhooks;
