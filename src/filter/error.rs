use std::{borrow::Cow, fmt};

use crate::attribute::AttributeKind;

/// The reason why a filter could not be parsed, and the position of the error in its text.
///
/// If the text is not JSON or exceeds a limit, the position is a [line and
/// column](Self::line_column). In valid JSON, the position is a [JSON Pointer](Self::pointer).
///
/// `Display` writes a message for the person who wrote the filter. The message is always a single
/// line and quotes at most 80 characters of a pointer, name or value. A program should use
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
    /// The text is longer than [`Limits::max_filter_bytes`](crate::Limits::max_filter_bytes). The
    /// text was not read, so the error has no position.
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
        /// The line at which the limit was exceeded, counted from 1.
        line: usize,
        /// The column at which the limit was exceeded, counted in bytes from 1.
        column: usize,
        /// The maximum depth: the lower of
        /// [`Limits::max_filter_depth`](crate::Limits::max_filter_depth) and 126.
        limit: usize,
    },
    /// The text contains more values than
    /// [`Limits::max_filter_literals`](crate::Limits::max_filter_literals), or too many lists and
    /// objects.
    #[error(
        "line {line} column {column}: the filter has more than {limit} values; split it over \
         several webhooks"
    )]
    TooManyLiterals {
        /// The line at which the limit was exceeded, counted from 1.
        line: usize,
        /// The column at which the limit was exceeded, counted in bytes from 1.
        column: usize,
        /// The number of values that are allowed.
        limit: usize,
    },
    /// The text is not JSON.
    #[error("line {line} column {column}: not valid JSON: {reason}{}", Remedy(*remedy))]
    Syntax {
        /// The line of the error, counted from 1.
        line: usize,
        /// The column of the error, counted in bytes from 1.
        column: usize,
        /// The message of the JSON parser.
        reason: String,
        /// What to write instead, if the text at the error is a common mistake, such as single
        /// quotes or Python's `True`.
        remedy: Option<&'static str>,
    },
    /// The table does not have this section.
    #[error("{}: unknown section{hint}", AtPointer(pointer))]
    UnknownSection {
        /// The JSON Pointer to the section.
        pointer: String,
        /// A suggested correction.
        hint: Hint,
    },
    /// The section or group does not have this key.
    #[error("{}: unknown key{hint}", AtPointer(pointer))]
    UnknownKey {
        /// The JSON Pointer to the key.
        pointer: String,
        /// A suggested correction.
        hint: Hint,
    },
    /// The key consists of an attribute's name and a suffix that does not apply to attributes of
    /// this kind. This error occurs only in the native language.
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
        /// A suggested correction.
        hint: Hint,
    },
    /// An object contains the same section or key twice.
    #[error("{}: appears twice; keep only one", AtPointer(pointer))]
    Duplicate {
        /// The JSON Pointer to the section or key.
        pointer: String,
    },
    /// A value has the wrong type. Null is always the wrong type. To switch a key off, remove the
    /// key.
    #[error("{}: expected {expected}, found {found}", AtPointer(pointer))]
    WrongType {
        /// The JSON Pointer to the value.
        pointer: String,
        /// A description of the allowed values.
        expected: String,
        /// The value in the text, shortened to 80 characters. A list is replaced by "a list", and
        /// an object by "an object".
        found: String,
    },
    /// A number is outside the range that its key allows or too large to be compared exactly.
    #[error("{}: expected {expected}, found {found}", AtPointer(pointer))]
    OutOfRange {
        /// The JSON Pointer to the number.
        pointer: String,
        /// A description of the allowed numbers.
        expected: String,
        /// The number in the text.
        found: String,
    },
}

/// A suggested correction for an unknown section, key or name.
///
/// `Display` writes the correction as the last part of an error message, beginning with a
/// semicolon.
///
/// ```
/// use recohook::{Filter, filter::Hint, findface::security::FILTERS};
///
/// let error = Filter::parse(r#"{"camera_in": [3]}"#, &FILTERS).unwrap_err();
/// let sections = vec!["events", "episodes", "counters"];
/// assert_eq!(error.hint(), Some(&Hint::KeyOf(sections)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// The known name that is most similar to the unknown one.
    Nearest(Cow<'static, str>),
    /// The sections that have this key. The key was written outside of a section.
    KeyOf(Vec<&'static str>),
    /// The names that this table has for a name of another version of the system.
    Renamed(&'static [&'static str]),
    /// The known names, because none of them is similar, or those that lack only a part. For a key
    /// of the native language, these can be the names of the attributes.
    Known(Vec<Cow<'static, str>>),
}

impl FilterError {
    /// Returns the kind of the error as a short name, for metrics and logs.
    ///
    /// Releases never rename or reuse these names, but a later release may add new ones.
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

    /// Returns the position of the error as a JSON Pointer (RFC 6901). The top level is `""`.
    ///
    /// The pointer is complete even if the message shortens it. Returns `None` if the text is not
    /// JSON or exceeds a limit.
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

    /// Returns the line and column at which the parser stopped. Both are counted from 1, and the
    /// column is counted in bytes.
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

    /// Returns the suggested correction for an unknown section, key or name, or `None` for other
    /// errors.
    ///
    /// A user interface can offer the correction or the list of all known names. The error message
    /// contains the same suggestion.
    pub fn hint(&self) -> Option<&Hint> {
        match self {
            Self::UnknownSection { hint, .. }
            | Self::UnknownKey { hint, .. }
            | Self::UnknownName { hint, .. } => Some(hint),
            _ => None,
        }
    }

    /// Creates the error for a value of the wrong type. The `Display` implementation of `found`
    /// shortens the value.
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

    /// Creates the error for a number outside the range that its key allows.
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
            Self::KeyOf(sections) => match &sections[..] {
                [section] => write!(f, "; it is a key of section \"{section}\""),
                sections => write!(f, "; it is a key of the sections {}", QuotedList(sections)),
            },
            Self::Renamed([name]) => write!(f, "; here it is called \"{name}\""),
            Self::Renamed(names) => write!(f, "; here it is one of {}", QuotedList(names)),
            // A section without keys has nothing to suggest.
            Self::Known(names) if names.is_empty() => Ok(()),
            Self::Known(names) => write!(f, "; expected one of {}", QuotedList(names)),
        }
    }
}

/// Writes names in quotes, separated by commas.
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

/// Writes what to write instead as the last part of an error message.
struct Remedy(Option<&'static str>);

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |remedy| write!(f, "; {remedy}"))
    }
}

/// Writes the position of an error at the beginning of a message.
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

/// Writes a string from the filter into a message, shortened and escaped.
///
/// Messages end up in logs, and filters can come from untrusted sources. Nobody should be able to
/// flood a log with a long name or to forge a log line with a line break.
pub(crate) struct Excerpt<'a>(pub(crate) &'a str);

impl Excerpt<'_> {
    /// The maximum number of characters that are shown.
    const CHARS: usize = 80;
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.0.chars();
        for char in chars.by_ref().take(Self::CHARS) {
            match char {
                // `escape_debug` escapes both kinds of quotes, but messages use only double quotes.
                '\'' => f.write_str("'")?,
                char => write!(f, "{}", char.escape_debug())?,
            }
        }
        if chars.next().is_some() { f.write_str("...") } else { Ok(()) }
    }
}
