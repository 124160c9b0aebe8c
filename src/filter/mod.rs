//! Filters: what a webhook wants, read from JSON text and compiled.
//!
//! The [`Table`] of a system says which keys its filters have. The crate's dialects bring theirs;
//! a host declares one for notifications of its own. Parsing is strict: what is not understood is
//! an error with a place and a hint, so that no filter is broader than its author meant. A
//! compiled filter looks at a [`Values`] and allocates nothing.
//!
//! ```
//! use recohook::{
//!     Filter,
//!     attribute::{Attribute, Values, Schema},
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
//! let mut values = Values::new();
//! values.reset(&PASSAGES);
//! values.int(PASSAGES.expect("door"), 9);
//! assert!(filter.matches(&values));
//!
//! let error = Filter::parse(r#"{"passages": {"doors_in": [7]}}"#, &FILTERS).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "at /passages/doors_in: unknown key; did you mean \"door_in\"?",
//! );
//! # Ok::<(), recohook::filter::FilterError>(())
//! ```
//!
//! # The native language
//!
//! A host need not list keys: [`Section::native`] gives a schema those of the native language. The
//! same language serves over a dialect's schema for what that dialect cannot say.
//!
//! ```
//! use recohook::{Filter, attribute::{Attribute, Values, Schema}, filter::{Section, Table}};
//!
//! static PASSAGES: Schema = Schema::new(
//!     "passages",
//!     &[Attribute::int("door"), Attribute::text("badge"), Attribute::bool("granted")],
//! );
//! static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
//!
//! let filter = Filter::parse(
//!     r#"{"door_in": [7, 9], "any": [{"granted": false}, {"badge_prefix": "visitor-"}]}"#,
//!     &FILTERS,
//! )?;
//! let mut values = Values::new();
//! values.reset(&PASSAGES);
//! values.int(PASSAGES.expect("door"), 9);
//! values.bool(PASSAGES.expect("granted"), true);
//! values.text(PASSAGES.expect("badge"), "visitor-12");
//! assert!(filter.matches(&values));
//!
//! let error = Filter::parse(r#"{"granted_gte": 1}"#, &FILTERS).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     r#"at /granted_gte: the attribute is a boolean, which takes "granted", "granted_exists""#,
//! );
//! # Ok::<(), recohook::filter::FilterError>(())
//! ```
//!
//! The grammar, in the words of JSON; `x` stands for an attribute's name:
//!
//! ```text
//! filter      = clause                                  (Table::flat)
//!             | { topic: clause, ... }                  (Table::new; {} is everything, and a topic
//!                                                        that is not named is off)
//! clause      = { key: value, ..., "all": [clause, ...], "any": [clause, ...], "not": clause }
//! ```
//!
//! All members of a clause must hold, in any order; each stands at most once. `all` holds where
//! all its clauses do, `any` where one does, `not` where its clause does not. So `{}` and
//! `"all": []` hold for everything, and `"any": []` and `"not": {}` for nothing.
//!
//! | key | value | for | holds where |
//! |---|---|---|---|
//! | `x` | one value | all kinds | `x` is the value |
//! | `x_in` | a list | all kinds but booleans | `x` is one of the values |
//! | `x_not_in` | a list | all kinds but booleans | `x` has a value, and it is none of these |
//! | `x_gt`, `x_gte` | a number | numbers, integers | `x` is greater, or also equal |
//! | `x_lt`, `x_lte` | a number | numbers, integers | `x` is less, or also equal |
//! | `x_prefix` | a text or a list of texts | texts | `x` begins with one of them |
//! | `x_exists` | `true` or `false` | all kinds | `x` has a value, or has none |
//!
//! Of a list, each key but `x_not_in` and `x_exists` holds where some member passes, and two keys
//! may find two different members; `x_not_in` holds where no member is one of the values. A null
//! or missing `x` and an empty list satisfy no key but `"x_exists": false`. `not` is plain
//! negation: `{"not": {"door": 7}}` holds where there is no door, `{"door_not_in": [7]}` does not.
//! Integers are written without a fraction and compared exactly, numbers as f64, texts byte for
//! byte, names of a choice as they are declared.

mod ast;
mod compile;
mod conflict;
mod error;
mod eval;
mod explain;
mod invariants;
mod key;
mod lint;
mod operand;
mod parse;
mod pointer;
mod program;
mod range;
mod read;
mod suggest;
mod table;
mod test;
mod write;

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};

use self::ast::NormalForm;
pub use self::{
    error::{FilterError, Hint},
    explain::{AttributeValue, Explanation, Verdict},
    key::Key,
    lint::{Warning, WarningKind},
    table::{Section, Table},
};
pub(crate) use self::{
    eval::{intersects, tests_hold},
    program::Program,
    test::Test,
};
use crate::{
    attribute::{Schema, SchemaId, Values},
    base::Limits,
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
#[derive(Clone)]
pub struct Filter(Arc<Compiled>);

struct Compiled {
    table: &'static Table,
    /// The normal form, which is smaller as text: what asks for its parts reads it again.
    text: Box<str>,
    /// For each schema of which a notification can pass: what it must pass. Most filters ask for
    /// one, which is at hand.
    first: Option<(SchemaId, Program)>,
    more: Box<[(SchemaId, Program)]>,
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
        parse::parse(text.as_ref(), table, limits).map(|form| Self::of(&form))
    }

    /// The filter `{}`: all notifications that `table` knows.
    pub fn everything(table: &'static Table) -> Self {
        Self::of(&NormalForm::everything(table))
    }

    /// Returns whether the filter matches the notification. It does not match one whose schema its
    /// table does not have.
    #[inline]
    pub fn matches(&self, values: &Values) -> bool {
        values.schema_id().is_some_and(|schema| {
            self.programs().any(|(id, program)| *id == schema && program.matches(values))
        })
    }

    /// Whether any notification of `schema` can match.
    pub fn covers(&self, schema: &Schema) -> bool {
        self.programs().any(|(id, _)| *id == schema.id())
    }

    /// Explains why the filter matches a notification or does not: each key with its verdict, and
    /// the value that it found.
    ///
    /// It takes its time, and is for people and tests.
    pub fn explain(&self, values: &Values) -> Explanation {
        Explanation::of(&self.form(), values)
    }

    /// What a person who wrote the filter may not have meant: keys and sections that match nothing
    /// or have no effect. A filter without a warning can still match nothing.
    pub fn lint(&self) -> Vec<Warning> {
        lint::lint(&self.form())
    }

    /// The table that it was read with.
    pub fn table(&self) -> &'static Table {
        self.0.table
    }

    /// For each schema of which a notification can pass: what it must pass.
    #[inline]
    pub(crate) fn programs(&self) -> impl Iterator<Item = &(SchemaId, Program)> {
        self.0.first.iter().chain(&self.0.more)
    }

    fn of(form: &NormalForm) -> Self {
        if cfg!(debug_assertions) {
            form.debug_check();
        }
        let mut programs = form.sections().filter_map(|(section, clause)| {
            let schema = section.schema();
            Some((schema.id(), Program::compile(schema, clause)?))
        });
        let (first, text) = (programs.next(), form.to_text().into());
        let more = programs.collect();
        let filter = Self(Arc::new(Compiled { table: form.table, text, first, more }));
        debug_assert_eq!(filter.form().clauses, form.clauses, "4: what it writes reads as itself");
        filter
    }

    fn form(&self) -> NormalForm {
        let form = parse::parse_written(&self.0.text, self.0.table);
        form.expect("what a filter writes is a filter")
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.0.table == other.0.table && self.0.text == other.0.text
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.form().serialize(serializer)
    }
}

/// Writes JSON that is read as an equal filter.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

/// Writes the normal form, not what it is compiled to.
impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({self})")
    }
}
