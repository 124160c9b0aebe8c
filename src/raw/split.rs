use std::{borrow::Cow, fmt, ops::Range, str};

use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::RawError;
use crate::base::json::without_mark;

/// Splits the body of a delivery into notifications. The body is either an array of notifications
/// or a single notification.
///
/// Returns the bytes of each notification, exactly as they are in the body. If the array is empty,
/// so is the list. A byte order mark before the body is skipped. If the body is an array, this
/// function checks that it is valid JSON. A [`Reader`](super::Reader) later checks whether the
/// items are notifications, so an item that it refuses does not affect the others.
///
/// ```
/// let body = br#"[{"id": "42", "camera": 3}, {"id": "43"}]"#;
/// let notifications = recohook::raw::split(body)?;
/// assert_eq!(notifications, [&br#"{"id": "42", "camera": 3}"#[..], br#"{"id": "43"}"#]);
///
/// assert_eq!(recohook::raw::split(br#"{"id": "44"}"#)?, [br#"{"id": "44"}"#]);
/// assert_eq!(recohook::raw::split(b"null").unwrap_err().kind(), "framing");
/// # Ok::<(), recohook::raw::RawError>(())
/// ```
///
/// # Errors
/// Returns [`RawError::Framing`] if the body is neither an array nor an object,
/// [`RawError::Encoding`] if it is not UTF-8 outside of strings, and [`RawError::Json`] if it is
/// not JSON. A body that begins with `{` is returned unchecked, and the reader reports any errors
/// in it. The reader also reports an item with a string that is not UTF-8.
pub fn split(body: &[u8]) -> Result<Vec<&[u8]>, RawError> {
    let body = without_mark(body);
    let Split { items, error } = items(body);
    match error {
        Some(error) => Err(error),
        None => Ok(items.into_iter().map(|item| &body[item]).collect()),
    }
}

/// The result of splitting a body.
pub(crate) struct Split {
    /// The places of the items in the body. If there is an error, these are the items before it.
    pub(crate) items: Vec<Range<usize>>,
    /// The reason why the rest of the body could not be split.
    pub(crate) error: Option<RawError>,
}

/// Finds the notifications of a body that has no byte order mark.
///
/// The items of an array are valid JSON, except that their strings may not be UTF-8. A body that
/// begins with `{` is a single item, which is not checked.
pub(crate) fn items(body: &[u8]) -> Split {
    // There is no need to parse a single notification here, because it is read later.
    if body.trim_ascii_start().starts_with(b"{") {
        let whole = 0..body.len();
        return Split { items: vec![whole], error: None };
    }
    let (text, encoding) = match str::from_utf8(body) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(error) => (Cow::Owned(legible(body)), Some(error)),
    };
    let mut splitter = Splitter { text: &text, items: Vec::new() };
    let mut json = serde_json::Deserializer::from_str(&text);
    let error = json.deserialize_any(&mut splitter).and_then(|()| json.end()).err();
    let items = splitter.items;
    let error = error.map(|source| match encoding {
        Some(encoding) => RawError::Encoding(encoding),
        // Every value is a valid `RawValue`, so only the body itself can have the wrong type. But
        // text that merely begins like a string or a number is not JSON.
        None if source.is_data() => match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
            Err(broken) => RawError::json(broken, text.as_bytes()),
            Ok(_) => RawError::Framing(source),
        },
        None => RawError::json(source, text.as_bytes()),
    });
    Split { items, error }
}

/// Returns the text in which each byte that is not UTF-8 is replaced by a question mark, so that
/// all other bytes keep their places.
fn legible(body: &[u8]) -> String {
    let mut text = String::with_capacity(body.len());
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

/// Finds the items of an array. It is passed by reference, so the items that it has found remain
/// available after an error.
struct Splitter<'t> {
    text: &'t str,
    items: Vec<Range<usize>>,
}

impl<'de> Visitor<'de> for &mut Splitter<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of notifications or a single notification")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        // A `RawValue` borrows the text of an item, without the whitespace around it.
        while let Some(item) = array.next_element::<&RawValue>()? {
            let start = item.get().as_ptr().addr() - self.text.as_ptr().addr();
            self.items.push(start..start + item.get().len());
        }
        Ok(())
    }
}
