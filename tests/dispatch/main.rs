//! What a dispatcher does, seen through its public face alone.

#![allow(clippy::unwrap_used, reason = "what cannot be unwrapped here fails the test")]

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
