//! FindFace Multi 2.x, which has events for faces, bodies and vehicles, as well as episodes,
//! counter records and area notifications.
//!
//! The sections and keys of a webhook's filters are documented, but the body of a delivery is not.
//! The models have the fields that are documented for the vendor's REST interface. If nothing else
//! is known about a model, it has the fields of FindFace Security 2020 (inferred). All other fields
//! of a body are kept.
//!
//! ```
//! use recohook::findface::multi::{AnyNotification, FaceEvent, Features, delivery_schema, parse_delivery, parse_items};
//!
//! let features = Features::default().with("gender", "female", 0.99).with("age", 33.0, 1.0);
//! let event = FaceEvent::new("4267625862518432158").camera(3).camera_group(1).features(features);
//! let body = serde_json::to_vec(&[event.clone()])?;
//!
//! for notification in parse_delivery(&body)? {
//!     match notification {
//!         AnyNotification::Face(received) => assert_eq!(*received, event),
//!         other => println!("{other:?}"),
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod any_notification;
mod area;
mod counter;
mod entities;
mod episode;
mod event;
mod features;
mod filter;
mod kinds;
mod tested_features;
#[cfg(test)]
mod tests;

pub use super::policy::{policy, profile};
pub use any_notification::{AnyNotification, RAW, delivery_schema, parse_delivery, parse_items};
pub use area::{AREAS, AreaNotification};
pub use counter::{COUNTERS, CounterRecord};
pub use entities::{Area, Camera, CameraGroup, Card, Counter, WatchList};
pub use episode::{CAR_EPISODES, CarEpisode, HUMAN_EPISODES, HumanEpisode};
pub use event::{BODY_EVENTS, BodyEvent, CAR_EVENTS, CarEvent, FACE_EVENTS, FaceEvent};
pub use features::Features;
pub use filter::{FILTERS, webhooks};
pub use kinds::{BsType, EventModelClass, EventType, ObjectType, WebhookType};
