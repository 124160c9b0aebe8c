//! `Notifier`, tested through its public API on several runtimes, with one driver and with several.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod bounds;
mod delivery;
#[cfg(feature = "testing")]
mod failures;
mod host_code;
mod publishers;
mod registry;
mod rematch;
mod reports;
mod shutdown;
mod support;
mod wake_ups;
mod whole_life;

use recohook::{Driver, Notifier, Reports};

#[test]
fn handles_and_drivers_can_be_sent_between_threads() {
    fn handle<T: Clone + Send + Sync + 'static>() {}
    fn task<T: Send + Unpin + 'static>() {}
    handle::<Notifier>();
    task::<Driver>();
    task::<Reports>();
}
