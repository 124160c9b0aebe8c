//! What filters look at: the [`Schema`] of a topic and the [`Values`] of one notification.
//!
//! A schema names the attributes of one kind of notification (a *topic*: `events`, `episodes`)
//! and what type each has. [`Values`] hold those of one notification in the form that a compiled
//! filter reads. They are owned and meant to be reused: filling them again allocates nothing.
//!
//! ```
//! use recohook::attribute::{Attribute, AttributeId, Values, Schema};
//!
//! static PASSAGE: Schema = Schema::new(
//!     "passages",
//!     &[Attribute::int("door"), Attribute::ints("zones"), Attribute::bool("granted")],
//! );
//! const DOOR: AttributeId = PASSAGE.expect("door");
//! const GRANTED: AttributeId = PASSAGE.expect("granted");
//!
//! let mut values = Values::new();
//! values.reset(&PASSAGE);
//! values.int(DOOR, 7);
//! values.bool(GRANTED, None);
//! assert!(values.is_present(DOOR));
//! assert!(!values.is_present(GRANTED), "null satisfies no filter key");
//! assert!(values.error().is_none());
//! ```

mod dedup;
mod error;
mod schema;
mod span;
mod values;

pub(crate) use dedup::dedup_from;
pub use error::AttributeError;
pub(crate) use schema::str_eq;
pub use schema::{Attribute, AttributeId, AttributeKind, Schema, SchemaId};
pub use values::Values;
pub(crate) use values::{bit, number_bits};
