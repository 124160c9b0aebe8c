use std::str;

use serde_json::value::RawValue;

use super::RawError;

/// Splits the body of a delivery into notifications: the items of an array, or a single object.
///
/// Returns the bytes of each item, exactly as they are in the body. The list is empty if the array
/// is. Only the JSON of an array is checked. Whether the items are notifications is for a
/// [`Reader`](super::Reader) to find out.
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
/// begins with `{` is returned without a check: the reader reports its errors.
pub fn split(body: &[u8]) -> Result<Vec<&[u8]>, RawError> {
    // A single notification is read only once, by the reader.
    if body.trim_ascii_start().starts_with(b"{") {
        return Ok(vec![body]);
    }
    let text = str::from_utf8(body)?;
    // A `RawValue` borrows the text of an item, without white space around it.
    match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(items) => Ok(items.into_iter().map(|item| item.get().as_bytes()).collect()),
        // Any item is a `RawValue`, so the only wrong type is that of the body.
        Err(source) if source.is_data() => Err(RawError::Framing(source)),
        Err(source) => Err(RawError::Json(source)),
    }
}
