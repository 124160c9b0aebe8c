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
//! | register on a notifier or an engine by the same code | [`Registrar`] |
//! | register by a system's REST objects | [`findface::Webhooks`], [`openbiometrics::Webhooks`] |
//! | deliver as a receiver is used to | [`Profile`], and the `profile` of each system |
//! | publish documented notifications | the [systems](#systems): [`findface`], [`openbiometrics`], [`faceio`] |
//! | publish types of one's own | [`Notification`], [`attribute::Schema`], [`filter::Table`], [`filter::Section::native`] |
//! | send with a client of one's own | [`Transport`] |
//! | see what happens | [`Notifier::reports`], [`Notifier::stats`], [`DeadLetterHandler`] |
//! | read reports, dead letters and statistics | [`report`] |
//! | show what happened lately | [`History`] |
//! | see why a filter wants something, or what is wrong with it | [`Filter::explain`], [`Filter::lint`] |
//! | receive | the `parse_delivery` of each system, [`signature::Verifier`] |
//! | publish bytes, not types | [`raw`], and the `RAW` of each system |
//! | match without delivering | [`Filter::matches`], [`FilterIndex`] |
//! | know what it costs, and against whom | [`performance`] |
//! | drive the core below [`Engine`] and [`Notifier`] | [`unstable`] |
//! | test a host or a transport | `testing`, with the feature of that name |
//!
//! What it guarantees, and the features, are in the README.
#![doc = include_str!("dialect/systems.md")]

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
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;
mod webhook;

pub use async_trait::async_trait;
pub use base::{DeliveryId, HeaderError, Limits, Moment, WebhookId};
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
pub use webhook::{Framing, Profile, Registrar, RegistryError, Replaced, Webhook, WebhookError};

/// What becomes of notifications: reports, dead letters and statistics.
pub mod report {
    pub use crate::dispatch::{
        Batch, DeadLetter, DeadLetterReason, DropReason, DropStats, FailureCause, Report,
        ReportEvent, Stats, Status,
    };
}

/// Parts that a later 0.x release may change without notice. Semantic versioning does not cover
/// them.
///
/// The [`Dispatcher`](unstable::Dispatcher) is the sans-IO core below [`Engine`] and [`Notifier`].
pub mod unstable {
    pub use crate::dispatch::{Delivery, Dispatcher, Effects, Outcome, WebhookKey};
}

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
