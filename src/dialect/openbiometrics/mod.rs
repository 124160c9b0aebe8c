//! OpenBiometrics, whose events have ten documented types. Events of any other type are supported
//! as well.
//!
//! A webhook subscribes to types and receives one event per request. If the webhook has a secret,
//! the body is signed. Everything in this module is documented unless an item says otherwise.
//!
//! ```
//! use recohook::openbiometrics::{self, Event, EventType, Match};
//!
//! let event = Event::new("evt_9f8e7d6c", EventType::WatchlistAlert, "2026-03-19T10:32:15+00:00")
//!     .source("face_pipeline")
//!     .data(Match { watchlist: Some("vip"), similarity: Some(0.93), ..Match::default() })
//!     .camera_id("lobby-cam-1");
//!
//! let body = serde_json::to_vec(&event)?;
//! let received = openbiometrics::parse_delivery(&body)?;
//! assert_eq!(received, [event]);
//! assert_eq!(received[0].as_match().and_then(|found| found.watchlist), Some("vip"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod event;
mod filter;
mod matched;
mod policy;
mod recent;
mod registration;
mod signature;
#[cfg(test)]
mod tests;
mod webhooks;

pub use crate::dialect::{json_object::UnknownFields, registration_error::RegistrationError};
pub use event::{EVENTS, Event, EventType, RAW, parse_delivery, parse_items};
pub use filter::{FILTERS, subscription};
pub use matched::Match;
pub use policy::{policy, profile};
pub use recent::{RecentOrder, RecentQuery};
pub use registration::{Changes, Registered, Registration, Removed, UnknownTypes, UrlRule};
pub use signature::{engine_signer, signer};
pub use webhooks::{Webhooks, webhooks};
