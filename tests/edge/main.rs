//! What receivers do to connections and responses, over loopback. Each test is named after the kind
//! of fault that it represents.
#![cfg(feature = "hyper")]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]
#![allow(clippy::print_stdout, reason = "what was measured is printed")]

mod connections;
mod proxy;
mod receiver;
mod responses;
