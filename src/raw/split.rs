use std::str;

use serde_json::value::RawValue;

use super::RawError;

/// The notifications of a delivery, each by its bytes: the items of an array, or the one that
/// stands alone.
///
/// What they are is told when a [`Reader`](super::Reader) reads them.
///
/// ```
/// let body = br#"[{"id": "42", "camera": 3}, {"id": "43"}]"#;
/// let notifications = recohook::raw::split(body)?;
/// assert_eq!(notifications, [&br#"{"id": "42", "camera": 3}"#[..], br#"{"id": "43"}"#]);
/// # Ok::<(), recohook::raw::RawError>(())
/// ```
///
/// # Errors
/// Where the body is neither an array nor an object, or is an array and not UTF-8 or not JSON. One
/// that begins with `{` is given back unread: what is wrong in it is told by the reader.
pub fn split(body: &[u8]) -> Result<Vec<&[u8]>, RawError> {
    if body.trim_ascii_start().starts_with(b"{") {
        return Ok(vec![body]);
    }
    let text = str::from_utf8(body)?;
    match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(items) => Ok(items.into_iter().map(|item| item.get().as_bytes()).collect()),
        Err(source) if source.is_data() => Err(RawError::Framing(source)),
        Err(source) => Err(RawError::Json(source)),
    }
}
