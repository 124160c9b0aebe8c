//! A notifier with its clock, its network and its threads.

use std::{
    borrow::Cow,
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll},
    time::Duration,
};

use recohook::{
    Config, Driver, EncodeError, Filter, Notification, Notifier, PublishError, Receipt, Rendering,
    Webhook,
    attribute::{Schema, Values},
    findface::security,
    policy::{Attempts, Backoff, Policy, Retry, RetryOn},
    report::Stats,
};
use shuttle::{
    future::block_on,
    rand::{RngCore, thread_rng},
    thread::{self, JoinHandle},
};

use crate::{
    network::{Arrival, Network, Reply},
    schedule::CLOCK,
    time::{FOREVER, TestClock},
};

pub(crate) struct World {
    pub(crate) notifier: Notifier,
    pub(crate) network: Network,
    pub(crate) clock: TestClock,
    threads: Vec<JoinHandle<()>>,
    clock_thread: JoinHandle<()>,
}

/// A notification that every webhook of these tests matches.
pub(crate) struct Note(pub(crate) u64);

/// A driver that is dropped after some polls, even in the middle of its work.
pub(crate) struct ShortLived {
    driver: Option<Driver>,
    polls: u64,
}

static EVERYTHING: LazyLock<Filter> = LazyLock::new(|| Filter::everything(&security::FILTERS));

impl World {
    pub(crate) fn new(reply: fn(&Arrival) -> Reply) -> Self {
        Self::with_config(reply, Config::default())
    }

    pub(crate) fn with_config(reply: fn(&Arrival) -> Reply, config: Config) -> Self {
        let (clock, network) = (TestClock::default(), Network::default());
        let (transport, run) = network.open(&clock, reply);
        let notifier = Notifier::with_config(transport, clock.clone(), config.with_seed(1));
        let running = clock.clone();
        let clock_thread = named(CLOCK, move || block_on(running.run()));
        let threads = vec![named("network", move || block_on(run))];
        Self { notifier, network, clock, threads, clock_thread }
    }

    /// Spawns drivers, each on a thread.
    pub(crate) fn drive(&mut self, drivers: usize) {
        for _ in 0..drivers {
            let driver = self.notifier.driver();
            self.threads.push(named("driver", move || block_on(driver)));
        }
    }

    /// Spawns a driver that is dropped after a few polls.
    pub(crate) fn drive_briefly(&mut self) -> JoinHandle<()> {
        let short_lived = ShortLived { driver: Some(self.notifier.driver()), polls: 1 + below(4) };
        named("short-lived driver", move || block_on(short_lived))
    }

    /// Spawns a thread with a handle to the notifier.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        act: impl FnOnce(Notifier) -> T + Send + 'static,
    ) -> JoinHandle<T> {
        let notifier = self.notifier.clone();
        named("host", move || act(notifier))
    }

    pub(crate) fn flush(&self) -> Stats {
        block_on(self.notifier.flush(FOREVER))
    }

    /// Shuts the notifier down and waits until everything has ended.
    pub(crate) fn end(self) -> (Stats, Network) {
        let closing = block_on(self.notifier.shutdown(FOREVER));
        assert!(matches!(self.notifier.publish(&Note(0)), Err(PublishError::Closed)));
        check(&closing);
        assert_eq!(
            closing,
            self.notifier.total(),
            "the statistics must not change after the shutdown"
        );
        (closing, self.join())
    }

    /// Drops this handle and waits until everything has ended.
    pub(crate) fn join(self) -> Network {
        let Self { notifier, network, clock, threads, clock_thread } = self;
        drop(notifier);
        // The network thread ends only after the notifier is freed.
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        clock.end();
        clock_thread.join().unwrap();
        network
    }
}

/// Asserts that the statistics add up and nothing is pending.
pub(crate) fn check(stats: &Stats) {
    assert_eq!(stats.matched, stats.accepted + stats.rejected, "{stats}");
    let ended = stats.delivered + stats.dead + stats.dropped.total();
    assert_eq!(stats.accepted, ended, "{stats}");
    assert_eq!(stats.pending(), 0, "{stats}");
}

/// Returns a webhook that matches everything, in batches of one.
pub(crate) fn webhook() -> Webhook {
    with_policy(policy(3))
}

pub(crate) fn with_policy(policy: Policy) -> Webhook {
    Webhook::new("http://127.0.0.1:9/", EVERYTHING.clone()).unwrap().with_policy(policy)
}

/// Returns a policy with attempts of 10 ms, 5 ms apart. If `attempts` is 0, their number is
/// unlimited.
pub(crate) fn policy(attempts: u32) -> Policy {
    let backoff = Backoff::constant(ms(5)).unwrap();
    let retry = Retry::new(Attempts::at_most(attempts).unwrap_or(Attempts::Unlimited), backoff)
        .with_retry_on(RetryOn::AnyFailure);
    Policy::default().with_retry(retry).with_timeout(ms(10)).unwrap()
}

pub(crate) fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Publishes a notification that at least one webhook must accept.
pub(crate) fn publish(notifier: &Notifier, id: u64) -> Receipt {
    notifier.publish(&Note(id)).unwrap()
}

/// Returns a number below `bound`, chosen by the seed of the schedule.
pub(crate) fn below(bound: u64) -> u64 {
    thread_rng().next_u64() % bound
}

/// Returns one of `these`, chosen by the seed of the schedule.
pub(crate) fn one_of<T: Copy, const N: usize>(these: [T; N]) -> T {
    these[below(N as u64) as usize]
}

fn named<T: Send + 'static>(name: &str, act: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    thread::Builder::new().name(name.to_owned()).spawn(act).unwrap()
}

impl Future for ShortLived {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Some(driver) = &mut self.driver else { return Poll::Ready(()) };
        if Pin::new(driver).poll(context).is_ready() {
            return Poll::Ready(());
        }
        self.polls -= 1;
        if self.polls > 0 {
            return Poll::Pending;
        }
        self.driver = None;
        Poll::Ready(())
    }
}

impl Notification for Note {
    fn schema(&self) -> &'static Schema {
        &security::EVENTS
    }

    fn id(&self) -> Cow<'_, str> {
        Cow::Owned(self.0.to_string())
    }

    fn kind(&self) -> &str {
        "event_created"
    }

    fn attributes(&self, _values: &mut Values) {}

    fn encode(&self, _rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend_from_slice(self.0.to_string().as_bytes());
        Ok(())
    }
}
