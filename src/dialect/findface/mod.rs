//! The FindFace systems.

pub mod lite;
mod policy;
pub mod security;
pub mod security_2019;
