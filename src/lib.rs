//! Outgoing webhooks for a recognition server.
//!
//! A server publishes typed notifications; recohook decides which webhooks want them, batches,
//! retries and signs them, and hands finished HTTP requests to a transport of the server's choice.
//!
//! | to | use |
//! |---|---|
//! | publish from any thread and send on any executor | [`Notifier`] and its [`Driver`]s |
//! | do without async | [`Engine`] |
//! | register who gets what | [`Webhook`], [`Filter`], [`signature`] |
//! | register by a system's REST objects | [`findface::Webhooks`], [`openbiometrics::Webhooks`] |
//! | deliver as a receiver is used to | [`Profile`], and the `profile` of each system |
//! | publish documented notifications | the [systems](#systems): [`findface`], [`openbiometrics`], [`faceio`] |
//! | publish types of one's own | [`Notification`], [`attribute::Schema`], [`filter::Table`], [`filter::Section::native`] |
//! | send with a client of one's own | [`Transport`] |
//! | see what happens | [`Notifier::reports`], [`Notifier::account`], [`DeadLetters`] |
//! | show what happened lately | [`History`] |
//! | see why a filter wants something, or what is wrong with it | [`Filter::explain`], [`Filter::lint`] |
//! | receive | the `parse_delivery` of each system, [`signature::Verifier`] |
//! | publish bytes, not types | [`raw`], and the `RAW` of each system |
//! | match without delivering | [`Filter::matches`], [`FilterIndex`] |
//! | know what it costs, and against whom | [`performance`] |
//! | test a host or a transport | `testing`, with the feature of that name |
//!
//! What it guarantees, and the features, stand in the README.
#![doc = include_str!("dialect/systems.md")]

pub mod attribute;
mod budget;
mod calendar;
pub mod clock;
mod config;
mod dialect;
pub mod dispatch;
mod engine;
mod failure;
pub mod filter;
mod header;
mod history;
mod id;
mod index;
mod json;
mod limits;
mod moment;
mod notification;
mod notifier;
pub mod policy;
mod publish;
mod random;
pub mod raw;
mod registry;
mod reports;
mod request;
mod retry_after;
mod router;
pub mod signature;
mod sync;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;
mod webhook;

pub use async_trait::async_trait;
pub use bytes;
pub use clock::Clock;
pub use config::{Config, DeadLetters};
pub use dialect::{faceio, findface, model, openbiometrics};
pub use engine::{Engine, Outgoing};
pub use failure::FailureKind;
pub use filter::Filter;
pub use header::HeaderError;
pub use history::History;
pub use http;
pub use id::{DeliveryId, WebhookId};
pub use index::{FilterIndex, FilterSnapshot};
pub use limits::Limits;
pub use moment::Moment;
pub use notification::{EncodeError, Encoded, Notification, Rendering};
pub use notifier::{Driver, Notifier};
pub use publish::{PublishError, Receipt};
pub use registry::{RegistryError, Replaced};
pub use reports::{Reported, Reports};
pub use serde_json;
pub use transport::Transport;
pub use webhook::{Framing, Profile, Webhook, WebhookError};

/// What it costs to match, publish and deliver, against other engines and crates.
///
#[cfg(doc)]
#[doc = include_str!("performance.svg")]
#[doc = include_str!("performance.md")]
pub mod performance {}

/// The README's example, compiled and run.
#[cfg(all(doctest, feature = "hyper"))]
#[doc = include_str!("../README.md")]
struct Readme;
