//! FindFace Security 4.2 and later, as documented in 2020. It has events, episodes and counter
//! records.
//!
//! A server creates notifications and publishes them. A receiver parses the body of a delivery into
//! the same types.
//!
//! ```
//! use recohook::findface::security::{AnyNotification, Event, delivery_schema, parse_delivery, parse_items};
//!
//! let event = Event::new("4267625862518432158")
//!     .camera(3)
//!     .camera_group(1)
//!     .matched_lists([4])
//!     .matched_dossier(12)
//!     .matched(true)
//!     .confidence(0.91);
//! let body = serde_json::to_vec(&[event.clone()])?;
//!
//! for notification in parse_delivery(&body)? {
//!     match notification {
//!         AnyNotification::Event(received) => assert_eq!(*received, event),
//!         other => println!("{other:?}"),
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod any_notification;
mod counter;
mod entities;
mod episode;
mod event;
mod event_ref;
mod filter;
mod kinds;
#[cfg(test)]
mod tests;

pub use super::{
    log_lines::{reception_line, update_lines},
    policy::{policy, profile},
};
pub use any_notification::{AnyNotification, RAW, delivery_schema, parse_delivery, parse_items};
pub use counter::{COUNTERS, CounterRecord};
pub use entities::{Camera, CameraGroup, Counter, Dossier, HealthStatus, Outline, WatchList};
pub use episode::{EPISODES, Episode};
pub use event::{EVENTS, Event, Features, Scores, Track};
pub use event_ref::EventRef;
pub use filter::{FILTERS, webhooks};
pub use kinds::{BsType, EventType, WebhookType};
