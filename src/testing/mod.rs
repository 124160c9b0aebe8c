//! Tools for tests of hosts and of transports: a [`ManualClock`], which only a test moves, and a
//! [`ScriptedTransport`], which answers from a script.
//!
//! A test of a host drives the whole path, with retries and timeouts, without waiting. This one
//! uses the executor of the crate `futures` (with its default features), a dev-dependency:
//!
//! ```
//! use futures::{executor::LocalPool, task::LocalSpawnExt};
//! use recohook::findface::security::{self, Event};
//! use recohook::http::StatusCode;
//! use recohook::testing::{ManualClock, Reply, ScriptedTransport};
//! use recohook::{Filter, Notifier, Webhook};
//! use std::time::Duration;
//!
//! let clock = ManualClock::new();
//! let transport = ScriptedTransport::new(clock.clone());
//! transport.push(Reply::status(StatusCode::METHOD_NOT_ALLOWED));
//!
//! let notifier = Notifier::new(transport.clone(), clock.clone());
//! let webhook = Webhook::new("http://receiver/", Filter::everything(&security::FILTERS))?;
//! notifier.insert("front", webhook.with_policy(security::policy()))?;
//! let mut pool = LocalPool::new();
//! pool.spawner().spawn_local(notifier.driver())?;
//! notifier.publish(&Event::new("42"))?;
//!
//! // Runs the driver, then moves the clock to the next moment that it waits for, and so on.
//! pool.run_until_stalled();
//! while let Some(at) = clock.next_wake() {
//!     clock.advance_to(at);
//!     pool.run_until_stalled();
//! }
//! let requests = transport.requests();
//! assert_eq!(requests.len(), 2);
//! assert_eq!(requests[1].at() - requests[0].at(), Duration::from_millis(270));
//! assert_eq!(notifier.total().delivered, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A transport can also be called by itself, with a [`Context`](crate::transport::Context) of the
//! test's own: see [`ScriptedTransport`].

mod manual_clock;
mod reply;
mod scripted_transport;

pub use manual_clock::ManualClock;
pub use reply::{Reply, ReplyBody};
pub use scripted_transport::{RecordedRequest, ScriptedTransport};
