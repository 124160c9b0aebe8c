use std::fmt;

use crate::attribute::{AttributeId, AttributeKind, Schema, str_eq};

/// One filter key: its name, the attribute it tests and how, and the values it takes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Key {
    name: &'static str,
    attribute: AttributeId,
    operator: Operator,
    domain: Domain,
    /// Whether one value may stand for a list of it.
    single: bool,
    /// A name of a choice that stands for every value.
    wildcard: Option<&'static str>,
    /// The keys in the object that is this key's value.
    members: &'static [Key],
}

/// How a key tests its attribute. Of a list it tests whether some member passes, but for
/// [`NotIn`](Self::NotIn).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Operator {
    /// Is the value.
    Equal,
    /// Is one of the values.
    In,
    /// Is none of the values; of a list, no member is.
    NotIn,
    Above,
    AtLeast,
    Below,
    AtMost,
    /// Begins with one of the texts.
    Prefix,
    /// Has a value, or has none.
    Exists,
}

/// The values that a key documents. They bound what a filter may say, not what it is tested on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Domain {
    Any,
    Integers { min: i64, max: i64 },
    Between { min: f64, max: f64 },
}

impl Key {
    /// A list of values: the attribute is one of them, or, where it is itself a list, has one of
    /// them. `[]` matches nothing. Not for booleans.
    pub const fn one_of(name: &'static str, attribute: AttributeId) -> Self {
        Self::new(name, attribute, Operator::In)
    }

    /// One value: the attribute is the same, or, where it is a list, has it.
    pub const fn equals(name: &'static str, attribute: AttributeId) -> Self {
        Self::new(name, attribute, Operator::Equal)
    }

    /// `true` or `false`: the attribute is the same. For booleans.
    pub const fn is(name: &'static str, attribute: AttributeId) -> Self {
        Self::equals(name, attribute)
    }

    /// A number: the attribute is greater or equal. For numbers and integers.
    pub const fn at_least(name: &'static str, attribute: AttributeId) -> Self {
        Self::new(name, attribute, Operator::AtLeast)
    }

    /// A number: the attribute is less or equal. For numbers and integers.
    pub const fn at_most(name: &'static str, attribute: AttributeId) -> Self {
        Self::new(name, attribute, Operator::AtMost)
    }

    /// An object of `members`, all of which must hold. So must the attribute, a boolean that is
    /// `true` where there is something for the members to test, and null elsewhere: `{}` asks for
    /// this alone.
    ///
    /// # Panics
    /// In a `static` a compile error, where there are no members, two share a name, or an attribute
    /// and operator, or a member is a group.
    pub const fn group(
        name: &'static str,
        attribute: AttributeId,
        members: &'static [Key],
    ) -> Self {
        let mut i = 0;
        while i < members.len() {
            assert!(members[i].members.is_empty(), "a group holds a group");
            let mut j = 0;
            while j < i {
                assert!(!str_eq(members[j].name, members[i].name), "a member stands twice");
                members[i].check_distinct(&members[j]);
                j += 1;
            }
            i += 1;
        }
        assert!(!members.is_empty(), "a group has members");
        let mut key = Self::new(name, attribute, Operator::Exists);
        key.members = members;
        key
    }

    /// Takes only whole numbers of `min` or more, written without a fraction.
    #[must_use]
    pub const fn integers_from(self, min: i64) -> Self {
        self.integers_between(min, i64::MAX)
    }

    /// Takes only whole numbers from `min` to `max`, both included, written without a fraction.
    #[must_use]
    pub const fn integers_between(mut self, min: i64, max: i64) -> Self {
        self.domain = Domain::Integers { min, max };
        self
    }

    /// Takes only numbers from `min` to `max`, both included.
    #[must_use]
    pub const fn between(mut self, min: f64, max: f64) -> Self {
        self.domain = Domain::Between { min, max };
        self
    }

    /// Takes one value alone, too: `3` for `[3]`. For [`one_of`](Self::one_of).
    #[must_use]
    pub const fn or_single(mut self) -> Self {
        self.single = true;
        self
    }

    /// If a filter names `name`, every value passes. For [`one_of`](Self::one_of) on a choice
    /// that has this name.
    #[must_use]
    pub const fn with_wildcard(mut self, name: &'static str) -> Self {
        self.wildcard = Some(name);
        self
    }

    /// The name under which a filter writes it. Keys of the native language have an attribute's
    /// name and a suffix, and none of their own.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The attribute it tests.
    pub const fn attribute(&self) -> AttributeId {
        self.attribute
    }

    /// The keys in the object that is the value of a [`group`](Self::group); none of other keys.
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

    pub(super) const fn is_group(&self) -> bool {
        !self.members.is_empty()
    }

    pub(super) const fn native(attribute: AttributeId, operator: Operator) -> Self {
        let mut key = Self::new("", attribute, operator);
        key.single = matches!(operator, Operator::Prefix);
        key
    }

    const fn new(name: &'static str, attribute: AttributeId, operator: Operator) -> Self {
        let (domain, members) = (Domain::Any, &[] as &[Self]);
        Self { name, attribute, operator, domain, single: false, wildcard: None, members }
    }

    /// A compile error where the key cannot test its attribute of `schema`.
    pub(super) const fn check(&self, schema: &Schema) {
        let index = self.attribute.index();
        assert!(index < schema.attributes().len(), "a key tests an attribute of another schema");
        let kind = schema.attributes()[index].kind();
        let is_suited = self.operator.applies_to(kind)
            && !(matches!(self.operator, Operator::In)
                && matches!(kind, AttributeKind::Bool | AttributeKind::Bools));
        assert!(is_suited, "a key cannot test an attribute of this kind");
        assert!(
            self.domain.applies_to(kind, self.operator),
            "a key's values do not suit its attribute"
        );
        assert!(
            !self.single || matches!(self.operator, Operator::In | Operator::Prefix),
            "only a key for a list can take one value instead"
        );
        if let Some(name) = self.wildcard {
            assert!(
                matches!(self.operator, Operator::In) && kind.is_choice_of(name),
                "only a key for one of some names can have a wildcard"
            );
        }
        if self.is_group() {
            assert!(matches!(kind, AttributeKind::Bool), "a group's attribute is a boolean");
            let mut i = 0;
            while i < self.members.len() {
                self.members[i].check(schema);
                i += 1;
            }
        }
    }

    /// A compile error where this key or one of its members tests what `other` does.
    pub(super) const fn check_distinct(&self, other: &Self) {
        assert!(
            self.attribute.index() != other.attribute.index()
                || self.operator as u8 != other.operator as u8,
            "two keys test the same"
        );
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

impl Operator {
    pub(super) const ALL: [Self; 9] = [
        Self::Equal,
        Self::In,
        Self::NotIn,
        Self::Above,
        Self::AtLeast,
        Self::Below,
        Self::AtMost,
        Self::Prefix,
        Self::Exists,
    ];

    /// What the native language adds to an attribute's name.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Self::Equal => "",
            Self::In => "_in",
            Self::NotIn => "_not_in",
            Self::Above => "_gt",
            Self::AtLeast => "_gte",
            Self::Below => "_lt",
            Self::AtMost => "_lte",
            Self::Prefix => "_prefix",
            Self::Exists => "_exists",
        }
    }

    /// Whether the native language has this operator on attributes of `kind`. A boolean has but
    /// two values: a list of them says no more than one or none.
    pub(super) const fn is_native(self, kind: AttributeKind) -> bool {
        let listed = matches!(self, Self::In | Self::NotIn);
        self.applies_to(kind)
            && !(listed && matches!(kind, AttributeKind::Bool | AttributeKind::Bools))
    }

    const fn applies_to(self, kind: AttributeKind) -> bool {
        match self {
            Self::Equal | Self::In | Self::NotIn | Self::Exists => true,
            Self::Above | Self::AtLeast | Self::Below | Self::AtMost => {
                matches!(
                    kind,
                    AttributeKind::Number
                        | AttributeKind::Numbers
                        | AttributeKind::Int
                        | AttributeKind::Ints
                )
            }
            Self::Prefix => matches!(kind, AttributeKind::Text | AttributeKind::Texts),
        }
    }
}

impl Domain {
    const fn applies_to(self, kind: AttributeKind, operator: Operator) -> bool {
        match self {
            Self::Any => true,
            Self::Integers { min, max } => {
                min <= max
                    && !matches!(operator, Operator::Exists)
                    && matches!(
                        kind,
                        AttributeKind::Number
                            | AttributeKind::Numbers
                            | AttributeKind::Int
                            | AttributeKind::Ints
                    )
            }
            Self::Between { min, max } => {
                min <= max
                    && !matches!(operator, Operator::Exists)
                    && matches!(kind, AttributeKind::Number | AttributeKind::Numbers)
            }
        }
    }
}

impl AttributeKind {
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

/// What an error says was expected of one number.
impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("a number"),
            Self::Integers { min: i64::MIN, max: i64::MAX } => f.write_str("an integer"),
            Self::Integers { min, max: i64::MAX } => write!(f, "an integer of {min} or more"),
            Self::Integers { min, max } => write!(f, "an integer from {min} to {max}"),
            Self::Between { min, max: f64::INFINITY } => {
                write!(f, "a number of {min} or more")
            }
            Self::Between { min, max } => write!(f, "a number from {min} to {max}"),
        }
    }
}
