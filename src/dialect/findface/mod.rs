//! The FindFace systems.

pub mod lite;
pub mod multi;
mod policy;
pub mod security;
pub mod security_2019;
