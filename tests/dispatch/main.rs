//! The behaviour of a `Dispatcher`, tested through its public API only.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod bounds;
mod lane;
mod memory;
mod outcome;
mod overflow;
mod registry;
mod report;
mod retry;
mod retry_after;
mod rig;
mod shutdown;
mod stats;
