//! Filters: what a webhook wants, read from JSON text and compiled.
//!
//! The [`Table`] of a system says which keys its filters have. The crate's dialects bring theirs;
//! a host declares one for notifications of its own. Parsing is strict: what is not understood is
//! an error with a place and a hint, so that no filter is broader than its author meant. A
//! compiled filter looks at a [`Record`] and allocates nothing.
//!
//! ```
//! use recohook::{
//!     Filter,
//!     attribute::{Attribute, Record, Schema},
//!     filter::{Key, Section, Table},
//! };
//!
//! static PASSAGES: Schema =
//!     Schema::new("passages", &[Attribute::int("door"), Attribute::bool("granted")]);
//! static FILTERS: Table = Table::new(&[Section::new(
//!     "passages",
//!     &PASSAGES,
//!     &[
//!         Key::one_of("door_in", PASSAGES.expect("door")).integers_from(1),
//!         Key::is("granted", PASSAGES.expect("granted")),
//!     ],
//! )]);
//!
//! let filter = Filter::parse(r#"{"passages": {"door_in": [7, 9]}}"#, &FILTERS)?;
//! let mut record = Record::new();
//! record.reset(&PASSAGES);
//! record.int(PASSAGES.expect("door"), 9);
//! assert!(filter.matches(&record));
//!
//! let error = Filter::parse(r#"{"passages": {"doors_in": [7]}}"#, &FILTERS).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "at /passages/doors_in: unknown key; did you mean \"door_in\"?",
//! );
//! # Ok::<(), recohook::filter::FilterError>(())
//! ```

mod ast;
mod compile;
mod error;
mod eval;
mod parse;
mod read;
mod suggest;
mod table;

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};

use self::ast::Form;
pub(crate) use self::compile::Program;
pub use self::{
    error::{FilterError, Hint},
    table::{Key, Section, Table},
};
use crate::{
    Limits,
    attribute::{Record, Schema, SchemaId},
};

/// A compiled filter. Cloning it shares it.
///
/// Keys are ANDed and the values of a list ORed. `{}` is everything; otherwise a section that is
/// not named is off, and a section `{}` passes all of its kind. A null or missing attribute
/// satisfies no key. `[]` matches nothing.
///
/// `Display` and `Serialize` write its normal form. Two filters are equal if that is the same:
/// sorted or not, with a value once or twice. Filters can match the same without being equal,
/// such as two that match nothing.
#[derive(Clone, Debug)]
pub struct Filter {
    form: Arc<Form>,
    /// One for each schema of which a record can pass.
    programs: Arc<[(SchemaId, Program)]>,
}

impl Filter {
    /// Reads a filter from JSON text, a `str` or bytes, within the default [`Limits`].
    ///
    /// # Errors
    /// Where the text is not JSON or says what `table` does not: see [`FilterError`].
    pub fn parse(text: impl AsRef<[u8]>, table: &'static Table) -> Result<Self, FilterError> {
        Self::parse_with(text, table, &Limits::default())
    }

    /// Reads a filter from JSON text within limits of the host's own.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(
        text: impl AsRef<[u8]>,
        table: &'static Table,
        limits: &Limits,
    ) -> Result<Self, FilterError> {
        parse::parse(text.as_ref(), table, limits).map(Self::compile)
    }

    /// The filter `{}`: all notifications that `table` knows.
    pub fn everything(table: &'static Table) -> Self {
        Self::compile(Form::everything(table))
    }

    /// Whether the filter wants this notification. One that its table does not know it doesn't.
    #[inline]
    pub fn matches(&self, record: &Record) -> bool {
        record.schema_id().is_some_and(|schema| {
            self.programs.iter().any(|(id, program)| *id == schema && program.matches(record))
        })
    }

    /// Whether any notification of `schema` can match.
    pub fn wants(&self, schema: &Schema) -> bool {
        self.programs.iter().any(|(id, _)| *id == schema.id())
    }

    /// The table that it was read with.
    pub fn table(&self) -> &'static Table {
        self.form.table
    }

    pub(crate) fn programs(&self) -> &[(SchemaId, Program)] {
        &self.programs
    }

    fn compile(form: Form) -> Self {
        let programs = form.sections().filter_map(|(section, clause)| {
            let schema = section.schema();
            Some((schema.id(), Program::compile(schema, clause)?))
        });
        Self { programs: programs.collect(), form: Arc::new(form) }
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.form == other.form
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.form.serialize(serializer)
    }
}

/// Writes JSON that is read as an equal filter.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}
