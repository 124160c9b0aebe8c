//! Generators of filters and of notifications.

pub(crate) mod dialect;
pub(crate) mod native;
