//! Filters decide which notifications a webhook receives. They are parsed from JSON text and
//! compiled.
//!
//! The [`Table`] of a system lists the keys that its filters can contain. Each system in the crate
//! has its own table, and a host declares a table for its own notifications. Parsing is strict: an
//! unknown key or an unsuitable value is an error that reports its position and suggests a fix.
//! Therefore a filter never matches more than its author meant. A compiled filter tests the
//! [`Values`] of a notification without allocating.
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
//! A host does not have to list keys: [`Section::native`] derives them from the attributes of a
//! schema. This also works with the schema of a system, for filters that the system's own keys
//! cannot express.
//!
//! Prefer the native language for a new API. It does not need a list of keys, can test every
//! attribute in every way that the attribute's kind allows, and supports `all`, `any` and `not`.
//! Prefer your own keys, declared with [`Section::new`], if clients already use them or if the
//! names of the keys should not depend on the names of the attributes. Also prefer them if filters
//! should test only some attributes or only values within a range.
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
//!     "at /granted_gte: this key cannot test a boolean; \
//!      expected one of \"granted\", \"granted_exists\"",
//! );
//! # Ok::<(), recohook::filter::FilterError>(())
//! ```
//!
//! This is the grammar, in terms of JSON:
//!
//! ```text
//! filter      = clause                         (Table::flat)
//!             | { topic: clause, ... }         (Table::new; {} matches everything, otherwise
//!                                               a topic that is not named is off)
//! clause      = { key: value, ..., "all": [clause, ...], "any": [clause, ...], "not": clause }
//! ```
//!
//! A clause holds if all of its members hold. Their order does not matter, and each member can
//! appear only once. `all` holds if all of its clauses hold, `any` if at least one of them holds,
//! and `not` if its clause does not hold. Therefore `{}` and `"all": []` always hold, and
//! `"any": []` and `"not": {}` never hold.
//!
//! In this table, `x` is the name of an attribute:
//!
//! | key | value | kinds of `x` | holds if |
//! |---|---|---|---|
//! | `x` | one value | all | `x` equals the value |
//! | `x_in` | a list | all except booleans | `x` is one of the values |
//! | `x_not_in` | a list | all except booleans | `x` has a value that is not in the list |
//! | `x_gt`, `x_gte` | a number | numbers, integers | `x` is greater than the number (or equal to it, for `_gte`) |
//! | `x_lt`, `x_lte` | a number | numbers, integers | `x` is less than the number (or equal to it, for `_lte`) |
//! | `x_prefix` | a string or a list of strings | strings | `x` begins with one of the strings |
//! | `x_exists` | `true` or `false` | all | `x` has a value (`true`) or has no value (`false`) |
//!
//! - A key on a list holds if at least one member passes, except for `x_not_in`, which holds if no
//!   member is in the filter's list. Different members may satisfy different keys.
//! - If `x` is null, missing or an empty list, only `"x_exists": false` holds.
//! - `not` is plain negation. If a notification has no door, `{"not": {"door": 7}}` holds, but
//!   `{"door_not_in": [7]}` does not.
//! - Integers are written without a fraction and compared exactly. Numbers are compared as `f64`,
//!   and strings byte by byte. The names of a choice are written as the schema declares them.

mod ast;
mod compile;
mod conflict;
mod error;
mod eval;
mod explain;
mod invariants;
mod json_schema;
mod key;
mod lint;
mod operand;
mod operator;
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
pub(crate) use self::{
    error::Excerpt,
    eval::{intersects, tests_hold},
    program::Program,
    read::reason,
    suggest::hint,
    test::Test,
};
pub use self::{
    error::{FilterError, Hint},
    explain::{AttributeValue, Explanation, Verdict},
    key::Key,
    lint::{Warning, WarningKind},
    table::{Section, Table},
};
use crate::{
    attribute::{Schema, SchemaId, Values},
    base::Limits,
};

/// A compiled filter. Cloning is cheap, because the clone shares all memory with the original.
///
/// A filter matches a notification if all keys in the section for the notification's topic hold. A
/// key with a list holds if the attribute has one of the listed values, so an empty list matches
/// nothing. A null or missing attribute satisfies no key. The [native
/// language](self#the-native-language) also has keys that exclude values and keys that test for
/// absence.
///
/// The filter `{}` matches everything. If the filter's table has sections, any other filter matches
/// only the topics whose sections it names, and an empty section `{}` matches all notifications of
/// its topic.
///
/// `Display` and `Serialize` write the normal form: sections and keys have a fixed order, and lists
/// are sorted and contain no duplicates. Two filters are equal if they have equal tables and the
/// same normal form. Unequal filters can still match the same notifications, for example if neither
/// of them matches anything.
///
/// ```
/// use recohook::{Filter, findface::security::FILTERS};
///
/// let text = r#"{"events": {"matched": true, "camera_in": [7, 3, 3]}}"#;
/// let filter = Filter::parse(text, &FILTERS)?;
/// assert_eq!(filter.to_string(), r#"{"events":{"camera_in":[3,7],"matched":true}}"#);
/// assert_eq!(filter, Filter::parse(filter.to_string(), &FILTERS)?);
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
#[derive(Clone)]
pub struct Filter(Arc<Compiled>);

struct Compiled {
    table: &'static Table,
    /// The normal form as JSON. Text is smaller than the tree, and a host can have a hundred
    /// thousand filters. `explain`, `lint` and `serialize` parse the text again.
    text: Box<str>,
    /// The program for the first schema that the filter covers. Most filters cover only one schema.
    /// Its program is stored inline, so that matching does not have to follow another pointer.
    first: Option<(SchemaId, Program)>,
    /// The programs for the other schemas that the filter covers.
    more: Box<[(SchemaId, Program)]>,
}

impl Filter {
    /// Parses JSON text (a string or bytes) as a filter for `table`, within the default [`Limits`].
    ///
    /// The filter is compiled here, so matching does not parse anything. Filters that match nothing
    /// are valid, but [`lint`](Self::lint) warns about most of them.
    ///
    /// ```
    /// use recohook::{Filter, findface::security::FILTERS};
    ///
    /// assert!(Filter::parse(r#"{"events": {"camera_in": [3]}}"#, &FILTERS).is_ok());
    ///
    /// let error = Filter::parse(r#"{"events": {"camera_in": 3}}"#, &FILTERS).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "at /events/camera_in: expected a list of integers, found 3",
    /// );
    /// ```
    ///
    /// # Errors
    /// Returns a [`FilterError`] if the text is not JSON, exceeds a limit, contains a section, key
    /// or name that `table` does not have, or contains an unsuitable value. Syntax and limits are
    /// checked first, for the whole text. If there are several other errors, the first one in the
    /// text is returned.
    pub fn parse(text: impl AsRef<[u8]>, table: &'static Table) -> Result<Self, FilterError> {
        Self::parse_with(text, table, &Limits::default())
    }

    /// Parses JSON text as a filter for `table`, within the given limits.
    ///
    /// Three limits apply: [`max_filter_bytes`](Limits::max_filter_bytes),
    /// [`max_filter_depth`](Limits::max_filter_depth) and
    /// [`max_filter_literals`](Limits::max_filter_literals).
    ///
    /// ```
    /// use recohook::{Filter, Limits, findface::security::FILTERS};
    ///
    /// let limits = Limits::default().with_max_filter_literals(2);
    /// let text = r#"{"events": {"camera_in": [3, 7, 9]}}"#;
    /// let error = Filter::parse_with(text, &FILTERS, &limits).unwrap_err();
    /// assert_eq!(error.kind(), "too_many_literals");
    /// ```
    ///
    /// # Errors
    /// Returns a [`FilterError`] in the same cases as [`parse`](Self::parse).
    pub fn parse_with(
        text: impl AsRef<[u8]>,
        table: &'static Table,
        limits: &Limits,
    ) -> Result<Self, FilterError> {
        parse::parse(text.as_ref(), table, limits).map(|form| Self::of(&form))
    }

    /// Returns the filter `{}`, which matches every notification whose schema has a section in
    /// `table`.
    ///
    /// ```
    /// use recohook::{Filter, findface::security::{EPISODES, FILTERS}};
    ///
    /// let filter = Filter::everything(&FILTERS);
    /// assert_eq!(filter.to_string(), "{}");
    /// assert!(filter.covers(&EPISODES));
    /// ```
    pub fn everything(table: &'static Table) -> Self {
        Self::of(&NormalForm::everything(table))
    }

    /// Returns whether the filter matches a notification with the given values.
    ///
    /// Returns `false` if `values` was not [reset](Values::reset) to a schema, or if the filter's
    /// table has no section for the schema. This method does not allocate.
    ///
    /// ```
    /// use recohook::{Filter, Notification, attribute::Values};
    /// use recohook::findface::security::{Event, FILTERS};
    ///
    /// let filter = Filter::parse(r#"{"events": {"camera_in": [3, 7]}}"#, &FILTERS)?;
    /// let event = Event::new("42").camera(7);
    /// let mut values = Values::new();
    /// values.reset(event.schema());
    /// event.attributes(&mut values);
    /// assert!(filter.matches(&values));
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    #[inline]
    pub fn matches(&self, values: &Values) -> bool {
        values.schema_id().is_some_and(|schema| {
            self.programs().any(|(id, program)| *id == schema && program.matches(values))
        })
    }

    /// Returns whether the filter applies to notifications of `schema`.
    ///
    /// Returns `false` if the table has no section for `schema`, the section is off, or the
    /// section's keys contradict each other. In these cases, no notification of `schema` can match.
    /// Not every contradiction is recognised, so the filter may match nothing even if this method
    /// returns `true`.
    ///
    /// ```
    /// use recohook::{Filter, findface::security::{COUNTERS, EVENTS, FILTERS}};
    ///
    /// let text = r#"{"events": {}, "counters": {"faces_gte": 3, "faces_lte": 2}}"#;
    /// let filter = Filter::parse(text, &FILTERS)?;
    /// assert!(filter.covers(&EVENTS));
    /// assert!(!filter.covers(&COUNTERS), "no number is at least 3 and at most 2");
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub fn covers(&self, schema: &Schema) -> bool {
        self.programs().any(|(id, _)| *id == schema.id())
    }

    /// Explains why the filter does or does not match a notification.
    ///
    /// The explanation contains a verdict for each key, with the value of the attribute that the
    /// key tests. It is meant for people and for tests: this method parses the normal form again
    /// and compiles each key, so it is much slower than [`matches`](Self::matches). See
    /// [`Explanation`] for an example.
    pub fn explain(&self, values: &Values) -> Explanation {
        Explanation::of(&self.form(), values)
    }

    /// Returns warnings about parts of the filter that match nothing or have no effect.
    ///
    /// The author of the filter probably did not intend such parts. A filter without warnings can
    /// still match nothing, because not every contradiction is recognised. This method parses the
    /// normal form again, so call it when a webhook is registered rather than for each
    /// notification.
    ///
    /// ```
    /// use recohook::{Filter, findface::security::FILTERS};
    ///
    /// let filter = Filter::parse(r#"{"events": {"camera_in": []}}"#, &FILTERS)?;
    /// let warnings = filter.lint();
    /// assert_eq!(warnings[0].pointer(), "/events/camera_in");
    /// assert!(Filter::everything(&FILTERS).lint().is_empty());
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub fn lint(&self) -> Vec<Warning> {
        lint::lint(&self.form())
    }

    /// Returns the table that the filter was parsed with.
    pub fn table(&self) -> &'static Table {
        self.0.table
    }

    /// Returns the programs, one for each schema that the filter [covers](Self::covers).
    #[inline]
    pub(crate) fn programs(&self) -> impl Iterator<Item = &(SchemaId, Program)> {
        self.0.first.iter().chain(&self.0.more)
    }

    /// Compiles a normal form.
    fn of(form: &NormalForm) -> Self {
        // In a release build the assertions are compiled out, so walking the whole tree would be
        // wasted work.
        if cfg!(debug_assertions) {
            form.debug_check();
        }
        let mut programs = form.sections().filter_map(|(section, clause)| {
            let schema = section.schema();
            // A section that matches nothing has no program, exactly like a section that is off.
            Some((schema.id(), Program::compile(schema, clause)?))
        });
        let (first, text) = (programs.next(), form.to_text().into());
        let more = programs.collect();
        let filter = Self(Arc::new(Compiled { table: form.table, text, first, more }));
        debug_assert_eq!(filter.form().clauses, form.clauses, "4: the text reads as an equal form");
        filter
    }

    /// Parses the normal form again. This is needed for everything except matching.
    fn form(&self) -> NormalForm {
        let form = parse::parse_written(&self.0.text, self.0.table);
        // Invariant 4 of `compile`: `of` wrote this text from a form of the same table.
        form.expect("the normal form of a filter is a valid filter")
    }
}

/// Two filters are equal if they have equal tables and the same normal form.
impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.0.table == other.0.table && self.0.text == other.0.text
    }
}

/// Serializes the normal form as an object.
impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.form().serialize(serializer)
    }
}

/// Writes the normal form as JSON. Parsing this text returns an equal filter.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

/// Writes the normal form, because the compiled programs are too long to read in a log.
impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({self})")
    }
}
