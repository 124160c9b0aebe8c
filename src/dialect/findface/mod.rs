//! The FindFace systems.

mod policy;
pub mod security;
pub mod security_2019;
