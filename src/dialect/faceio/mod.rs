//! FACEIO, whose events report that a user was enrolled or authenticated, or that a Facial ID was
//! deleted.
//!
//! Everything in this module is documented unless an item says otherwise.
//!
//! ```
//! use recohook::faceio::{self, Details, Event, EventName, Gender};
//!
//! let enrolled = Event::new(EventName::Enroll, "facial-id", "app-id", "198.51.100.7")
//!     .details(Details::empty().timestamp("2026-03-19").gender(Gender::Female).age("31"));
//!
//! let body = serde_json::to_vec(&enrolled)?;
//! assert_eq!(faceio::parse_delivery(&body)?, [enrolled]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The system identifies itself by a token in a header. The token is the same in every request. It
//! proves nothing about the body, and anybody who has read one request can forge others. If the
//! receiver can check a signature, add one with [`HmacSha256`](crate::signature::HmacSha256).

mod event;
mod filter;
mod policy;
#[cfg(test)]
mod tests;

pub use event::{Details, EVENTS, Event, EventName, Gender, RAW, parse_delivery, parse_items};
pub use filter::FILTERS;
pub use policy::{policy, profile, signer};
