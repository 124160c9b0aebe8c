use std::{fmt, iter::FusedIterator, ops::Range, str, vec};

use serde::de::{Error as _, IgnoredAny};

use super::parse_error::{Cause, ParseError, Sender};
use crate::{
    base::json::without_mark,
    raw::{RawError, split_items},
};

/// The notifications of a delivery, each of which is read on its own.
///
/// The function `parse_items` of each system returns this iterator. If a notification cannot be
/// read, its item is an error that contains its index and position, and the notifications after it
/// can still be read. The notifications are equal to those that `parse_delivery` returns.
///
/// If the body itself is broken at some position, the iterator returns the notifications before
/// that position and then one error, whose [`index`](ParseError::index) is `None`.
///
/// ```
/// use recohook::findface::security::{AnyNotification, parse_items};
///
/// let body = br#"[{"id": "41", "webhook_type": "events"},
///     {"id": "42", "webhook_type": "events", "camera": "gate"},
///     {"id": "43", "webhook_type": "events"}]"#;
/// let mut ids = Vec::new();
/// for item in parse_items(body) {
///     match item {
///         Ok(AnyNotification::Event(event)) => ids.push(event.id),
///         Ok(_) => {}
///         Err(error) => {
///             assert_eq!((error.index(), error.position()), (Some(1), Some((2, 59))));
///         }
///     }
/// }
/// assert_eq!(ids, ["41", "43"]);
/// ```
pub struct ParsedItems<'a, T> {
    body: &'a [u8],
    /// The places of the notifications that have not been read yet.
    items: vec::IntoIter<Range<usize>>,
    /// The index of the next notification.
    index: usize,
    /// The reason why the body has no further notifications, if it is broken.
    broken: Option<Cause>,
    place: Place,
    read: fn(&str) -> Result<T, serde_json::Error>,
    sender: &'static Sender,
}

impl<'a, T> ParsedItems<'a, T> {
    /// Splits the body. Notifications are read when the iterator returns them.
    pub(super) fn new(
        body: &'a [u8],
        sender: &'static Sender,
        read: fn(&str) -> Result<T, serde_json::Error>,
    ) -> Self {
        let body = without_mark(body);
        let split = split_items(body);
        let broken = split.error.map(|error| match error {
            RawError::Encoding(source) => Cause::Encoding { index: None, source },
            RawError::Json { source, remedy } => Cause::Json { source, remedy },
            RawError::Framing(source) | RawError::Notification(source) => Cause::Framing(source),
        });
        let items = split.items.into_iter();
        Self { body, items, index: 0, broken, place: Place::default(), read, sender }
    }

    /// Reads the notification at this place in the body.
    fn read(&mut self, item: Range<usize>) -> Result<T, Cause> {
        let index = self.index;
        self.index += 1;
        let text = str::from_utf8(&self.body[item.clone()])
            .map_err(|source| Cause::Encoding { index: Some(index), source })?;
        (self.read)(text).map_err(|error| {
            // A single notification that is not in an array has not been checked yet.
            if let Err(broken) = serde_json::from_str::<IgnoredAny>(text) {
                return Cause::json(broken, self.body);
            }
            self.place.advance_to(item.start, self.body);
            Cause::Notification { index, source: self.place.of(&error) }
        })
    }
}

impl<T> Iterator for ParsedItems<'_, T> {
    type Item = Result<T, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = match self.items.next() {
            Some(item) => self.read(item),
            None => Err(self.broken.take()?),
        };
        Some(read.map_err(|cause| ParseError { cause, sender: self.sender }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.items.len() + usize::from(self.broken.is_some());
        (count, Some(count))
    }
}

impl<T> ExactSizeIterator for ParsedItems<'_, T> {}

impl<T> FusedIterator for ParsedItems<'_, T> {}

impl<T> fmt::Debug for ParsedItems<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body may contain personal data.
        f.debug_struct("ParsedItems").field("items", &self.len()).finish_non_exhaustive()
    }
}

/// A place in the body. It only moves forward, so that finding the places of many errors reads the
/// body once.
#[derive(Default)]
struct Place {
    /// The number of bytes before the place.
    offset: usize,
    /// The number of line breaks before the place.
    lines: usize,
    /// The number of bytes before the place in its line.
    column: usize,
}

impl Place {
    fn advance_to(&mut self, offset: usize, body: &[u8]) {
        for byte in &body[self.offset..offset] {
            if *byte == b'\n' {
                self.lines += 1;
                self.column = 0;
            } else {
                self.column += 1;
            }
        }
        self.offset = offset;
    }

    /// Returns an error with the position in the body. `error` has the position in text that begins
    /// at this place.
    fn of(&self, error: &serde_json::Error) -> serde_json::Error {
        let (line, column) = (error.line(), error.column());
        let message = error.to_string();
        let message = message.strip_suffix(&format!(" at line {line} column {column}"));
        let (Some(message), Some(below)) = (message, line.checked_sub(1)) else {
            return serde_json::Error::custom(error);
        };
        let column = if below == 0 { self.column + column } else { column };
        // `serde_json` parses the line and the column from the end of the message.
        let line = self.lines + line;
        serde_json::Error::custom(format_args!("{message} at line {line} column {column}"))
    }
}
