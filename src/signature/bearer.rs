use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use sha2::Sha256;

use super::{Message, Received, Secret, SignError, Signer, Verifier, VerifyError};
use crate::base::{HeaderError, header};

/// A fixed token, sent as `Authorization: Bearer <token>` (RFC 6750).
///
/// A request with the token proves that its sender knows the token, but **proves nothing about the
/// body**. Anyone who sees one request can send others. Use this scheme only over https, and add a
/// signature if the receiver can verify one.
///
/// ```
/// use recohook::findface::security;
/// use recohook::signature::{Bearer, HmacSha256, Secret};
/// use recohook::{Filter, Webhook};
///
/// let token = Bearer::new(&Secret::new("t0ken")?)?;
/// let webhook = Webhook::new("https://hooks.example/", Filter::everything(&security::FILTERS))?
///     .with_signer(token)
///     .with_signer(HmacSha256::new(&Secret::new("a key, not the token")?));
/// assert_eq!(webhook.signers().len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Bearer {
    header: HeaderName,
    /// The name of the header as it is sent.
    spelling: Box<str>,
    value: HeaderValue,
    /// The hash of the token. Received tokens are compared by their hashes, so that the duration of
    /// a comparison does not reveal where two tokens differ.
    hashed: Hmac<Sha256>,
}

impl Bearer {
    /// Creates a scheme that sends `token` in the header `Authorization`.
    ///
    /// ```
    /// use recohook::http::HeaderMap;
    /// use recohook::signature::{Bearer, InvalidToken, Message, Secret, Signer};
    /// # use std::time::SystemTime;
    ///
    /// let mut headers = HeaderMap::new();
    /// let message = Message::new(b"[]", "delivery-1", SystemTime::now());
    /// Bearer::new(&Secret::new("t0ken")?)?.sign(&message, &mut headers)?;
    /// assert_eq!(headers["authorization"], "Bearer t0ken");
    ///
    /// assert_eq!(Bearer::new(&Secret::new("two words")?).unwrap_err(), InvalidToken);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidToken`] if the token contains anything but visible ASCII characters.
    pub fn new(token: &Secret) -> Result<Self, InvalidToken> {
        let bytes = token.expose();
        if !bytes.iter().all(u8::is_ascii_graphic) {
            return Err(InvalidToken);
        }
        let value = [SCHEME, b" ", bytes].concat();
        let mut value = HeaderValue::try_from(value).map_err(|_| InvalidToken)?;
        // The `Debug` output of a header map hides a sensitive value, and HTTP/2 does not index it.
        value.set_sensitive(true);
        let spelling = "Authorization".into();
        Ok(Self { header: AUTHORIZATION, spelling, value, hashed: hash(bytes) })
    }

    /// Sets the name of the header that contains the token. The value always begins with `Bearer`.
    /// Default: `Authorization`.
    ///
    /// # Errors
    /// - Returns [`HeaderError::Name`] if `name` is not a valid header name.
    /// - Returns [`HeaderError::Reserved`] if the crate or the transport sets this header.
    pub fn with_header(mut self, name: &str) -> Result<Self, HeaderError> {
        self.header = header::generated_name(name)?;
        self.spelling = name.into();
        Ok(self)
    }
}

impl Signer for Bearer {
    fn sign(&self, _message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
        headers.append(self.header.clone(), self.value.clone());
        Ok(())
    }

    fn header_names(&self) -> Vec<&str> {
        vec![&self.spelling]
    }
}

impl Verifier for Bearer {
    /// Accepts a request that contains the token. The word `Bearer` may be in upper or lower case.
    ///
    /// The time that verification takes does not depend on how much of the token is right.
    fn verify(&self, received: &Received<'_>) -> Result<(), VerifyError> {
        let value = received.header(&self.header)?.as_bytes();
        let token = token(value).ok_or_else(|| VerifyError::Malformed(self.header.clone()))?;
        let expected = self.hashed.clone().finalize().into_bytes();
        // `verify` compares in constant time, unlike `==` on bytes.
        hash(token).verify(&expected).map_err(|_| VerifyError::Mismatch)
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer").field("header", &self.header).finish_non_exhaustive()
    }
}

/// An error that occurs when a token cannot be sent in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the token must be visible ASCII without spaces; encode other tokens, for example as base64"
)]
pub struct InvalidToken;

impl InvalidToken {
    /// Returns a short name for metrics and logs: `invalid_token`. The name does not change between
    /// releases.
    pub const fn kind(&self) -> &'static str {
        "invalid_token"
    }
}

const SCHEME: &[u8] = b"Bearer";

/// Returns the token from a header's value, or `None` if the value has a different format.
fn token(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(SCHEME.len())?;
    let token = rest.trim_ascii_start();
    // "BearerX" is a different scheme.
    let is_apart = rest.first() == Some(&b' ') && !token.is_empty();
    (is_apart && scheme.eq_ignore_ascii_case(SCHEME)).then_some(token)
}

/// Returns the hash of a token. All hashes have the same length, whatever the length of the token.
fn hash(token: &[u8]) -> Hmac<Sha256> {
    // The key is public, because the hash does not protect anything. It only replaces tokens of any
    // length with values that can be compared in constant time.
    let keyed = Hmac::<Sha256>::new_from_slice(SCHEME).expect("HMAC takes keys of any length");
    keyed.chain_update(token)
}
