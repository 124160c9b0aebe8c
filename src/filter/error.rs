use std::{borrow::Cow, fmt};

use crate::attribute::AttributeKind;

/// The reason why a text is not a filter, with the place of the error.
///
/// If the text is not JSON or exceeds a limit, the place is a [line and column](Self::line_column).
/// In valid JSON, the place is a [JSON Pointer](Self::pointer).
///
/// `Display` writes a message for the person who wrote the filter. It is always one line, and
/// quotes at most 80 characters of a pointer, name or value. A program should use
/// [`kind`](Self::kind) instead, because the messages can change in any release.
///
/// ```
/// use recohook::{Filter, findface::security::FILTERS};
///
/// let error = Filter::parse(r#"{"events": {"mached": true}}"#, &FILTERS).unwrap_err();
/// assert_eq!(error.kind(), "unknown_key");
/// assert_eq!(error.pointer(), Some("/events/mached"));
/// assert_eq!(
///     error.to_string(),
///     r#"at /events/mached: unknown key; did you mean "matched"?"#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// The text is longer than [`Limits::max_filter_bytes`](crate::Limits::max_filter_bytes). It
    /// was not read, so there is no place.
    #[error(
        "the filter is {bytes} bytes long, but at most {limit} bytes are allowed; split it over \
         several webhooks"
    )]
    TooLong {
        /// The length of the text, in bytes.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Lists and objects are nested deeper than
    /// [`Limits::max_filter_depth`](crate::Limits::max_filter_depth).
    #[error(
        "line {line} column {column}: lists and objects are nested more than {limit} levels deep; \
         remove the inner levels"
    )]
    TooDeep {
        /// The line at which the limit was exceeded, from 1.
        line: usize,
        /// The column at which the limit was exceeded, in bytes from 1.
        column: usize,
        /// The number of levels that are allowed: the limit, but at most 126.
        limit: usize,
    },
    /// The text has more values than
    /// [`Limits::max_filter_literals`](crate::Limits::max_filter_literals), or too many lists and
    /// objects.
    #[error(
        "line {line} column {column}: the filter has more than {limit} values; split it over \
         several webhooks"
    )]
    TooManyLiterals {
        /// The line at which the limit was exceeded, from 1.
        line: usize,
        /// The column at which the limit was exceeded, in bytes from 1.
        column: usize,
        /// The number of values that are allowed.
        limit: usize,
    },
    /// The text is not JSON.
    #[error("line {line} column {column}: not valid JSON: {reason}")]
    Syntax {
        /// The line of the error, from 1.
        line: usize,
        /// The column of the error, in bytes from 1.
        column: usize,
        /// The message of the JSON parser.
        reason: String,
    },
    /// The table does not have this section.
    #[error("{}: unknown section{hint}", AtPointer(pointer))]
    UnknownSection {
        /// The JSON Pointer to the section.
        pointer: String,
        /// A correction.
        hint: Hint,
    },
    /// The section, or the group, does not have this key.
    #[error("{}: unknown key{hint}", AtPointer(pointer))]
    UnknownKey {
        /// The JSON Pointer to the key.
        pointer: String,
        /// A correction.
        hint: Hint,
    },
    /// The key is the name of an attribute with a suffix that does not apply to attributes of this
    /// kind. Only the native language has such keys.
    #[error(
        "{}: this key cannot test {kind}; expected one of {}",
        AtPointer(pointer),
        QuotedList(keys)
    )]
    UnsuitedKey {
        /// The JSON Pointer to the key.
        pointer: String,
        /// The kind of the attribute.
        kind: AttributeKind,
        /// The keys that can test the attribute.
        keys: Vec<String>,
    },
    /// A name is not one of the names that the attribute can have.
    #[error("{}: unknown name \"{found}\"{hint}", AtPointer(pointer))]
    UnknownName {
        /// The JSON Pointer to the name.
        pointer: String,
        /// The name in the text, shortened to 80 characters.
        found: String,
        /// A correction.
        hint: Hint,
    },
    /// An object has the same section or key twice.
    #[error("{}: appears twice; keep only one", AtPointer(pointer))]
    Duplicate {
        /// The JSON Pointer to the section or key.
        pointer: String,
    },
    /// A value has the wrong type. Null is always the wrong type: to switch a key off, remove it.
    #[error("{}: expected {expected}, found {found}", AtPointer(pointer))]
    WrongType {
        /// The JSON Pointer to the value.
        pointer: String,
        /// A description of the values that are allowed.
        expected: String,
        /// The value in the text, shortened to 80 characters. A list is only called "a list", and
        /// an object "an object".
        found: String,
    },
    /// A number is outside the range of its key, or too large to be compared exactly.
    #[error("{}: expected {expected}, found {found}", AtPointer(pointer))]
    OutOfRange {
        /// The JSON Pointer to the number.
        pointer: String,
        /// A description of the numbers that are allowed.
        expected: String,
        /// The number in the text.
        found: String,
    },
}

/// A correction for an unknown section, key or name.
///
/// `Display` writes the last part of an error message, which begins with a semicolon.
///
/// ```
/// use recohook::{Filter, filter::Hint, findface::security::FILTERS};
///
/// let error = Filter::parse(r#"{"camera_in": [3]}"#, &FILTERS).unwrap_err();
/// assert_eq!(error.hint(), Some(&Hint::KeyOf("events")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// The known name that is most similar to the unknown one.
    Nearest(Cow<'static, str>),
    /// The name of the section that has such a key. The key is in the wrong place.
    KeyOf(&'static str),
    /// All known names, because none is similar. For a key of the native language, these are the
    /// names of the attributes.
    Known(Vec<Cow<'static, str>>),
}

impl FilterError {
    /// Returns the kind of the error as a short name, for metrics and logs.
    ///
    /// No release renames or reuses these names; a later one may add some.
    ///
    /// ```
    /// use recohook::{Filter, findface::security::FILTERS};
    ///
    /// let error = Filter::parse("{'events': {}}", &FILTERS).unwrap_err();
    /// assert_eq!(error.kind(), "syntax");
    /// ```
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

    /// Returns the place of the error as a JSON Pointer (RFC 6901). The top level is `""`.
    ///
    /// It is complete, even if the message shortens it. Returns `None` if the text is not JSON or
    /// exceeds a limit.
    ///
    /// ```
    /// use recohook::{Filter, findface::security::FILTERS};
    ///
    /// let text = r#"{"events": {"camera_in": [1, 2, "3"]}}"#;
    /// let error = Filter::parse(text, &FILTERS).unwrap_err();
    /// assert_eq!(error.pointer(), Some("/events/camera_in/2"));
    /// ```
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

    /// Returns the line and column at which the parser stopped. Both count from 1, and the column
    /// counts bytes.
    ///
    /// Returns `None` if the text is valid JSON within the limits, and for
    /// [`TooLong`](Self::TooLong).
    ///
    /// ```
    /// use recohook::{Filter, findface::security::FILTERS};
    ///
    /// let error = Filter::parse("{\"events\": {},\n}", &FILTERS).unwrap_err();
    /// assert_eq!(error.line_column(), Some((2, 1)));
    /// ```
    pub fn line_column(&self) -> Option<(usize, usize)> {
        match *self {
            Self::TooDeep { line, column, .. }
            | Self::TooManyLiterals { line, column, .. }
            | Self::Syntax { line, column, .. } => Some((line, column)),
            _ => None,
        }
    }

    /// Returns the correction for an unknown section, key or name, and `None` for other errors.
    ///
    /// A user interface can offer it, or the list of all known names. The message contains it, too.
    pub fn hint(&self) -> Option<&Hint> {
        match self {
            Self::UnknownSection { hint, .. }
            | Self::UnknownKey { hint, .. }
            | Self::UnknownName { hint, .. } => Some(hint),
            _ => None,
        }
    }

    /// Makes the error for a value of the wrong type. The `Display` of `found` shortens it.
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

    /// Makes the error for a number outside the range of its key.
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
            Self::KeyOf(section) => write!(f, "; it is a key of section \"{section}\""),
            // A section without keys has nothing to suggest.
            Self::Known(names) if names.is_empty() => Ok(()),
            Self::Known(names) => write!(f, "; expected one of {}", QuotedList(names)),
        }
    }
}

/// Writes names in quotes, with commas between them.
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

/// Writes the place of an error, at the beginning of a message.
struct AtPointer<'a>(&'a str);

impl fmt::Display for AtPointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            // The empty pointer would leave a gap in the message.
            "" => f.write_str("at the top level"),
            pointer => write!(f, "at {}", Excerpt(pointer)),
        }
    }
}

/// Writes a text from the filter in a message: shortened and escaped.
///
/// Messages end in logs, and filters come from strangers. So nobody can flood a log with a long
/// name or forge a line in it with a line break.
pub(super) struct Excerpt<'a>(pub(super) &'a str);

impl Excerpt<'_> {
    /// The number of characters that are shown.
    const CHARS: usize = 80;
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.0.chars();
        for char in chars.by_ref().take(Self::CHARS) {
            match char {
                // `escape_debug` escapes both quotes, but messages only use double quotes.
                '\'' => f.write_str("'")?,
                char => write!(f, "{}", char.escape_debug())?,
            }
        }
        if chars.next().is_some() { f.write_str("...") } else { Ok(()) }
    }
}
