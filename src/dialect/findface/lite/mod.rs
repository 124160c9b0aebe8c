//! FindFace Lite. It has events for faces, cars and license plates, and its filters have no
//! sections.
//!
//! The filter keys and the names that they accept are documented. Only a running server documents
//! the body of an event. [`Event`] is therefore inferred from the keys, as stated in the docs of
//! each field.
//!
//! ```
//! use recohook::findface::lite::{
//!     Event, EventType, Features, Medmask, MedmaskName, parse_delivery,
//! };
//!
//! let event = Event::new(42, EventType::Face)
//!     .camera(1)
//!     .confidence(0.78)
//!     .features(Features::empty().medmask(Medmask::new(MedmaskName::Correct, 0.93)));
//! let body = serde_json::to_vec(&[&event])?;
//! assert_eq!(parse_delivery(&body)?, [event]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod event;
mod event_id;
mod features;
mod filter;
mod kinds;
mod registration;
#[cfg(test)]
mod tests;

pub use super::policy::{policy, profile};
pub use event::{EVENTS, Event, RAW, delivery_schema, parse_delivery, parse_items};
pub use event_id::EventId;
pub use features::{Features, Headpose, LicensePlateVisibility, Medmask, Orientation, SpecialType};
pub use filter::{FILTERS, FILTERS_REALTIME_IS_ALL, webhooks};
pub use kinds::{
    BsType, EventType, LicensePlateVisibilityName, MedmaskName, OrientationName, SpecialTypeName,
};
pub use registration::{Changes, Registration};
