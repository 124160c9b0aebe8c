//! `FilterIndex`, compared with testing each filter by itself.
//!
//! `RECOHOOK_CASES` sets how many cases each property test runs.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]
#![allow(clippy::print_stdout, reason = "the worst cases print their times")]

mod allocations;
#[path = "../filters/dialects.rs"]
mod dialects;
mod large;
mod model;
#[path = "../filters/naive/mod.rs"]
mod naive;
mod properties;
#[path = "../filters/random/mod.rs"]
mod random;
mod small_ids;
mod snapshots;
mod tables;
mod wide;
#[path = "../../benches/workload/mod.rs"]
mod workload;
mod worst;

/// Returns how many cases a property test runs: `RECOHOOK_CASES`, or the usual number.
fn cases(usual: u32) -> u32 {
    std::env::var("RECOHOOK_CASES")
        .map_or(usual, |cases| cases.parse().expect("RECOHOOK_CASES must be a number"))
}
