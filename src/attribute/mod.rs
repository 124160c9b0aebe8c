//! The attributes that filters test: the [`Schema`] of a topic, and the [`Values`] of one
//! notification.
//!
//! A schema lists the attributes of the notifications of one *topic*, such as `events` or
//! `episodes`, and the kind of each attribute. [`Values`] stores the attributes of one notification
//! in the form that compiled filters read. A `Values` is meant to be reused. Once its buffers have
//! grown, setting the attributes of another notification does not allocate.
//!
//! A host that publishes its own types declares a schema and sets the attributes in
//! [`Notification::attributes`](crate::Notification::attributes). Only the data that filters test
//! needs attributes. A notification's JSON text may contain much more.
//!
//! ```
//! use recohook::attribute::{Attribute, AttributeId, Schema, Values};
//!
//! static PASSAGES: Schema = Schema::new(
//!     "passages",
//!     &[Attribute::int("door"), Attribute::ints("zones"), Attribute::bool("granted")],
//! );
//! const DOOR: AttributeId = PASSAGES.expect("door");
//! const GRANTED: AttributeId = PASSAGES.expect("granted");
//!
//! let mut values = Values::new();
//! values.reset(&PASSAGES);
//! values.int(DOOR, 7);
//! values.bool(GRANTED, None);
//! assert!(values.is_present(DOOR));
//! assert!(!values.is_present(GRANTED), "null");
//! assert!(values.error().is_none());
//! ```

mod const_text;
mod dedup;
mod error;
mod kind;
mod schema;
mod span;
mod values;

pub(crate) use const_text::str_eq;
pub(crate) use dedup::dedup_from;
pub use error::AttributeError;
pub use kind::{Attribute, AttributeKind};
pub use schema::{AttributeId, Schema, SchemaId};
pub use values::{Unread, Values};
pub(crate) use values::{bit, number_bits};
