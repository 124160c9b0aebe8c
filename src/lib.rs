//! Outgoing webhooks for a recognition server.
//!
//! A server links this library and publishes typed notifications: a face was seen, an episode
//! closed, a counter counted. recohook finds the registered webhooks whose filters match. It puts
//! the notifications into batches, signs them, retries failed deliveries, and hands finished HTTP
//! requests to a transport of the server's choice.
//!
//! It speaks the wire formats of several [recognition systems](#systems), so receivers that were
//! written for these systems can keep working without a change. A host's own types of notification
//! work the same way. In this documentation, the *host* is the program that links the crate.
//!
//! # Getting started
//!
//! This program sends one event to a receiver on port 8888. It needs the feature `hyper`, and tokio
//! with the features `macros` and `rt-multi-thread`.
//!
#![cfg_attr(feature = "hyper", doc = "```")]
#![cfg_attr(not(feature = "hyper"), doc = "```ignore")]
//! use recohook::clock::TokioClock;
//! use recohook::findface::security::{self, Event};
//! use recohook::signature::{HmacSha256, Secret};
//! use recohook::transport::HyperTransport;
//! use recohook::{Filter, Notifier, Webhook};
//! use std::time::Duration;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let notifier = Notifier::new(HyperTransport::new(), TokioClock::new());
//!     // A driver sends what is published. Several drivers share the work.
//!     tokio::spawn(notifier.driver());
//!
//!     // Print each attempt, with the reason if it failed.
//!     let mut reports = notifier.reports();
//!     let log = tokio::spawn(async move {
//!         while let Some(reported) = reports.next().await {
//!             println!("{reported}");
//!         }
//!     });
//!
//!     let filter = r#"{"events": {"camera_in": [3], "matched": true}}"#;
//!     let filter = Filter::parse(filter, &security::FILTERS)?;
//!     let webhook = Webhook::new("http://127.0.0.1:8888/", filter)?
//!         .with_profile(security::profile())
//!         .with_signer(HmacSha256::new(&Secret::new("correct horse battery staple")?));
//!     notifier.insert("front gate", webhook)?;
//!
//!     // Any thread can publish. It does not wait for the network.
//!     let event = Event::new("4267625862518432158").camera(3).matched(true).confidence(0.91);
//!     let receipt = notifier.publish(&event)?;
//!     assert_eq!((receipt.matched, receipt.queued), (1, 1));
//!
//!     // Wait until everything is delivered, for one second at most.
//!     let stats = notifier.shutdown(Duration::from_secs(1)).await;
//!     log.await?;
//!     println!("{stats}");
//! #   assert_eq!((stats.accepted, stats.pending()), (1, 0));
//!     Ok(())
//! }
//! ```
//!
//! A receiver that listens there and verifies the signature is among the examples:
//! `cargo run --features hyper --example receiver -- 127.0.0.1:8888`. If nothing listens there, the
//! program prints why each attempt failed and drops the event after one second.
//!
//! # Guarantees
//!
//! - **At least once, while the process runs.** Each notification that a webhook accepts is
//!   eventually delivered, dead or dropped. [`Stats`](report::Stats), [`Reports`] and the
//!   [`DeadLetterHandler`] show which. A notification is dead if its last attempt failed, or if its
//!   failure is not retried. It is dropped if its queue overflowed, the webhook was removed, or the
//!   shutdown came first. Nothing is stored: if the process ends without a
//!   [`shutdown`](Notifier::shutdown), everything pending is lost. A receiver may get a delivery
//!   more than once, for example if its response was lost. All attempts of a delivery have the same
//!   [`DeliveryId`], and no other run of the program uses that id.
//! - **Exact statistics.** For each webhook and at any moment, matched = accepted + rejected, and
//!   accepted = delivered + dead + dropped + pending.
//! - **Order.** The batches of one webhook and topic are sent in the order of publishing. The next
//!   batch is sent only after the previous batch has been delivered or given up, unless the policy
//!   allows [several at a time](policy::Policy::with_max_in_flight_batches).
//! - **Isolation.** Each webhook has its own queues, retries and limits, so a slow or dead receiver
//!   delays only its own notifications. All webhooks share the total limits. Failing webhooks start
//!   no new requests while their requests use half of the total limit on requests in flight. If the
//!   queues reach a total limit, every webhook rejects new notifications or drops old ones.
//! - **Bounded memory.** [`Limits`], the webhook's [`Policy`](policy::Policy) and [`Config`] bound
//!   queues, requests in flight, batches, responses, headers, filters and unread reports. If a
//!   queue is full, the policy rejects the new notification or drops the oldest. The host must
//!   bound the number of webhooks and the metadata that it attaches to them.
//! - **Strict filters.** An unknown key is an error that names the key's position and the nearest
//!   known key. Therefore a misspelt filter is refused and never matches more than its author
//!   meant.
//! - **No host code runs under a lock**, and [`publish`](Notifier::publish) does not wait for I/O.
//!   It encodes a notification only if a webhook wants it: once, or twice if webhooks want both
//!   [renderings](Rendering).
//!
//! [`design`] explains how the crate keeps these promises.
//!
//! # Features
//!
//! No feature is on by default. The default build has no async runtime, no TLS and no network client
//! in its dependency tree.
//!
//! | feature | adds | dependencies |
//! |---|---|---|
//! | `tokio` | `clock::TokioClock`, which uses the timer of a tokio runtime | `tokio` |
//! | `hyper` | `transport::HyperTransport`: HTTP/1.1 with a connection pool, on a tokio runtime; includes `tokio` | `hyper`, `http-body-util`, `base64` |
//! | `rustls` | https for `HyperTransport`, with the root certificates of the platform; includes `hyper` | `rustls`, `tokio-rustls`, `rustls-platform-verifier` |
//! | `gzip` | `Profile::with_gzip_above`: compressed bodies | `flate2` |
//! | `testing` | a scripted transport and a manual clock, for tests of a host or a transport | none |
//!
//! The crate re-exports [`async_trait`](macro@async_trait), [`bytes`], [`http`] and [`serde_json`].
//! A host adds other crates itself: `tokio` for the features `tokio` and `hyper`; `futures`, or a
//! crate like it, for `block_on`, for the streams of [`Body::stream`](transport::Body::stream) and
//! for the executor of a test; `serde` to write its own notifications as JSON.
//!
//! # Where to find it
//!
//! | to | use |
//! |---|---|
//! | publish from any thread and send on any executor | [`Notifier`] and its [`Driver`]s |
//! | publish and send without async | [`Engine`] |
//! | choose who gets what | [`Webhook`], [`Filter`], [`signature`] |
//! | set batches, timeouts, retries and what counts as success | [`policy`] |
//! | deliver in the way that a system's receivers expect | [`Profile`], and the `profile` of each [system](#systems) |
//! | implement the REST API of a system | [`findface::Webhooks`], [`openbiometrics::Webhooks`] |
//! | register webhooks on a notifier or an engine with the same code | [`Registrar`] |
//! | publish the notifications of a system | [`findface`], [`openbiometrics`], [`faceio`] |
//! | publish types of your own | [`Notification`], [`attribute::Schema`], [`filter::Table`] |
//! | choose the filter keys of your own types | [`filter::Section::native`] derives them, [`filter::Section::new`] lists them |
//! | publish JSON without a model | [`raw`], and the `RAW` of each system |
//! | send with your own HTTP client | [`Transport`] |
//! | decide where requests may go | [`target`] |
//! | follow deliveries and failures | [`Notifier::reports`], [`Notifier::stats`], [`DeadLetterHandler`], [`report`] |
//! | show recent notifications | [`History`] |
//! | find out why a filter matches or not, and what is wrong with it | [`Filter::explain`], [`Filter::lint`] |
//! | find out what receivers will not expect | [`Webhook::lint`] |
//! | describe filters, registrations and bodies in a form or an OpenAPI document | [`Table::json_schema`](filter::Table::json_schema), [`Webhooks::json_schema`](findface::Webhooks::json_schema), `json_schema` of each model |
//! | match notifications without delivering them | [`Filter::matches`], [`FilterIndex`] |
//! | write a receiver | the `parse_delivery` of each system, [`signature::Verifier`] |
//! | test a host or a transport | the module `testing`, with the feature of that name |
//! | learn how it works inside, step by step: lanes, [retries], [`Retry-After`], locks | [`design`] |
//! | [add a system](design#how-do-i-add-a-system-to-this-crate) to the crate | [`design`] |
//! | know what receivers and subscribers can and cannot do | [`security`] |
//! | compare its speed with other engines and crates | [`performance`] |
//! | use the core below [`Engine`] and [`Notifier`] | [`unstable`] |
//!
//! [retries]: design#how-is-a-retry-scheduled-step-by-step
//! [`Retry-After`]: design#how-does-retry-after-work
#![doc = include_str!("dialect/systems.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod attribute;
mod base;
pub mod clock;
mod dialect;
mod dispatch;
mod engine;
pub mod failure;
pub mod filter;
mod index;
mod notification;
mod notifier;
pub mod policy;
pub mod raw;
pub mod signature;
pub mod target;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;
mod webhook;

/// The attribute macro of the crate `async-trait`, for implementations of [`Transport`].
pub use async_trait::async_trait;
pub use base::{DeliveryId, HeaderError, HostError, Limits, Moment, WebhookId};
pub use bytes;
pub use clock::Clock;
pub use dialect::{faceio, findface, model, openbiometrics};
pub use dispatch::{AttemptId, FlushId, Receipt};
pub use engine::{
    Config, DeadLetterHandler, Engine, EngineRegistrar, Outgoing, PublishError, Reported, Reports,
};
pub use failure::FailureKind;
pub use filter::Filter;
pub use http;
pub use index::{FilterIndex, FilterSnapshot};
pub use notification::{EncodeError, Encoded, History, Notification, Rendering};
pub use notifier::{Driver, Notifier};
pub use serde_json;
pub use transport::Transport;
pub use webhook::{
    Framing, HeaderFallback, Profile, Registrar, RegistryError, Replaced, Webhook, WebhookError,
    WebhookWarning,
};

/// What happened to notifications: reports, dead letters and statistics.
///
/// [`Stats`](report::Stats) counts, a [`Report`](report::Report) describes one attempt or one final
/// result, and a [`DeadLetter`](report::DeadLetter) holds notifications that will not be delivered.
///
/// ```
/// use recohook::findface::security::{self, Event};
/// use recohook::report::DeadLetter;
/// use recohook::{Config, Engine, Filter, Moment, Webhook};
/// use std::sync::mpsc;
///
/// let (sender, dead_letters) = mpsc::channel();
/// let handler = move |dead: DeadLetter| drop(sender.send(dead));
/// let mut engine = Engine::with_config(Config::default().with_dead_letter_handler(handler));
/// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&security::FILTERS))?;
/// engine.insert("gate", webhook, Moment::ZERO)?;
/// engine.publish(&Event::new("42"), Moment::ZERO)?;
///
/// assert_eq!(engine.shutdown().dropped.shutdown, 1);
/// assert_eq!(dead_letters.recv()?.batch().items()[0].id(), "42");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub mod report {
    pub use crate::dispatch::{
        Batch, DeadLetter, DeadLetterReason, DropReason, DropStats, FailureCause, Level, Remark,
        Report, ReportEvent, Stats, Status,
    };
    pub use crate::engine::UnknownNotification;
}

/// Items that any release may change. Semantic Versioning does not cover them.
///
/// The [`Dispatcher`](unstable::Dispatcher) is the sans-IO core below [`Engine`] and [`Notifier`].
/// Its documentation contains the contract and an example.
pub mod unstable {
    pub use crate::dispatch::{Delivery, Dispatcher, Effects, Outcome, WebhookKey};
}

/// How the crate works inside and why it is built so, as questions and answers.
///
#[cfg(doc)]
#[doc = include_str!("design.md")]
pub mod design {}

/// What the crate does about receivers and subscribers that the host does not trust.
///
#[cfg(doc)]
#[doc = include_str!("security.md")]
pub mod security {}

/// What it costs to match, publish and deliver, compared with other engines and crates.
///
#[cfg(doc)]
#[doc = include_str!("performance.svg")]
#[doc = include_str!("performance.md")]
pub mod performance {}

/// The examples of the README, compiled and run.
#[cfg(all(doctest, feature = "hyper"))]
#[doc = include_str!("../README.md")]
struct Readme;
