use super::ErrorText;

/// The reason phrase of a response, such as `Not Allowed` in `405 Not Allowed`.
///
/// A [`Response`](http::Response) has no place for it. A transport puts it into the response's
/// extensions if it differs from the usual phrase of the status. It appears in the reports of
/// failed attempts and has no other effect. `HyperTransport` does so.
///
/// ```
/// use recohook::http::{Response, StatusCode};
/// use recohook::transport::{Body, ReasonPhrase};
///
/// let mut response = Response::new(Body::empty());
/// *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
/// response.extensions_mut().insert(ReasonPhrase::new(b"Not Allowed"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReasonPhrase(ErrorText);

impl ReasonPhrase {
    /// Creates a reason phrase from the bytes between the status and the end of the line. Bytes
    /// that are not UTF-8 are replaced, and at most 200 characters are kept.
    pub fn new(phrase: &[u8]) -> Self {
        Self(ErrorText::new(&String::from_utf8_lossy(phrase)))
    }

    /// Returns the phrase.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn text(&self) -> &ErrorText {
        &self.0
    }
}
