use super::operator::{Domain, Operator};
use crate::attribute::{AttributeId, AttributeKind, Schema, str_eq};

/// A filter key: its name, the attribute that it tests, the test, and the values that it accepts.
///
/// Keys are declared in the `static` [`Table`](super::Table) of a system. The constructors choose
/// the test, and the other methods restrict or extend the accepted values. [`Section::new`] checks
/// that a key suits its attribute, so a mistake is a compile error.
///
/// ```
/// use recohook::{Filter, attribute::{Attribute, Schema}, filter::{Key, Section, Table}};
///
/// static PASSAGES: Schema =
///     Schema::new("passages", &[Attribute::int("door"), Attribute::number("quality")]);
/// static FILTERS: Table = Table::flat(&Section::new(
///     "passages",
///     &PASSAGES,
///     &[
///         Key::one_of("door_in", PASSAGES.expect("door")).integers_from(1),
///         Key::at_least("quality_gte", PASSAGES.expect("quality")).between(0.0, 1.0),
///     ],
/// ));
///
/// assert!(Filter::parse(r#"{"door_in": [7], "quality_gte": 0.5}"#, &FILTERS).is_ok());
/// ```
///
/// [`Section::new`]: super::Section::new
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Key {
    name: &'static str,
    attribute: AttributeId,
    operator: Operator,
    domain: Domain,
    /// Whether the key also accepts a single value instead of a list.
    single: bool,
    /// Whether the attribute must be a boolean or a list of booleans.
    boolean: bool,
    /// The name that makes every value pass if a filter's list contains it.
    wildcard: Option<&'static str>,
    /// The member keys of a group. This is empty if the key is not a group.
    members: &'static [Key],
}

impl Key {
    /// Declares a key that accepts a list of values. The key holds if the attribute equals one of
    /// the values. If the attribute is a list, at least one of its members must equal one of them.
    ///
    /// An empty list `[]` matches nothing. The attribute can be of any kind except booleans and
    /// lists of booleans.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema, Values}};
    /// # use recohook::filter::{Key, Section, Table};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// const DOOR_IN: Key = Key::one_of("door_in", PASSAGES.expect("door"));
    /// static FILTERS: Table = Table::flat(&Section::new("passages", &PASSAGES, &[DOOR_IN]));
    ///
    /// let filter = Filter::parse(r#"{"door_in": [7, 9]}"#, &FILTERS)?;
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.int(PASSAGES.expect("door"), 9);
    /// assert!(filter.matches(&values));
    /// values.int(PASSAGES.expect("door"), 8);
    /// assert!(!filter.matches(&values));
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub const fn one_of(name: &'static str, attribute: AttributeId) -> Self {
        Self::new(name, attribute, Operator::In)
    }

    /// Declares a key that accepts a single value. The key holds if the attribute equals the value.
    /// If the attribute is a list, at least one of its members must equal the value.
    ///
    /// The attribute can be of any kind. Strings are compared byte by byte.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema, Values}};
    /// # use recohook::filter::{Key, Section, Table};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::texts("tags")]);
    /// const TAG: Key = Key::equals("tag", PASSAGES.expect("tags"));
    /// static FILTERS: Table = Table::flat(&Section::new("passages", &PASSAGES, &[TAG]));
    ///
    /// let filter = Filter::parse(r#"{"tag": "night"}"#, &FILTERS)?;
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.texts(PASSAGES.expect("tags"), ["visitor", "night"]);
    /// assert!(filter.matches(&values));
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub const fn equals(name: &'static str, attribute: AttributeId) -> Self {
        Self::new(name, attribute, Operator::Equal)
    }

    /// Declares a key that accepts `true` or `false`. The key holds if the attribute has the same
    /// value.
    ///
    /// This is the same as [`equals`](Self::equals), but only for booleans and lists of booleans. A
    /// null attribute is neither `true` nor `false`.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema, Values}};
    /// # use recohook::filter::{Key, Section, Table};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::bool("granted")]);
    /// const GRANTED: Key = Key::is("granted", PASSAGES.expect("granted"));
    /// static FILTERS: Table = Table::flat(&Section::new("passages", &PASSAGES, &[GRANTED]));
    ///
    /// let filter = Filter::parse(r#"{"granted": false}"#, &FILTERS)?;
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.bool(PASSAGES.expect("granted"), None);
    /// assert!(!filter.matches(&values));
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub const fn is(name: &'static str, attribute: AttributeId) -> Self {
        let mut key = Self::equals(name, attribute);
        key.boolean = true;
        key
    }

    /// Declares a key that accepts a number. The key holds if the attribute is at least that
    /// number. If the attribute is a list, at least one of its members must be.
    ///
    /// The attribute must be a number, an integer, or a list of either.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema, Values}};
    /// # use recohook::filter::{Key, Section, Table};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::number("quality")]);
    /// const QUALITY: Key = Key::at_least("quality_gte", PASSAGES.expect("quality"));
    /// static FILTERS: Table = Table::flat(&Section::new("passages", &PASSAGES, &[QUALITY]));
    ///
    /// let filter = Filter::parse(r#"{"quality_gte": 0.5}"#, &FILTERS)?;
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.number(PASSAGES.expect("quality"), 0.5);
    /// assert!(filter.matches(&values), "the bound is included");
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub const fn at_least(name: &'static str, attribute: AttributeId) -> Self {
        Self::new(name, attribute, Operator::AtLeast)
    }

    /// Declares a key that accepts a number. The key holds if the attribute is at most that number.
    /// If the attribute is a list, at least one of its members must be.
    ///
    /// The attribute must be a number, an integer, or a list of either.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema, Values}};
    /// # use recohook::filter::{Key, Section, Table};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::ints("zones")]);
    /// const ZONES: Key = Key::at_most("zone_lte", PASSAGES.expect("zones"));
    /// static FILTERS: Table = Table::flat(&Section::new("passages", &PASSAGES, &[ZONES]));
    ///
    /// let filter = Filter::parse(r#"{"zone_lte": 3}"#, &FILTERS)?;
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.ints(PASSAGES.expect("zones"), [3, 5]);
    /// assert!(filter.matches(&values), "zone 3 passes");
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub const fn at_most(name: &'static str, attribute: AttributeId) -> Self {
        Self::new(name, attribute, Operator::AtMost)
    }

    /// Declares a group: a key that accepts an object, which can contain any of the keys in
    /// `members`. The group holds if its attribute has a value and all keys in the object hold.
    ///
    /// The attribute must be a boolean. It indicates whether the notification has values for the
    /// members to test. Set the attribute to `true` if there are such values, and leave it null
    /// otherwise. An empty object `{}` only requires that the attribute has a value.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema, Values}};
    /// # use recohook::filter::{Key, Section, Table};
    /// static PASSAGES: Schema =
    ///     Schema::new("passages", &[Attribute::bool("mask"), Attribute::number("mask_score")]);
    /// const SCORE: Key = Key::at_least("score_gte", PASSAGES.expect("mask_score"));
    /// const MASK: Key = Key::group("mask", PASSAGES.expect("mask"), &[SCORE]);
    /// static FILTERS: Table = Table::flat(&Section::new("passages", &PASSAGES, &[MASK]));
    ///
    /// let filter = Filter::parse(r#"{"mask": {"score_gte": 0.8}}"#, &FILTERS)?;
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.bool(PASSAGES.expect("mask"), true);
    /// values.number(PASSAGES.expect("mask_score"), 0.9);
    /// assert!(filter.matches(&values));
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    ///
    /// # Panics
    /// Panics if there are no members, if two members share a name or test the same attribute in
    /// the same way, or if a member is itself a group. In a `static`, this is a compile error.
    pub const fn group(
        name: &'static str,
        attribute: AttributeId,
        members: &'static [Key],
    ) -> Self {
        let mut i = 0;
        while i < members.len() {
            assert!(members[i].members.is_empty(), "a group cannot contain a group");
            let mut j = 0;
            while j < i {
                assert!(!str_eq(members[j].name, members[i].name), "two members share a name");
                members[i].check_distinct(&members[j]);
                j += 1;
            }
            i += 1;
        }
        assert!(!members.is_empty(), "a group needs at least one member");
        // A group tests only whether its attribute is present, so its operator is `Exists`.
        let mut key = Self::new(name, attribute, Operator::Exists);
        key.members = members;
        key
    }

    /// Restricts the key's values in a filter to integers of `min` or more.
    ///
    /// The filter must write these integers without a fraction: `3`, not `3.0`. The attribute must
    /// be a number, an integer, or a list of either. The attribute's own values are not restricted.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema, Values}};
    /// # use recohook::filter::{Key, Section, Table};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// const DOOR_IN: Key = Key::one_of("door_in", PASSAGES.expect("door")).integers_from(1);
    /// static FILTERS: Table = Table::flat(&Section::new("passages", &PASSAGES, &[DOOR_IN]));
    ///
    /// let error = Filter::parse(r#"{"door_in": [0]}"#, &FILTERS).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "at /door_in/0: expected an integer of 1 or more, found 0",
    /// );
    /// ```
    #[must_use]
    pub const fn integers_from(self, min: i64) -> Self {
        self.integers_between(min, i64::MAX)
    }

    /// Restricts the key's values in a filter to integers from `min` to `max`, inclusive.
    ///
    /// As with [`integers_from`](Self::integers_from), the filter must write them without a
    /// fraction. [`Section::new`](super::Section::new) panics if `min` is greater than `max`.
    #[must_use]
    pub const fn integers_between(mut self, min: i64, max: i64) -> Self {
        self.domain = Domain::Integers { min, max };
        self
    }

    /// Restricts the key's values in a filter to numbers from `min` to `max`, inclusive.
    ///
    /// The attribute must be a number or a list of numbers. The attribute's own values are not
    /// restricted. `max` may be infinite. [`Section::new`](super::Section::new) panics if `min` is
    /// greater than `max` or if either of them is NaN.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema, Values}};
    /// # use recohook::filter::{Key, Section, Table};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::number("quality")]);
    /// const QUALITY: Key =
    ///     Key::at_least("quality_gte", PASSAGES.expect("quality")).between(0.0, 1.0);
    /// static FILTERS: Table = Table::flat(&Section::new("passages", &PASSAGES, &[QUALITY]));
    ///
    /// let error = Filter::parse(r#"{"quality_gte": 75}"#, &FILTERS).unwrap_err();
    /// assert_eq!(error.kind(), "out_of_range");
    /// ```
    #[must_use]
    pub const fn between(mut self, min: f64, max: f64) -> Self {
        self.domain = Domain::Between { min, max };
        self
    }

    /// Makes the key accept a single value as well as a list: `3` means `[3]`.
    ///
    /// Only a [`one_of`](Self::one_of) key can accept a single value in this way. For any other
    /// key, [`Section::new`](super::Section::new) panics.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema, Values}};
    /// # use recohook::filter::{Key, Section, Table};
    /// static PASSAGES: Schema = Schema::new("passages", &[Attribute::int("door")]);
    /// const DOOR_IN: Key = Key::one_of("door_in", PASSAGES.expect("door")).or_single();
    /// static FILTERS: Table = Table::flat(&Section::new("passages", &PASSAGES, &[DOOR_IN]));
    ///
    /// let filter = Filter::parse(r#"{"door_in": 7}"#, &FILTERS)?;
    /// assert_eq!(filter.to_string(), r#"{"door_in":[7]}"#);
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    #[must_use]
    pub const fn or_single(mut self) -> Self {
        self.single = true;
        self
    }

    /// Makes every value pass if the filter's list contains `name`.
    ///
    /// Names outside the choice also pass, but a null attribute does not. Only a
    /// [`one_of`](Self::one_of) key on a choice that includes `name` can have a wildcard. For any
    /// other key, [`Section::new`](super::Section::new) panics.
    ///
    /// ```
    /// # use recohook::{Filter, attribute::{Attribute, Schema, Values}};
    /// # use recohook::filter::{Key, Section, Table};
    /// static PASSAGES: Schema =
    ///     Schema::new("passages", &[Attribute::choice("direction", &["in", "out", "any"])]);
    /// const DIRECTION: Key =
    ///     Key::one_of("direction_in", PASSAGES.expect("direction")).with_wildcard("any");
    /// static FILTERS: Table = Table::flat(&Section::new("passages", &PASSAGES, &[DIRECTION]));
    ///
    /// let filter = Filter::parse(r#"{"direction_in": ["any"]}"#, &FILTERS)?;
    /// let mut values = Values::new();
    /// values.reset(&PASSAGES);
    /// values.choice(PASSAGES.expect("direction"), "out");
    /// assert!(filter.matches(&values));
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    #[must_use]
    pub const fn with_wildcard(mut self, name: &'static str) -> Self {
        self.wildcard = Some(name);
        self
    }

    /// Returns the name of the key in a filter.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the attribute that the key tests.
    pub const fn attribute(&self) -> AttributeId {
        self.attribute
    }

    /// Returns the member keys of a [`group`](Self::group), or an empty slice for any other key.
    pub const fn members(&self) -> &'static [Self] {
        self.members
    }

    pub(super) const fn operator(&self) -> Operator {
        self.operator
    }

    pub(super) const fn domain(&self) -> Domain {
        self.domain
    }

    pub(super) const fn is_single(&self) -> bool {
        self.single
    }

    pub(super) const fn wildcard(&self) -> Option<&'static str> {
        self.wildcard
    }

    /// Returns whether the key is a group, whose value is an object. A group has at least one
    /// member.
    pub(super) const fn is_group(&self) -> bool {
        !self.members.is_empty()
    }

    /// Creates a key of the native language. The key stores no name, because its name consists of
    /// the attribute's name and the operator's suffix.
    pub(super) const fn native(attribute: AttributeId, operator: Operator) -> Self {
        let mut key = Self::new("", attribute, operator);
        key.single = matches!(operator, Operator::Prefix);
        key
    }

    const fn new(name: &'static str, attribute: AttributeId, operator: Operator) -> Self {
        let (domain, members) = (Domain::Any, &[] as &[Self]);
        Self {
            name,
            attribute,
            operator,
            domain,
            single: false,
            boolean: false,
            wildcard: None,
            members,
        }
    }

    /// Panics if the key cannot test its attribute in `schema`. In a `static`, this is a compile
    /// error.
    pub(super) const fn check(&self, schema: &Schema) {
        // An id is only a position, so an id from another schema goes unnoticed if this schema has
        // an attribute of a suitable kind at the same position.
        let index = self.attribute.index();
        assert!(index < schema.attributes().len(), "a key tests an attribute of another schema");
        let kind = schema.attributes()[index].kind();
        let is_suited = self.operator.applies_to(kind)
            && !(matches!(self.operator, Operator::In)
                && matches!(kind, AttributeKind::Bool | AttributeKind::Bools));
        assert!(is_suited, "a key cannot test an attribute of this kind");
        assert!(
            !self.boolean || matches!(kind, AttributeKind::Bool | AttributeKind::Bools),
            "an `is` key can only test a boolean or a list of booleans"
        );
        assert!(
            self.domain.applies_to(kind, self.operator),
            "a key's range is empty or does not suit its attribute"
        );
        assert!(
            !self.single || matches!(self.operator, Operator::In | Operator::Prefix),
            "only a key that takes a list can also take a single value"
        );
        if let Some(name) = self.wildcard {
            assert!(
                matches!(self.operator, Operator::In) && kind.is_choice_of(name),
                "only a `one_of` key on a choice that has the name can have a wildcard"
            );
        }
        if self.is_group() {
            assert!(matches!(kind, AttributeKind::Bool), "a group's attribute must be a boolean");
            let mut i = 0;
            while i < self.members.len() {
                self.members[i].check(schema);
                i += 1;
            }
        }
    }

    /// Panics if this key or one of its members has the same attribute and operator as `other` or
    /// one of the members of `other`. In a `static`, this is a compile error.
    ///
    /// A clause of the normal form stores conditions by attribute and operator, without names, so
    /// it could not distinguish two such keys.
    pub(super) const fn check_distinct(&self, other: &Self) {
        assert!(
            self.attribute.index() != other.attribute.index()
                || self.operator as u8 != other.operator as u8,
            "two keys test one attribute in the same way"
        );
        // Groups do not nest, so the recursion is at most two levels deep.
        let mut i = 0;
        while i < self.members.len() {
            self.members[i].check_distinct(other);
            i += 1;
        }
        let mut i = 0;
        while i < other.members.len() {
            self.check_distinct(&other.members[i]);
            i += 1;
        }
    }
}

impl AttributeKind {
    /// Returns whether the kind is a choice that includes this name.
    const fn is_choice_of(self, name: &str) -> bool {
        let Self::Choice(names) = self else {
            return false;
        };
        let mut i = 0;
        while i < names.len() {
            if str_eq(names[i], name) {
                return true;
            }
            i += 1;
        }
        false
    }
}
