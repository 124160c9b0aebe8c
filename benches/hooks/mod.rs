//! Shared by the benches of publishing and sending: an event of usual size, webhooks, and a
//! transport that accepts everything at once.

#![allow(dead_code, reason = "not every bench uses all of it")]

use std::{pin::pin, time::Duration};

use futures::{executor::block_on, future};
use recohook::{
    Driver, Filter, Notifier, Transport, Webhook, async_trait,
    bytes::Bytes,
    findface::security::{self, Event, FILTERS},
    http::{Request, Response},
    policy::{Batching, Policy},
    signature::{HmacSha256, Secret},
    transport::{Body, Context, TransportError},
};

/// Longer than any run takes.
pub(crate) const LONG: Duration = Duration::from_secs(600);

/// Returns the documented event at a camera, as JSON about 1 KB. No filter of the workload asks for
/// its lists or its dossier.
pub(crate) fn event(camera: i64) -> Event {
    let documented = include_bytes!("../../tests/data/findface-security-2020/event.json");
    let mut notifications =
        security::parse_delivery(documented).expect("the documented body is valid");
    let Some(security::AnyNotification::Event(event)) = notifications.pop() else {
        panic!("the documented body is an event");
    };
    let event = event.camera(camera).camera_group(100).matched(true).matched_lists([300_i64, 301]);
    event.matched_dossier(60_000).confidence(0.91)
}

/// Returns a webhook that matches everything, in batches of at most `items`.
pub(crate) fn webhook(url: &str, items: usize) -> Webhook {
    let webhook = Webhook::new(url, Filter::everything(&FILTERS)).expect("the URL is valid");
    webhook.with_policy(batches(items))
}

/// Returns a policy with batches of at most `items`.
pub(crate) fn batches(items: usize) -> Policy {
    Policy::default().with_batch(Batching::at_most(items).expect("the size of a batch is not zero"))
}

/// Returns the signer that the benches add.
pub(crate) fn signer() -> HmacSha256 {
    HmacSha256::new(&Secret::new(SECRET).expect("the secret is not empty"))
}

pub(crate) const SECRET: &str = "a secret of the two of us";

/// Returns the largest number of webhooks: `RECOHOOK_BENCH_FILTERS`, or 100,000.
pub(crate) fn most() -> usize {
    std::env::var("RECOHOOK_BENCH_FILTERS")
        .map_or(100_000, |most| most.parse().expect("RECOHOOK_BENCH_FILTERS must be a number"))
}

/// A transport that answers 200 at once.
pub(crate) struct Accept;

#[async_trait]
impl Transport for Accept {
    async fn send(&self, _: Request<Bytes>, _: &Context) -> Result<Response<Body>, TransportError> {
        Ok(Response::new(Body::empty()))
    }
}

/// Sends everything that is pending.
pub(crate) fn drain(notifier: &Notifier, driver: &mut Driver) {
    block_on(future::select(driver, pin!(notifier.flush(LONG))));
    assert_eq!(notifier.total().pending(), 0);
}

/// Calls `run` with numbers of at most `most` that add up to `times`, and returns the sum of the
/// times that it measured. So each run fits into the queues, which can be drained while no time is
/// measured.
pub(crate) fn in_runs(times: u64, most: usize, mut run: impl FnMut(u64) -> Duration) -> Duration {
    let mut left = times;
    let mut time = Duration::ZERO;
    while left > 0 {
        let many = left.min(most as u64);
        time += run(many);
        left -= many;
    }
    time
}
