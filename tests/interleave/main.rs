//! The notifier under thousands of schedules. Its locks, atomics and thread-locals are those of
//! `shuttle`, which runs all threads of a scenario in turn and lets a seed decide who is next.
//!
//! A schedule fails if an assertion of its scenario fails, if nobody can go on, or if it does not
//! end. So a wake-up that is lost fails it, and so does a notifier that is never freed.
//!
//! ```text
//! RUSTFLAGS='--cfg recohook_shuttle -C debug-assertions' CARGO_TARGET_DIR=target/shuttle \
//!     cargo test --release --test interleave -- --nocapture
//! ```
//!
//! `RECOHOOK_SCHEDULES` is how many schedules each scenario gets. `RECOHOOK_SCENARIO` runs one
//! scenario alone, and `RECOHOOK_SEED` one schedule of it. Without the cfg there is no test here.

#![cfg(recohook_shuttle)]
#![allow(clippy::unwrap_used, reason = "what cannot be unwrapped here fails the test")]
#![allow(clippy::print_stdout, reason = "the run says what it has done")]

mod drivers;
mod network;
mod publishing;
mod registry;
mod reports;
mod runner;
mod schedule;
mod shutdown;
mod time;
mod timers;
mod world;

use runner::Scenario;
use schedule::Time::{Flows, Waits};

const SCENARIOS: &[Scenario] = &[
    Scenario::new("publishers_flush", Waits, publishing::publishers_flush),
    Scenario::new("a_full_queue", Waits, publishing::a_full_queue),
    Scenario::new("attempts_run_out_of_time", Flows, timers::attempts_run_out_of_time),
    Scenario::new("timers_are_met", Waits, timers::timers_are_met),
    Scenario::new("retries_are_on_time", Waits, timers::retries_are_on_time),
    Scenario::new("changes_are_seen_at_once", Waits, registry::changes_are_seen_at_once),
    Scenario::new("one_webhook_replaces_another", Waits, registry::one_webhook_replaces_another),
    Scenario::new("changes_meet_changes", Waits, registry::changes_meet_changes),
    Scenario::new("no_change_of_settings_is_lost", Waits, registry::no_change_of_settings_is_lost),
    Scenario::new("a_pause_ends", Waits, registry::a_pause_ends),
    Scenario::new("drivers_are_dropped", Flows, drivers::drivers_are_dropped),
    Scenario::new("a_parked_driver_is_dropped", Waits, drivers::a_parked_driver_is_dropped),
    Scenario::new("the_last_handle_is_dropped", Waits, shutdown::the_last_handle_is_dropped),
    Scenario::new("everything_is_dropped", Waits, shutdown::everything_is_dropped),
    Scenario::new("a_shutdown_meets_publishers", Flows, shutdown::a_shutdown_meets_publishers),
    Scenario::new("waits_are_dropped", Waits, shutdown::waits_are_dropped),
    Scenario::new("reports_are_read", Waits, reports::reports_are_read),
    Scenario::new("reports_are_missed", Waits, reports::reports_are_missed),
];

#[test]
fn every_schedule_of_every_scenario_ends_well() {
    runner::run(SCENARIOS);
}
