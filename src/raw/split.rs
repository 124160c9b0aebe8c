use std::str;

use serde_json::value::RawValue;

use super::RawError;

/// Splits the body of a delivery into notifications. The body is either an array of notifications
/// or a single notification.
///
/// Returns the bytes of each notification, exactly as they are in the body. If the array is empty,
/// so is the list. If the body is an array, this function checks that it is valid JSON. A
/// [`Reader`](super::Reader) later checks whether the items are notifications.
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
/// [`RawError::Encoding`] if it is not UTF-8, and [`RawError::Json`] if it is not JSON. A body that
/// begins with `{` is returned unchecked, and the reader reports any errors in it.
pub fn split(body: &[u8]) -> Result<Vec<&[u8]>, RawError> {
    // There is no need to parse a single notification here, because the reader does so.
    if body.trim_ascii_start().starts_with(b"{") {
        return Ok(vec![body]);
    }
    let text = str::from_utf8(body)?;
    // A `RawValue` borrows the text of an item, without surrounding whitespace.
    match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(items) => Ok(items.into_iter().map(|item| item.get().as_bytes()).collect()),
        // Every value is a valid `RawValue`, so only the body itself can have the wrong type.
        Err(source) if source.is_data() => Err(RawError::Framing(source)),
        Err(source) => Err(RawError::Json(source)),
    }
}
