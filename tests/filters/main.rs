//! Filters of every dialect and of the native language, against second opinions.

mod corpus;
mod dialect_properties;
mod dialects;
#[path = "../fuzz_bodies/mod.rs"]
mod fuzz_bodies;
mod naive;
mod native_properties;
mod random;
mod raw;
mod security_properties;
mod text_properties;
