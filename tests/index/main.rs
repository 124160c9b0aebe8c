//! The index of filters, against testing each filter alone.
//!
//! `RECOHOOK_CASES` sets how many cases each property draws.

#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]
#![allow(clippy::print_stdout, reason = "the times of the worst cases, for who asks for them")]

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

/// How many cases a property draws.
fn cases(usual: u32) -> u32 {
    std::env::var("RECOHOOK_CASES")
        .map_or(usual, |cases| cases.parse().expect("RECOHOOK_CASES is a number"))
}
