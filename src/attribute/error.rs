use super::AttributeKind;

/// An error that occurs when a value does not match its schema. It indicates a bug in an
/// implementation of [`Notification`](crate::Notification).
///
/// [`Values::error`](super::Values::error) returns it, and publishing the notification fails with
/// it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttributeError {
    /// The value is not of the kind that the schema declares.
    #[error(
        "attribute \"{attribute}\" of topic \"{topic}\" takes {expected}, but was given {given}"
    )]
    WrongKind {
        /// The topic of the schema.
        topic: &'static str,
        /// The name of the attribute.
        attribute: &'static str,
        /// The kind that the schema declares.
        expected: AttributeKind,
        /// The kind of the value that was set, such as `a number`.
        given: &'static str,
    },
    /// The schema has no attribute with this id. The id belongs to another schema.
    #[error("topic \"{topic}\" has no attribute number {index}: the id belongs to another schema")]
    Unknown {
        /// The topic of the schema.
        topic: &'static str,
        /// The 0-based index of the id.
        index: usize,
    },
    /// The lists of the notification have more than 2^32 members in total, or its texts have more
    /// than 2^32 bytes in total.
    #[error(
        "attribute \"{attribute}\" of topic \"{topic}\" is too large: all lists together may have \
         2^32 members, and all texts 2^32 bytes"
    )]
    TooLarge {
        /// The topic of the schema.
        topic: &'static str,
        /// The name of the attribute.
        attribute: &'static str,
    },
    /// A value was set before [`Values::reset`](super::Values::reset) was called.
    #[error("a value was set before the values had a schema; call `Values::reset` first")]
    NoSchema,
}

impl AttributeError {
    /// Returns a short name for metrics and logs, such as `wrong_kind`. The name does not change
    /// between releases.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::WrongKind { .. } => "wrong_kind",
            Self::Unknown { .. } => "unknown",
            Self::TooLarge { .. } => "too_large",
            Self::NoSchema => "no_schema",
        }
    }
}
