use super::AttributeKind;

/// An attribute was given a value that its schema does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttributeError {
    /// The value's type is not that of the schema.
    #[error("attribute \"{attribute}\" of \"{topic}\" is {expected}, and was given {given}")]
    WrongKind {
        /// The schema's topic.
        topic: &'static str,
        /// The attribute's name.
        attribute: &'static str,
        /// What the schema says it is.
        expected: AttributeKind,
        /// What the notification gave.
        given: &'static str,
    },
    /// The schema has no such attribute: an id of another schema was used.
    #[error("\"{topic}\" has no attribute number {index}")]
    Unknown {
        /// The schema's topic.
        topic: &'static str,
        /// The id's place.
        index: usize,
    },
    /// A notification's lists have more than 2^32 members together, or its texts as many bytes.
    #[error(
        "attribute \"{attribute}\" of \"{topic}\" makes the values exceed 2^32 members or bytes"
    )]
    TooLarge {
        /// The schema's topic.
        topic: &'static str,
        /// The attribute's name.
        attribute: &'static str,
    },
    /// A value was set before [`Values::reset`](super::Values::reset).
    #[error("a value was set before the values were reset to a schema")]
    NoSchema,
}

impl AttributeError {
    /// A short name that stays the same between releases: for metrics and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::WrongKind { .. } => "wrong_kind",
            Self::Unknown { .. } => "unknown",
            Self::TooLarge { .. } => "too_large",
            Self::NoSchema => "no_schema",
        }
    }
}
