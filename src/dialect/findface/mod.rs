//! The FindFace systems.

pub mod multi;
pub mod security;
