//! What filters look at: the [`Schema`] of a topic and the [`Record`] of one notification.
//!
//! A schema names the attributes of one kind of notification (a *topic*: `events`, `episodes`)
//! and what type each has. A record holds one notification's values in the shape a compiled
//! filter reads. It is owned and meant to be reused: filling a warm record allocates nothing.
//!
//! ```
//! use recohook::attribute::{Attribute, AttributeId, Record, Schema};
//!
//! static PASSAGE: Schema = Schema::new(
//!     "passages",
//!     &[Attribute::int("door"), Attribute::ints("zones"), Attribute::bool("granted")],
//! );
//! const DOOR: AttributeId = PASSAGE.expect("door");
//! const GRANTED: AttributeId = PASSAGE.expect("granted");
//!
//! let mut record = Record::new();
//! record.reset(&PASSAGE);
//! record.int(DOOR, 7);
//! record.bool(GRANTED, None);
//! assert!(record.is_present(DOOR));
//! assert!(!record.is_present(GRANTED), "null satisfies no filter key");
//! assert!(record.error().is_none());
//! ```

mod distinct;
mod error;
mod record;
mod schema;
mod span;

pub(crate) use distinct::keep_one_each;
pub use error::AttributeError;
pub use record::Record;
pub(crate) use record::{bit, number_bits};
pub(crate) use schema::same;
pub use schema::{Attribute, AttributeId, AttributeKind, Schema, SchemaId};
