//! Readers of raw notifications: what they read, compared with the models, and their errors and
//! allocations.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod allocations;
mod bodies;
mod errors;
mod json;
mod models;
mod own;
