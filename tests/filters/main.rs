//! Filters of every dialect and of the native language, compared with naive evaluators.

mod corpus;
mod dialect_properties;
mod dialects;
#[path = "../fuzz/bodies/mod.rs"]
#[allow(dead_code, reason = "only the body for filters is used here")]
mod fuzz_bodies;
mod naive;
mod native_properties;
mod random;
mod raw;
mod security_properties;
