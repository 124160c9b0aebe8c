//! Generators of filters and of what they are asked about.

pub(crate) mod dialect;
pub(crate) mod native;
