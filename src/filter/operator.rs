use std::fmt;

use crate::attribute::AttributeKind;

/// The test that a key applies.
///
/// A test of a list holds if at least one member passes, except for [`NotIn`](Self::NotIn).
// The order of the variants is part of the normal form, because the keys of an attribute are sorted
// by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Operator {
    /// The attribute equals the value.
    Equal,
    /// The attribute is one of the values.
    In,
    /// The attribute has a value that is not one of the key's values. If the attribute is a list,
    /// it has members, and none of them is one of the key's values.
    NotIn,
    /// The attribute is greater than the value.
    Above,
    /// The attribute is greater than or equal to the value.
    AtLeast,
    /// The attribute is less than the value.
    Below,
    /// The attribute is less than or equal to the value.
    AtMost,
    /// The attribute begins with one of the strings.
    Prefix,
    /// The attribute has a value (`true`) or has no value (`false`).
    Exists,
}

/// The numbers that a filter may contain for a key. The attribute itself may have other values.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Domain {
    /// All numbers that suit the kind of the attribute.
    Any,
    /// Integers in an inclusive range.
    Integers { min: i64, max: i64 },
    /// Numbers in an inclusive range.
    Between { min: f64, max: f64 },
}

impl Operator {
    /// All operators. The name of a key can end with two of the suffixes, such as `_in` and
    /// `_not_in`. [`Section::native`](super::Section::native) checks that at most one of them
    /// follows the name of an attribute.
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

    /// Returns the suffix that the native language appends to the name of an attribute.
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

    /// Returns whether the native language has this operator for attributes of `kind`. The language
    /// has no lists of booleans: a list of one boolean would mean the same as `x`, and a list of
    /// both would mean the same as `x_exists`.
    pub(super) const fn is_native(self, kind: AttributeKind) -> bool {
        let listed = matches!(self, Self::In | Self::NotIn);
        self.applies_to(kind)
            && !(listed && matches!(kind, AttributeKind::Bool | AttributeKind::Bools))
    }

    /// Returns whether this operator can test attributes of `kind`.
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
            // `Exists` accepts a boolean, so there are no numbers to restrict.
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

/// Writes which numbers a key accepts, for an error message.
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
