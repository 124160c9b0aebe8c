//! Notifications as bytes: what is read of them, against the models; what is refused; what it
//! allocates.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod allocations;
mod bodies;
mod errors;
mod json;
mod models;
mod own;
