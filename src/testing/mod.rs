//! Tools for testing hosts and transports: a [`ManualClock`], which moves only if a test moves it,
//! and a [`ScriptedTransport`], which replies from a script.
//!
//! A host's test can run the whole path of a delivery, including retries and timeouts, without
//! waiting. This test uses the executor of the crate `futures` (with its default features), which
//! must be a dev-dependency:
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
//! // Alternately runs the driver and moves the clock to the next moment that the driver waits for.
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
//! A transport can also be called on its own, with a [`Context`](crate::transport::Context) that
//! the test creates (see [`ScriptedTransport`]).

mod manual_clock;
mod reply;
mod scripted_transport;

pub use manual_clock::ManualClock;
pub use reply::{Reply, ReplyBody};
pub use scripted_transport::{RecordedRequest, ScriptedTransport};
