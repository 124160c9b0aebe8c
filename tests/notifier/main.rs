//! The notifier from outside: the same promises on several runtimes, with one driver and with
//! many.
#![allow(clippy::unwrap_used, reason = "the helpers of the tests are tests too")]

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
fn handles_and_drivers_go_between_threads() {
    fn handle<T: Clone + Send + Sync + 'static>() {}
    fn task<T: Send + Unpin + 'static>() {}
    handle::<Notifier>();
    task::<Driver>();
    task::<Reports>();
}
