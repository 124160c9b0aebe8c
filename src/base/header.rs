//! Names and values of headers, checked in one place for all that take them.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// A header that cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The name is none.
    #[error("{name:?} is no header name")]
    Name {
        /// The name.
        name: String,
    },
    /// The value has characters that no header has, or white space around it, which gets lost on
    /// the way.
    #[error(
        "the value of the header {name} must be visible ASCII, with spaces and tabs only between"
    )]
    Value {
        /// The header.
        name: HeaderName,
    },
    /// The header is not the caller's to set.
    #[error("the header {name} is set by the sender or its transport; leave it out")]
    Reserved {
        /// The header.
        name: HeaderName,
    },
    /// There are more headers than fit: tens of thousands.
    #[error("there are too many headers; leave some out")]
    TooMany,
}

impl HeaderError {
    /// A short name that stays the same between releases: for metrics and logs.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Name { .. } => "header_name",
            Self::Value { .. } => "header_value",
            Self::Reserved { .. } => "reserved_header",
            Self::TooMany => "too_many_headers",
        }
    }
}

/// Reads a header's name that a request may carry.
pub(crate) fn name(text: &str) -> Result<HeaderName, HeaderError> {
    let name =
        HeaderName::try_from(text).map_err(|_| HeaderError::Name { name: text.to_owned() })?;
    if is_reserved(&name) { Err(HeaderError::Reserved { name }) } else { Ok(name) }
}

/// Reads the name of a header whose value is made anew for each request: none of those that every
/// request has.
pub(crate) fn generated_name(text: &str) -> Result<HeaderName, HeaderError> {
    let name = name(text)?;
    if [header::CONTENT_TYPE, header::USER_AGENT].contains(&name) {
        return Err(HeaderError::Reserved { name });
    }
    Ok(name)
}

/// Reads the value of the header `name`.
pub(crate) fn value(name: &HeaderName, text: &str) -> Result<HeaderValue, HeaderError> {
    // The value's own parser lets what is not ASCII pass.
    Some(text)
        .filter(|text| text.is_ascii() && text.trim_ascii() == *text)
        .and_then(|text| HeaderValue::from_str(text).ok())
        .ok_or_else(|| HeaderError::Value { name: name.clone() })
}

/// Whether a header is the transport's business: a wrong value would break the connection or
/// smuggle a request.
pub(crate) fn is_reserved(name: &HeaderName) -> bool {
    RESERVED.contains(name)
}

/// The bytes of all names and values.
pub(crate) fn bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// What describes the connection or the length of the body.
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
