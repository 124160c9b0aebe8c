use std::fmt;

use super::const_text::{fnv, str_eq};

/// An attribute of a [`Schema`](super::Schema), with its name and the kind of its values.
///
/// The kind determines which filter keys can test the attribute. The examples below use the keys of
/// the native language, which [`Section::native`](crate::filter::Section::native) derives from a
/// schema.
///
/// There is no kind for times. Declare an [integer](Self::int) that is the number of seconds or
/// milliseconds since 1970. The keys `x_gte` and `x_lt` then select a period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attribute {
    name: &'static str,
    kind: AttributeKind,
}

/// The kind of an attribute's values.
///
/// `Display` describes the kind for error messages:
///
/// ```
/// use recohook::attribute::AttributeKind;
///
/// assert_eq!(AttributeKind::Ints.to_string(), "a list of integers");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum AttributeKind {
    /// `true` or `false`.
    Bool,
    /// One of a fixed set of names. Any other value is stored as "some other value". The attribute
    /// is then present but equals none of the names.
    Choice(&'static [&'static str]),
    /// A number, compared as an `f64`. NaN counts as null.
    Number,
    /// An integer, such as an id or a count, compared as an `i64`.
    Int,
    /// A text, compared byte for byte. An empty string is a value, and not null.
    Text,
    /// A list of booleans. An empty list counts as null.
    Bools,
    /// A list of numbers, compared as `f64`. NaN is skipped. An empty list counts as null.
    Numbers,
    /// A list of integers. An empty list counts as null.
    Ints,
    /// A list of texts. An empty list counts as null.
    Texts,
}

impl Attribute {
    /// Declares a boolean.
    ///
    /// It takes 2 of the 64 bits that booleans and choices share in a schema.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema};
    /// use recohook::filter::{Section, Table};
    /// use recohook::Filter;
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::bool("granted")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
    ///
    /// assert!(Filter::parse(r#"{"granted": true}"#, &FILTERS).is_ok());
    /// assert!(Filter::parse(r#"{"granted_in": [true]}"#, &FILTERS).is_err());
    /// ```
    pub const fn bool(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Bool }
    }

    /// Declares a choice, whose value is one of `names` or some other value.
    ///
    /// Prefer a choice to a text if the set of names is fixed. A filter with an unknown name is
    /// then an error, and matching compares a single bit. Of the 64 bits that booleans and choices
    /// share in a schema, a choice takes one for each name and one more.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema};
    /// use recohook::filter::{Section, Table};
    /// use recohook::Filter;
    ///
    /// static PASSAGES: Schema =
    ///     Schema::new("passages", &[Attribute::choice("direction", &["in", "out"])]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
    ///
    /// assert!(Filter::parse(r#"{"direction": "in"}"#, &FILTERS).is_ok());
    /// assert!(Filter::parse(r#"{"direction": "up"}"#, &FILTERS).is_err());
    /// ```
    ///
    /// # Panics
    /// Panics if `names` is empty, contains more than 63 names, or contains a name twice. In a
    /// `static` or `const` this is a compile error.
    pub const fn choice(name: &'static str, names: &'static [&'static str]) -> Self {
        // Together with the bit for other values, 63 names fill the 64 bits of a schema.
        assert!(!names.is_empty() && names.len() < 64, "a choice must have 1 to 63 names");
        let mut i = 0;
        while i < names.len() {
            let mut j = 0;
            while j < i {
                assert!(!str_eq(names[j], names[i]), "a choice has the same name twice");
                j += 1;
            }
            i += 1;
        }
        Self { name, kind: AttributeKind::Choice(names) }
    }

    /// Declares a number, such as a score or a temperature.
    ///
    /// For whole numbers, prefer [`int`](Self::int), because an `f64` is exact only up to 2^53.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema};
    /// use recohook::filter::{Section, Table};
    /// use recohook::Filter;
    ///
    /// static READINGS: Schema = Schema::new("readings", &[Attribute::number("celsius")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&READINGS));
    ///
    /// assert!(Filter::parse(r#"{"celsius_gte": 36.6, "celsius_lt": 42}"#, &FILTERS).is_ok());
    /// ```
    pub const fn number(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Number }
    }

    /// Declares an integer, such as an id or a count.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema};
    /// use recohook::filter::{Section, Table};
    /// use recohook::Filter;
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
    ///
    /// assert!(Filter::parse(r#"{"door_in": [7, 9]}"#, &FILTERS).is_ok());
    /// assert!(Filter::parse(r#"{"door_in": [7.5]}"#, &FILTERS).is_err());
    /// ```
    pub const fn int(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Int }
    }

    /// Declares a text. Filters compare it byte for byte, so they are case-sensitive.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema};
    /// use recohook::filter::{Section, Table};
    /// use recohook::Filter;
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::text("badge")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
    ///
    /// assert!(Filter::parse(r#"{"badge_prefix": "visitor-"}"#, &FILTERS).is_ok());
    /// assert!(Filter::parse(r#"{"badge_gt": "a"}"#, &FILTERS).is_err());
    /// ```
    pub const fn text(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Text }
    }

    /// Declares a list of booleans.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema};
    /// use recohook::filter::{Section, Table};
    /// use recohook::Filter;
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::bools("masks")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
    ///
    /// let filter = Filter::parse(r#"{"masks": false}"#, &FILTERS);
    /// assert!(filter.is_ok(), "it asks whether any member is false");
    /// ```
    pub const fn bools(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Bools }
    }

    /// Declares a list of numbers.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema};
    /// use recohook::filter::{Section, Table};
    /// use recohook::Filter;
    ///
    /// static MATCHES: Schema = Schema::new("matches", &[Attribute::numbers("scores")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&MATCHES));
    ///
    /// let filter = Filter::parse(r#"{"scores_gte": 0.9}"#, &FILTERS);
    /// assert!(filter.is_ok(), "it asks whether any score is at least 0.9");
    /// ```
    pub const fn numbers(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Numbers }
    }

    /// Declares a list of texts.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema};
    /// use recohook::filter::{Section, Table};
    /// use recohook::Filter;
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::texts("tags")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
    ///
    /// let filter = Filter::parse(r#"{"tags_in": ["vip", "staff"]}"#, &FILTERS);
    /// assert!(filter.is_ok(), "it asks whether any tag is one of these");
    /// ```
    pub const fn texts(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Texts }
    }

    /// Declares a list of integers, such as the ids of the groups that something belongs to.
    ///
    /// ```
    /// use recohook::attribute::{Attribute, Schema};
    /// use recohook::filter::{Section, Table};
    /// use recohook::Filter;
    ///
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::ints("zones")]);
    /// static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));
    ///
    /// let filter = Filter::parse(r#"{"zones_not_in": [4]}"#, &FILTERS);
    /// assert!(filter.is_ok(), "it asks for a list without zone 4");
    /// ```
    pub const fn ints(name: &'static str) -> Self {
        Self { name, kind: AttributeKind::Ints }
    }

    /// Returns the name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the kind of the values.
    pub const fn kind(&self) -> AttributeKind {
        self.kind
    }
}

impl AttributeKind {
    /// Returns whether the values are lists.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Bools | Self::Numbers | Self::Ints | Self::Texts)
    }

    /// Returns the number of bits that a boolean or choice takes in the word that all booleans and
    /// choices share: one for each possible value. Returns 0 for other kinds.
    pub(super) const fn width(self) -> u32 {
        match self {
            // With one bit for `false` and one for `true`, a filter that excludes one of the two
            // needs only a mask.
            Self::Bool => 2,
            Self::Choice(names) => names.len() as u32 + 1,
            _ => 0,
        }
    }

    /// Mixes this kind into `hash`, the fingerprint of a schema so far.
    pub(super) const fn fingerprint(self, hash: u64) -> u64 {
        match self {
            // The `?` separates kinds from names. Nothing else marks the end of a choice's names.
            Self::Bool => fnv(hash, "?bool"),
            Self::Number => fnv(hash, "?number"),
            Self::Int => fnv(hash, "?int"),
            Self::Text => fnv(hash, "?text"),
            Self::Bools => fnv(hash, "?bools"),
            Self::Numbers => fnv(hash, "?numbers"),
            Self::Ints => fnv(hash, "?ints"),
            Self::Texts => fnv(hash, "?texts"),
            Self::Choice(names) => {
                let mut hash = fnv(hash, "?choice");
                let mut i = 0;
                while i < names.len() {
                    hash = fnv(hash, names[i]);
                    i += 1;
                }
                hash
            }
        }
    }
}

impl fmt::Display for AttributeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "a boolean",
            Self::Choice(_) => "a choice",
            Self::Number => "a number",
            Self::Int => "an integer",
            Self::Text => "a text",
            Self::Bools => "a list of booleans",
            Self::Numbers => "a list of numbers",
            Self::Ints => "a list of integers",
            Self::Texts => "a list of texts",
        })
    }
}
