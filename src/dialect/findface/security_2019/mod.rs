//! FindFace Security 2.x to 4.1, as documented in 2019. It has events, and its filters have no
//! sections.
//!
//! The documented filters test the camera group of an event, but the documented body does not
//! contain it. Therefore a server sets the camera group on the model, where only filters see it.
//!
//! ```
//! use recohook::findface::security_2019::{Event, delivery_schema, parse_delivery, parse_items};
//!
//! let event = Event::new("4173669353687265180")
//!     .camera(2)
//!     .matched(true)
//!     .matched_dossier(12)
//!     .camera_group(1); // for filters only
//! let body = serde_json::to_vec(&[&event])?;
//!
//! let [received] = &parse_delivery(&body)?[..] else { panic!("one event") };
//! assert_eq!(received.matched_dossier, 12.into());
//! assert_eq!(received.camera_group, None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod event;
mod filter;
#[cfg(test)]
mod tests;

pub use super::{
    log_lines::{LogLine, log_line},
    policy::{policy, profile},
};
pub use event::{
    EVENTS, Event, Features, RAW, Scores, delivery_schema, parse_delivery, parse_items,
};
pub use filter::{FILTERS, webhooks};
