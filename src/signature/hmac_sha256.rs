use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;

use super::{Message, Secret, Signer};

/// Bytes of an HMAC-SHA256.
const LENGTH: usize = 32;

/// HMAC-SHA256 (RFC 2104) over the raw body, as `X-Signature-256: sha256=<64 hex digits>`.
///
/// ```
/// use recohook::http::{HeaderMap, HeaderName, HeaderValue};
/// use recohook::signature::{HmacSha256, Message, Secret, Signer};
/// use std::time::SystemTime;
///
/// let scheme = HmacSha256::new(&Secret::new("key")?)
///     .with_header(HeaderName::from_static("x-hub-signature-256"))
///     .with_prefix(HeaderValue::from_static("v1,"));
///
/// let mut headers = HeaderMap::new();
/// scheme.sign(&Message::new(b"[]", "delivery-1", SystemTime::now()), &mut headers);
/// assert!(headers["x-hub-signature-256"].to_str()?.starts_with("v1,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HmacSha256 {
    /// The hash with the key already worked in: cloned for each message.
    keyed: Hmac<Sha256>,
    header: HeaderName,
    prefix: HeaderValue,
}

impl HmacSha256 {
    /// Signs with `secret` in the header `X-Signature-256` with the prefix `sha256=`.
    pub fn new(secret: &Secret) -> Self {
        Self {
            keyed: Hmac::new_from_slice(secret.expose()).expect("HMAC takes keys of any length"),
            header: HeaderName::from_static("x-signature-256"),
            prefix: HeaderValue::from_static("sha256="),
        }
    }

    /// Sets the header's name.
    #[must_use]
    pub fn with_header(mut self, header: HeaderName) -> Self {
        self.header = header;
        self
    }

    /// Sets the text before the hex digits; an empty value means none. It should not start with
    /// white space, which gets lost on the way.
    #[must_use]
    pub fn with_prefix(mut self, prefix: HeaderValue) -> Self {
        self.prefix = prefix;
        self
    }

    /// Whether `headers` hold the signature of `body`, for the receiver. `body` must be the raw
    /// bytes: JSON parsed and written again is another text.
    ///
    /// The time it takes does not depend on how much of the signature is right. Hex digits may be
    /// of either case.
    ///
    /// # Errors
    /// Where it is not so; the request should then be refused.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), VerifyError> {
        let mut values = headers.get_all(&self.header).iter();
        let value = values.next().ok_or_else(|| VerifyError::Missing(self.header.clone()))?;
        if values.next().is_some() {
            return Err(VerifyError::Several(self.header.clone()));
        }
        let signature = self
            .decode(value.as_bytes())
            .ok_or_else(|| VerifyError::Malformed(self.header.clone()))?;
        let computed = self.keyed.clone().chain_update(body);
        computed.verify_slice(&signature).map_err(|_| VerifyError::Mismatch)
    }

    fn decode(&self, value: &[u8]) -> Option<[u8; LENGTH]> {
        let digits = value.strip_prefix(self.prefix.as_bytes())?;
        let mut signature = [0; LENGTH];
        hex::decode_to_slice(digits, &mut signature).ok()?;
        Some(signature)
    }
}

impl Signer for HmacSha256 {
    /// Adds the header. Two schemes with the same header's name give two headers, which
    /// [`verify`](HmacSha256::verify) refuses: give each its own.
    fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) {
        let signature = self.keyed.clone().chain_update(message.body()).finalize().into_bytes();
        let value = [self.prefix.as_bytes(), hex::encode(signature).as_bytes()].concat();
        let value = HeaderValue::try_from(value).expect("a header value stays one with hex digits");
        headers.append(self.header.clone(), value);
    }
}

impl fmt::Debug for HmacSha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HmacSha256")
            .field("header", &self.header)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// Why a signature is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// There is no such header.
    #[error("no header {0}: check that the sender signs, and under this name")]
    Missing(HeaderName),
    /// There are several such headers.
    #[error("several headers {0}: give each of the sender's schemes its own header")]
    Several(HeaderName),
    /// The header is not the prefix followed by 64 hex digits.
    #[error("the header {0} is not the prefix and 64 hex digits: check the sender's prefix")]
    Malformed(HeaderName),
    /// The signature belongs to another body or another secret.
    #[error("the signature does not match: check the secret, and that the body is the raw one")]
    Mismatch,
}

impl VerifyError {
    /// A short name that stays the same between releases: for metrics and logs.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::Several(_) => "several",
            Self::Malformed(_) => "malformed",
            Self::Mismatch => "mismatch",
        }
    }
}
