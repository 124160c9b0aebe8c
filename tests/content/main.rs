//! What real receivers, bodies, filters and REST clients did to the crate.
//!
//! Each test has the id of its case in its name. `m` cases read and write notifications, `f` cases
//! are about filters, and `r` cases are about registration. A test that decides a case otherwise
//! than its reporter expected says why.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod building;
mod delivery;
mod engine;
mod filters;
mod log_lines;
mod numbers;
mod registration;
mod schemas;
mod shapes;
