//! FACEIO: a face was enrolled, authenticated or deleted. All documented, but where it says
//! otherwise.
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
//! The system proves itself with a token in a header that is the same in each request. It proves
//! nothing about the body, and who reads one request can send others. Where a receiver can check
//! one, put a signature beside it: [`HmacSha256`](crate::signature::HmacSha256).

mod event;
mod filter;
mod policy;
#[cfg(test)]
mod tests;

pub use event::{Details, EVENTS, Event, EventName, Gender, RAW, parse_delivery};
pub use filter::FILTERS;
pub use policy::{policy, profile, signer};
