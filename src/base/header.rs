//! Checks the names and values of headers, for the whole crate.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// An error that occurs when a header cannot be sent.
///
/// ```
/// use recohook::{HeaderError, Profile};
///
/// let error = Profile::default().with_kind_header("event type").unwrap_err();
/// assert_eq!(error, HeaderError::Name { name: "event type".into() });
/// assert_eq!(error.to_string(), "\"event type\" is not a valid header name");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The name is not a valid header name.
    #[error("{name:?} is not a valid header name")]
    Name {
        /// The name.
        name: String,
    },
    /// The value contains characters that are not allowed in a header, or it begins or ends with
    /// whitespace, which receivers would not see.
    #[error(
        "the value of the header {name} must be visible ASCII, with spaces and tabs only between \
         other characters"
    )]
    Value {
        /// The name of the header.
        name: HeaderName,
    },
    /// The header is reserved, because the crate or the transport sets it.
    #[error("the header {name} is reserved: the crate or the transport sets it; use another name")]
    Reserved {
        /// The name of the header.
        name: HeaderName,
    },
    /// There are more headers than a header map can hold. The maximum is in the tens of thousands.
    #[error("there are too many headers; set fewer")]
    TooMany,
}

impl HeaderError {
    /// Returns a short name for metrics and logs, such as `header_name`. The name does not change
    /// between releases.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Name { .. } => "header_name",
            Self::Value { .. } => "header_value",
            Self::Reserved { .. } => "reserved_header",
            Self::TooMany => "too_many_headers",
        }
    }
}

/// Parses the name of a header. Fails if the header is reserved.
pub(crate) fn name(text: &str) -> Result<HeaderName, HeaderError> {
    let name =
        HeaderName::try_from(text).map_err(|_| HeaderError::Name { name: text.to_owned() })?;
    if is_reserved(&name) { Err(HeaderError::Reserved { name }) } else { Ok(name) }
}

/// Parses the name of a header whose value is generated for each request. Fails if the header is
/// reserved or already set in every request.
pub(crate) fn generated_name(text: &str) -> Result<HeaderName, HeaderError> {
    let name = name(text)?;
    if [header::CONTENT_TYPE, header::USER_AGENT].contains(&name) {
        return Err(HeaderError::Reserved { name });
    }
    Ok(name)
}

/// Parses the value of the header `name`.
pub(crate) fn value(name: &HeaderName, text: &str) -> Result<HeaderValue, HeaderError> {
    // `HeaderValue::from_str` accepts characters outside ASCII, which receivers decode in different
    // ways.
    Some(text)
        .filter(|text| text.is_ascii() && text.trim_ascii() == *text)
        .and_then(|text| HeaderValue::from_str(text).ok())
        .ok_or_else(|| HeaderError::Value { name: name.clone() })
}

/// Returns whether only the transport may set this header. A wrong value would break the
/// connection or smuggle a second request into it.
pub(crate) fn is_reserved(name: &HeaderName) -> bool {
    RESERVED.contains(name)
}

/// Returns the total length of all names and values, in bytes.
pub(crate) fn bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// The headers that describe the connection or the length of the body.
const RESERVED: [HeaderName; 8] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];
