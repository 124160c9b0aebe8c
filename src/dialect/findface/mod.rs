//! The FindFace systems.

pub mod security;
