//! The notifier under thousands of thread schedules. Its locks, atomics and thread-locals are those
//! of `shuttle`, which runs only one thread of a scenario at a time. A seed decides which thread
//! runs next.
//!
//! A schedule fails if an assertion of its scenario fails, if no thread can continue, or if it does
//! not end. So a lost wake-up fails it, and so does a notifier that is never freed.
//!
//! ```text
//! RUSTFLAGS='--cfg recohook_shuttle -C debug-assertions' CARGO_TARGET_DIR=target/shuttle \
//!     cargo test --release --test interleave -- --nocapture
//! ```
//!
//! `RECOHOOK_SCHEDULES` sets how many schedules of each scenario are run. `RECOHOOK_SCENARIO`
//! selects one scenario, and `RECOHOOK_SEED` one schedule of each. Without the cfg, this file has
//! no tests.

#![cfg(recohook_shuttle)]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]
#![allow(clippy::print_stdout, reason = "the run prints a summary")]

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
use schedule::Time::{Anytime, WhenIdle};

const SCENARIOS: &[Scenario] = &[
    Scenario::new("publishers_flush", WhenIdle, publishing::publishers_flush),
    Scenario::new("full_queues", WhenIdle, publishing::full_queues),
    Scenario::new("attempts_time_out", Anytime, timers::attempts_time_out),
    Scenario::new("timers_fire_on_time", WhenIdle, timers::timers_fire_on_time),
    Scenario::new("retries_are_on_time", WhenIdle, timers::retries_are_on_time),
    Scenario::new("changes_apply_at_once", WhenIdle, registry::changes_apply_at_once),
    Scenario::new("one_webhook_replaces_another", WhenIdle, registry::one_webhook_replaces_another),
    Scenario::new("concurrent_changes", WhenIdle, registry::concurrent_changes),
    Scenario::new("no_modification_is_lost", WhenIdle, registry::no_modification_is_lost),
    Scenario::new("a_paused_webhook_resumes", WhenIdle, registry::a_paused_webhook_resumes),
    Scenario::new("drivers_are_dropped", Anytime, drivers::drivers_are_dropped),
    Scenario::new("a_parked_driver_is_dropped", WhenIdle, drivers::a_parked_driver_is_dropped),
    Scenario::new("the_last_handle_is_dropped", WhenIdle, shutdown::the_last_handle_is_dropped),
    Scenario::new("everything_is_dropped", WhenIdle, shutdown::everything_is_dropped),
    Scenario::new("a_shutdown_during_publishing", Anytime, shutdown::a_shutdown_during_publishing),
    Scenario::new("flushes_are_dropped", WhenIdle, shutdown::flushes_are_dropped),
    Scenario::new("reports_are_read", WhenIdle, reports::reports_are_read),
    Scenario::new("a_subscription_lags", WhenIdle, reports::a_subscription_lags),
];

#[test]
fn no_schedule_of_any_scenario_fails() {
    runner::run(SCENARIOS);
}
