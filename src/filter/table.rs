use std::borrow::Cow;

use super::{error::Hint, key::Key, operator::Operator, suggest::hint};
use crate::attribute::{Attribute, AttributeKind, Schema, SchemaId, str_eq};

/// The sections and keys that the filters of one system can contain.
///
/// A table is declared once, as a `static`. A mistake in it, such as a name that appears twice or a
/// key that cannot test its attribute, is then a compile error.
///
/// ```
/// use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Key, Section, Table}};
///
/// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
/// static ALARMS: Schema = Schema::new("alarms", &[Attribute::bool("silent")]);
/// static FILTERS: Table = Table::new(&[
///     Section::new("passages", &PASSAGES, &[Key::one_of("door_in", PASSAGES.expect("door"))]),
///     Section::new("alarms", &ALARMS, &[Key::is("silent", ALARMS.expect("silent"))]),
/// ]);
///
/// let filter = Filter::parse(r#"{"alarms": {"silent": true}}"#, &FILTERS)?;
/// assert!(filter.covers(&ALARMS));
/// assert!(!filter.covers(&PASSAGES), "the filter does not name the section");
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Table {
    sections: &'static [Section],
    /// Whether a filter is written as the clause of the only section, without the section's name.
    flat: bool,
    /// Names of other versions, each with its names here.
    renamed: &'static [(&'static str, &'static [&'static str])],
    /// Attributes that are texts, each with the values that are documented for it.
    known_values: &'static [(&'static str, &'static [&'static str])],
}

/// The filter keys for the notifications of one topic.
///
/// ```
/// use recohook::{attribute::{Attribute, Schema}, filter::{Key, Section}};
///
/// static PASSAGES: Schema =
///     Schema::new("passages", &[Attribute::int("door"), Attribute::bool("granted")]);
/// static SECTION: Section = Section::new(
///     "doors",
///     &PASSAGES,
///     &[
///         Key::one_of("door_in", PASSAGES.expect("door")),
///         Key::is("granted", PASSAGES.expect("granted")),
///     ],
/// );
/// assert_eq!(SECTION.name(), "doors");
/// assert_eq!(SECTION.schema().topic(), "passages");
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Section {
    name: &'static str,
    schema: &'static Schema,
    keys: KeySet,
}

/// The keys of a section.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum KeySet {
    /// Keys that the section lists.
    Listed(&'static [Key]),
    /// The keys of the native language: the name of each attribute, combined with every suffix that
    /// suits its kind.
    Native,
}

impl Table {
    /// Declares a table whose filters name sections: `{"events": {...}, "counters": {...}}`.
    ///
    /// The name of a section can differ from its topic. The filter `{}`, which names no section,
    /// matches everything.
    ///
    /// ```
    /// use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}};
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// static FILTERS: Table = Table::new(&[Section::native(&PASSAGES)]);
    ///
    /// assert!(Filter::parse(r#"{"passages": {"door": 7}}"#, &FILTERS).is_ok());
    /// ```
    ///
    /// # Panics
    /// Panics if two sections share a name or a schema. In a `static`, this is a compile error.
    pub const fn new(sections: &'static [Section]) -> Self {
        // These loops use an index, because a `const fn` cannot use iterators.
        let mut i = 0;
        while i < sections.len() {
            let mut j = 0;
            while j < i {
                assert!(!str_eq(sections[j].name, sections[i].name), "two sections share a name");
                assert!(
                    sections[j].schema.id().as_u64() != sections[i].schema.id().as_u64(),
                    "two sections share a schema"
                );
                j += 1;
            }
            i += 1;
        }
        Self { sections, flat: false, renamed: &[], known_values: &[] }
    }

    /// Declares a table with a single section, whose keys are at the top level of a filter:
    /// `{"camera_in": [3]}`.
    ///
    /// Filters do not contain the name of the section.
    ///
    /// ```
    /// use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}};
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
    ///
    /// assert!(Filter::parse(r#"{"door": 7}"#, &FILTERS).is_ok());
    /// ```
    pub const fn flat(section: &'static Section) -> Self {
        Self {
            sections: std::slice::from_ref(section),
            flat: true,
            renamed: &[],
            known_values: &[],
        }
    }

    /// Adds names of keys and sections that other versions of the system have, each with its names
    /// in this table. A filter that uses such a name is still refused, but the error states the
    /// name to use.
    ///
    /// ```
    /// use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}};
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("gate")]);
    /// static FILTERS: Table =
    ///     Table::flat(&Section::native(&PASSAGES)).with_renamed(&[("door", &["gate"])]);
    ///
    /// let error = Filter::parse(r#"{"door": 7}"#, &FILTERS).unwrap_err();
    /// assert_eq!(error.to_string(), r#"at /door: unknown key; here it is called "gate""#);
    /// ```
    ///
    /// # Panics
    /// Panics if a name has no name in this table. In a `static`, this is a compile error.
    #[must_use]
    pub const fn with_renamed(
        mut self,
        names: &'static [(&'static str, &'static [&'static str])],
    ) -> Self {
        let mut i = 0;
        while i < names.len() {
            assert!(!names[i].1.is_empty(), "a renamed key has no name in this table");
            i += 1;
        }
        self.renamed = names;
        self
    }

    /// Returns the names of other versions, each with its names in this table.
    pub const fn renamed_names(&self) -> &'static [(&'static str, &'static [&'static str])] {
        self.renamed
    }

    /// Returns the names in this table for a name of another version.
    pub(super) fn renamed(&self, name: &str) -> Option<&'static [&'static str]> {
        self.renamed.iter().find(|(other, _)| *other == name).map(|(_, names)| *names)
    }

    /// Adds the documented values of attributes that are texts. Filters can still name any other
    /// value, but [`Filter::lint`](super::Filter::lint) warns about it.
    ///
    /// Use this for a text whose values are documented but can grow. If the values are fixed,
    /// declare a [choice](Attribute::choice), so that another value is an error.
    ///
    /// ```
    /// use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}};
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::text("badge")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES))
    ///     .with_known_values(&[("badge", &["staff", "visitor"])]);
    ///
    /// let warnings = Filter::parse(r#"{"badge": "vistor"}"#, &FILTERS)?.lint();
    /// assert_eq!(
    ///     warnings[0].to_string(),
    ///     r#"at /badge: "vistor" is not a documented value; did you mean "visitor"?"#,
    /// );
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    ///
    /// # Panics
    /// Panics if no section has an attribute with one of the names that is a text or a list of
    /// texts. In a `static`, this is a compile error.
    #[must_use]
    pub const fn with_known_values(
        mut self,
        values: &'static [(&'static str, &'static [&'static str])],
    ) -> Self {
        let mut i = 0;
        while i < values.len() {
            let (mut section, mut is_text) = (0, false);
            while section < self.sections.len() {
                let schema = self.sections[section].schema;
                if let Some(id) = schema.find(values[i].0) {
                    let kind = schema.attributes()[id.index()].kind();
                    is_text |= matches!(kind, AttributeKind::Text | AttributeKind::Texts);
                }
                section += 1;
            }
            assert!(is_text, "known values are for an attribute that is a text");
            i += 1;
        }
        self.known_values = values;
        self
    }

    /// Returns a hint if `value` is not one of the documented values of this attribute: the nearest
    /// of them, or all of them if none is near. Returns `None` if the value is documented, or if
    /// the table has no [known values](Self::with_known_values) for the attribute.
    ///
    /// ```
    /// use recohook::{filter::Hint, openbiometrics::FILTERS};
    ///
    /// let hint = FILTERS.unknown_value("type", "face_machted");
    /// assert_eq!(hint, Some(Hint::Nearest("face_matched".into())));
    /// assert_eq!(FILTERS.unknown_value("type", "face_matched"), None);
    /// ```
    pub fn unknown_value(&self, attribute: &str, value: &str) -> Option<Hint> {
        let (_, known) = self.known_values.iter().find(|(name, _)| *name == attribute)?;
        (!known.contains(&value)).then(|| hint(value, known.iter().map(|name| (*name).into())))
    }

    /// Returns the sections, in the order in which they appear in the normal form of a filter.
    ///
    /// ```
    /// use recohook::findface::security;
    ///
    /// let names: Vec<_> = security::FILTERS.sections().iter().map(|one| one.name()).collect();
    /// assert_eq!(names, ["events", "episodes", "counters"]);
    /// ```
    pub const fn sections(&self) -> &'static [Section] {
        self.sections
    }

    /// Returns whether one of the sections tests notifications of this topic.
    pub(crate) fn has_topic(&self, schema: SchemaId) -> bool {
        self.sections.iter().any(|section| section.schema.id() == schema)
    }

    /// Returns whether filters contain the keys of the only section at the top level, as declared
    /// by [`flat`](Self::flat).
    pub const fn is_flat(&self) -> bool {
        self.flat
    }
}

impl Section {
    /// Declares a section with the given keys, for notifications of `schema`.
    ///
    /// `name` is the name of the section in a filter. It is usually the topic of `schema`. In a
    /// [flat](Table::flat) table, filters do not contain the name, so the name does not matter. The
    /// normal form of a filter contains the keys in the order of `keys`. If there are no keys, the
    /// only valid section is `{}`. See [`Section`] for an example.
    ///
    /// Prefer [`native`](Self::native) unless the keys are already fixed. See [how to
    /// choose](super#the-native-language).
    ///
    /// # Panics
    /// Panics in each of the following cases. In a `static`, the panic is a compile error.
    ///
    /// - two keys share a name, or test the same attribute in the same way;
    /// - the test of a key does not suit the kind of its attribute, or `schema` has no attribute
    ///   with the id that the key contains;
    /// - the range of a key is empty or does not suit the attribute;
    /// - a key has a [wildcard](Key::with_wildcard) or accepts a [single value](Key::or_single),
    ///   but its test does not allow that.
    pub const fn new(name: &'static str, schema: &'static Schema, keys: &'static [Key]) -> Self {
        let mut i = 0;
        while i < keys.len() {
            keys[i].check(schema);
            let mut j = 0;
            while j < i {
                assert!(!str_eq(keys[j].name(), keys[i].name()), "two keys share a name");
                keys[i].check_distinct(&keys[j]);
                j += 1;
            }
            i += 1;
        }
        Self { name, schema, keys: KeySet::Listed(keys) }
    }

    /// Declares a section with the keys of the [native language](super#the-native-language), for
    /// notifications of `schema`.
    ///
    /// The name of the section is the topic of `schema`. The keys are derived from the attributes
    /// rather than stored, so even a large schema needs no memory for its keys.
    ///
    /// ```
    /// use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Section, Table}};
    ///
    /// static PASSAGES: Schema =
    ///     Schema::new("passages", &[Attribute::int("door"), Attribute::text("badge")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
    ///
    /// let text = r#"{"door_lt": 10, "not": {"badge_prefix": "visitor-"}}"#;
    /// assert!(Filter::parse(text, &FILTERS).is_ok());
    /// ```
    ///
    /// # Panics
    /// Panics if a key would be ambiguous. This happens if an attribute is named `all`, `any` or
    /// `not`, or if its name consists of another attribute's name and a suffix, such as `door_in`
    /// next to `door`. In a `static`, this is a compile error.
    pub const fn native(schema: &'static Schema) -> Self {
        let attributes = schema.attributes();
        let mut i = 0;
        while i < attributes.len() {
            let name = attributes[i].name();
            assert!(
                !str_eq(name, "all") && !str_eq(name, "any") && !str_eq(name, "not"),
                "an attribute is named all, any or not, which are combinators"
            );
            let mut j = 0;
            while j < attributes.len() {
                // An attribute passes the comparison with itself, because the empty suffix is
                // skipped.
                assert_no_suffix(name, attributes[j].name());
                j += 1;
            }
            i += 1;
        }
        Self { name: schema.topic(), schema, keys: KeySet::Native }
    }

    /// Returns the name of the section in a filter.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the schema of the notifications that the section tests.
    pub const fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// Returns the keys of the section, in the order in which they appear in the normal form of a
    /// filter.
    ///
    /// Returns an empty slice for the native language, because its keys are not listed. They are
    /// derived from the attributes of the [schema](Self::schema).
    ///
    /// ```
    /// use recohook::{findface::security, openbiometrics};
    ///
    /// let events = &security::FILTERS.sections()[0];
    /// assert!(events.keys().iter().any(|key| key.name() == "camera_in"));
    /// assert!(openbiometrics::FILTERS.sections()[0].keys().is_empty(), "the native language");
    /// ```
    pub const fn keys(&self) -> &'static [Key] {
        match self.keys {
            KeySet::Listed(keys) => keys,
            KeySet::Native => &[],
        }
    }

    pub(super) const fn key_set(&self) -> KeySet {
        self.keys
    }

    pub(super) fn is_native(&self) -> bool {
        matches!(self.keys, KeySet::Native)
    }

    /// Returns the key with this name, if the section has it.
    pub(super) fn key(&self, name: &str) -> Option<Key> {
        match self.keys {
            KeySet::Listed(keys) => keys.iter().find(|key| key.name() == name).copied(),
            // A name is unambiguous, so the order of the suffixes does not matter.
            KeySet::Native => Operator::ALL.iter().find_map(|operator| {
                let id = self.schema.find(name.strip_suffix(operator.suffix())?)?;
                let kind = self.schema.attribute(id)?.kind();
                operator.is_native(kind).then(|| Key::native(id, *operator))
            }),
        }
    }

    /// Returns the name of `key` in a filter.
    pub(super) fn key_name(&self, key: &Key) -> Cow<'static, str> {
        match self.keys {
            KeySet::Listed(_) => Cow::Borrowed(key.name()),
            KeySet::Native => {
                let name = self.attribute(key).name();
                Cow::Owned(format!("{name}{}", key.operator().suffix()))
            }
        }
    }

    /// Returns the names of all keys, and of the combinators if there are any.
    // The iterator is boxed, because the two branches have different types. Only errors need the
    // names.
    pub(super) fn names(&self) -> Box<dyn Iterator<Item = Cow<'static, str>>> {
        match self.keys {
            KeySet::Listed(keys) => Box::new(keys.iter().map(|key| key.name().into())),
            KeySet::Native => {
                let keys = self.schema.attributes().iter().flat_map(Self::native_names);
                Box::new(
                    ["all", "any", "not"].map(Cow::from).into_iter().chain(keys.map(Cow::from)),
                )
            }
        }
    }

    /// Returns the attribute whose name plus a suffix of the native language equals `name`. Returns
    /// `None` if there is no such attribute or if the section lists its keys.
    ///
    /// If [`key`](Self::key) has returned `None` for this name, the suffix does not suit the
    /// attribute.
    pub(super) fn unsuited(&self, name: &str) -> Option<&'static Attribute> {
        let known = |base| self.schema.attribute(self.schema.find(base)?);
        let mut suffixes = Operator::ALL.iter().filter(|_| self.is_native());
        suffixes.find_map(|operator| name.strip_suffix(operator.suffix()).and_then(known))
    }

    /// Returns the names of the native keys that can test an attribute.
    pub(super) fn native_names(attribute: &Attribute) -> impl Iterator<Item = String> {
        let operators = Operator::ALL.iter().filter(|one| one.is_native(attribute.kind()));
        operators.map(|operator| format!("{}{}", attribute.name(), operator.suffix()))
    }

    /// Returns the attribute that `key` tests.
    pub(super) fn attribute(&self, key: &Key) -> &'static Attribute {
        // Either `Section::new` has checked that the schema has this attribute, or the id was taken
        // from the schema itself.
        &self.schema.attributes()[key.attribute().index()]
    }

    /// Returns the kind of the attribute that `key` tests.
    pub(super) fn kind(&self, key: &Key) -> AttributeKind {
        self.attribute(key).kind()
    }
}

/// Panics if `name` is `base` plus a suffix of the native language. In a `static`, this is a
/// compile error.
const fn assert_no_suffix(name: &str, base: &str) {
    // With attributes `door` and `door_not`, the key `door_not_in` could test either of them.
    assert!(!is_joined(name, base, "_not"), "an attribute's name is another one's name plus _not");
    let mut i = 0;
    while i < Operator::ALL.len() {
        let suffix = Operator::ALL[i].suffix();
        assert!(
            suffix.is_empty() || !is_joined(name, base, suffix),
            "an attribute's name is another one's name plus a suffix"
        );
        i += 1;
    }
}

/// Returns whether `name` is `base` followed by `suffix`. A `const fn` cannot concatenate strings.
const fn is_joined(name: &str, base: &str, suffix: &str) -> bool {
    let (name, base, suffix) = (name.as_bytes(), base.as_bytes(), suffix.as_bytes());
    if name.len() != base.len() + suffix.len() {
        return false;
    }
    let mut i = 0;
    while i < name.len() {
        let other = if i < base.len() { base[i] } else { suffix[i - base.len()] };
        if name[i] != other {
            return false;
        }
        i += 1;
    }
    true
}
