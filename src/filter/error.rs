use std::{borrow::Cow, fmt};

use crate::attribute::AttributeKind;

/// Why a text is not a filter, and where.
///
/// The place is a line and column (both from 1, the column in bytes) where the text itself is at
/// fault, and a JSON Pointer (RFC 6901) where it is well-formed JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// The text is longer than [`Limits::max_filter_bytes`](crate::Limits::max_filter_bytes).
    #[error(
        "the filter has {bytes} bytes, and at most {limit} are allowed: split it over webhooks"
    )]
    TooLong {
        /// The length of the text.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Lists and objects nest deeper than [`Limits::max_filter_depth`](crate::Limits::max_filter_depth).
    #[error("line {line} column {column}: nested deeper than {limit}; remove what is inside")]
    TooDeep {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The limit.
        limit: usize,
    },
    /// There are more values than [`Limits::max_filter_literals`](crate::Limits::max_filter_literals).
    #[error("line {line} column {column}: more than {limit} values; split it over webhooks")]
    TooManyLiterals {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The limit.
        limit: usize,
    },
    /// The text is not JSON.
    #[error("line {line} column {column}: not valid JSON: {reason}")]
    Syntax {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// What the JSON parser says.
        reason: String,
    },
    /// The table has no such section.
    #[error("{}: unknown section{hint}", AtPointer(pointer))]
    UnknownSection {
        /// Where it is, as a JSON Pointer.
        pointer: String,
        /// What to write instead.
        hint: Hint,
    },
    /// The section has no such key.
    #[error("{}: unknown key{hint}", AtPointer(pointer))]
    UnknownKey {
        /// Where it is, as a JSON Pointer.
        pointer: String,
        /// What to write instead.
        hint: Hint,
    },
    /// The key is an attribute's name with a suffix that its kind cannot be tested by.
    #[error("{}: the attribute is {kind}, which takes {}", AtPointer(pointer), QuotedList(keys))]
    UnsuitedKey {
        /// Where it is, as a JSON Pointer.
        pointer: String,
        /// What the attribute is.
        kind: AttributeKind,
        /// The keys that test it.
        keys: Vec<String>,
    },
    /// A name is not one of those that the key takes.
    #[error("{}: unknown name \"{found}\"{hint}", AtPointer(pointer))]
    UnknownName {
        /// Where it is, as a JSON Pointer.
        pointer: String,
        /// The name that stands there, shortened.
        found: String,
        /// What to write instead.
        hint: Hint,
    },
    /// A section or a key stands twice in one object.
    #[error("{}: stands twice; keep one", AtPointer(pointer))]
    Duplicate {
        /// Where it is, as a JSON Pointer.
        pointer: String,
    },
    /// A value has the wrong type. A null has it everywhere: to switch a key off, leave it out.
    #[error("{}: expected {expected}, found {found}", AtPointer(pointer))]
    WrongType {
        /// Where it is, as a JSON Pointer.
        pointer: String,
        /// What should stand there.
        expected: String,
        /// What stands there, shortened.
        found: String,
    },
    /// A number is outside the values that the key documents.
    #[error("{}: expected {expected}, found {found}", AtPointer(pointer))]
    OutOfRange {
        /// Where it is, as a JSON Pointer.
        pointer: String,
        /// What should stand there.
        expected: String,
        /// What stands there.
        found: String,
    },
}

/// What to write in place of an unknown name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// This known name is close to it.
    Nearest(Cow<'static, str>),
    /// It is a key of this section.
    KeyOf(&'static str),
    /// Nothing is close: all the known names; in the native language, those of the attributes.
    Known(Vec<Cow<'static, str>>),
}

impl FilterError {
    /// The kind of mistake as a short stable name, for metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::TooDeep { .. } => "too_deep",
            Self::TooManyLiterals { .. } => "too_many_literals",
            Self::Syntax { .. } => "syntax",
            Self::UnknownSection { .. } => "unknown_section",
            Self::UnknownKey { .. } => "unknown_key",
            Self::UnsuitedKey { .. } => "unsuited_key",
            Self::UnknownName { .. } => "unknown_name",
            Self::Duplicate { .. } => "duplicate",
            Self::WrongType { .. } => "wrong_type",
            Self::OutOfRange { .. } => "out_of_range",
        }
    }

    /// The JSON Pointer to what is wrong, where the text is JSON. The top level is `""`.
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::UnknownSection { pointer, .. }
            | Self::UnknownKey { pointer, .. }
            | Self::UnsuitedKey { pointer, .. }
            | Self::UnknownName { pointer, .. }
            | Self::Duplicate { pointer }
            | Self::WrongType { pointer, .. }
            | Self::OutOfRange { pointer, .. } => Some(pointer),
            _ => None,
        }
    }

    /// The line and column, both from 1, at which reading the text ended.
    pub fn line_column(&self) -> Option<(usize, usize)> {
        match *self {
            Self::TooDeep { line, column, .. }
            | Self::TooManyLiterals { line, column, .. }
            | Self::Syntax { line, column, .. } => Some((line, column)),
            _ => None,
        }
    }

    /// What to write in place of an unknown section, key or name.
    pub fn hint(&self) -> Option<&Hint> {
        match self {
            Self::UnknownSection { hint, .. }
            | Self::UnknownKey { hint, .. }
            | Self::UnknownName { hint, .. } => Some(hint),
            _ => None,
        }
    }

    pub(super) fn wrong_type(
        found: &impl fmt::Display,
        pointer: &impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Self {
        Self::WrongType {
            pointer: pointer.to_string(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }

    pub(super) fn out_of_range(
        found: &impl fmt::Display,
        pointer: &impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Self {
        Self::OutOfRange {
            pointer: pointer.to_string(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nearest(name) => write!(f, "; did you mean \"{name}\"?"),
            Self::KeyOf(section) => write!(f, "; it is a key of \"{section}\""),
            Self::Known(names) if names.is_empty() => Ok(()),
            Self::Known(names) => write!(f, "; expected one of {}", QuotedList(names)),
        }
    }
}

/// Names in quotes.
struct QuotedList<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for QuotedList<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.0.iter().enumerate() {
            let before = if i == 0 { "" } else { ", " };
            write!(f, "{before}\"{name}\"")?;
        }
        Ok(())
    }
}

/// A pointer as messages show it.
struct AtPointer<'a>(&'a str);

impl fmt::Display for AtPointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => f.write_str("at the top level"),
            pointer => write!(f, "at {}", Excerpt(pointer)),
        }
    }
}

/// A text from the filter as messages show it: short, and on one line whatever is in it, since
/// messages end in logs.
pub(super) struct Excerpt<'a>(pub(super) &'a str);

impl Excerpt<'_> {
    const CHARS: usize = 80;
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.0.chars();
        for char in chars.by_ref().take(Self::CHARS) {
            match char {
                '\'' => f.write_str("'")?,
                char => write!(f, "{}", char.escape_debug())?,
            }
        }
        if chars.next().is_some() { f.write_str("...") } else { Ok(()) }
    }
}
