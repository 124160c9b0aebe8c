//! Filters of every dialect and of the native language, against second opinions.

mod corpus;
mod dialect_properties;
mod dialects;
#[path = "../fuzz/bodies/mod.rs"]
#[allow(dead_code, reason = "of the bodies, only that for filters is run here")]
mod fuzz_bodies;
mod naive;
mod native_properties;
mod random;
mod raw;
mod security_properties;
