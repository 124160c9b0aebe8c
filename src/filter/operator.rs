use std::fmt;

use crate::attribute::AttributeKind;

/// The test of a key.
///
/// If the attribute is a list, the test holds if at least one member passes, except for
/// [`NotIn`](Self::NotIn).
// The order of the variants is part of the normal form: the keys of an attribute are sorted by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Operator {
    /// The attribute equals the value.
    Equal,
    /// The attribute is one of the values.
    In,
    /// The attribute has a value, and neither it nor any member of a list is one of the values.
    NotIn,
    /// The attribute is greater than the value.
    Above,
    /// The attribute is greater than the value or equal to it.
    AtLeast,
    /// The attribute is less than the value.
    Below,
    /// The attribute is less than the value or equal to it.
    AtMost,
    /// The attribute begins with one of the texts.
    Prefix,
    /// The attribute has a value (`true`) or has no value (`false`).
    Exists,
}

/// The numbers that a filter may give for a key. The attribute may have other numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Domain {
    /// All that suit the kind of the attribute.
    Any,
    /// Integers in a range, bounds included.
    Integers { min: i64, max: i64 },
    /// Numbers in a range, bounds included.
    Between { min: f64, max: f64 },
}

impl Operator {
    /// All operators. If two suffixes end a name, as `_in` and `_not_in` do, then only one of them
    /// leaves the name of an attribute: [`Section::native`](super::Section::native) checks that.
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

    /// Returns what the native language appends to the name of an attribute.
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

    /// Returns whether the native language has this operator for attributes of `kind`. It has no
    /// lists of booleans: a list of one is the same as `x`, and a list of both the same as
    /// `x_exists`.
    pub(super) const fn is_native(self, kind: AttributeKind) -> bool {
        let listed = matches!(self, Self::In | Self::NotIn);
        self.applies_to(kind)
            && !(listed && matches!(kind, AttributeKind::Bool | AttributeKind::Bools))
    }

    /// Returns whether attributes of `kind` can be tested by this operator.
    pub(super) const fn applies_to(self, kind: AttributeKind) -> bool {
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
    /// Returns whether the domain is not empty and suits an attribute of `kind`.
    pub(super) const fn applies_to(self, kind: AttributeKind, operator: Operator) -> bool {
        match self {
            Self::Any => true,
            // `Exists` takes a boolean, so it has no numbers to restrict.
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
                // This is false if a bound is NaN.
                min <= max
                    && !matches!(operator, Operator::Exists)
                    && matches!(kind, AttributeKind::Number | AttributeKind::Numbers)
            }
        }
    }
}

/// Writes which numbers a key takes, for an error.
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
