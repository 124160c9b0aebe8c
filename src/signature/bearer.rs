use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use sha2::Sha256;

use super::{Message, Received, Secret, SignError, Signer, Verifier, VerifyError};
use crate::base::{HeaderError, header};

/// A static token, as `Authorization: Bearer <token>` (RFC 6750).
///
/// It shows that the sender knows the token, and **proves nothing about the body**: whoever sees
/// one request can send others. Send it over https alone, and put a signature beside it wherever
/// the receiver can check one.
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
    value: HeaderValue,
    /// With the token worked in: two tokens are compared by their hashes, so that the time it
    /// takes tells nothing of where they differ.
    hashed: Hmac<Sha256>,
}

impl Bearer {
    /// Sends `token` in the header `Authorization`.
    ///
    /// # Errors
    /// [`InvalidToken`] where it is not visible ASCII without spaces.
    pub fn new(token: &Secret) -> Result<Self, InvalidToken> {
        let bytes = token.expose();
        if !bytes.iter().all(u8::is_ascii_graphic) {
            return Err(InvalidToken);
        }
        let value = [SCHEME, b" ", bytes].concat();
        let mut value = HeaderValue::try_from(value).map_err(|_| InvalidToken)?;
        value.set_sensitive(true);
        Ok(Self { header: AUTHORIZATION, value, hashed: hash(bytes) })
    }

    /// Sets the header's name.
    ///
    /// # Errors
    /// [`HeaderError::Name`] and [`HeaderError::Reserved`].
    pub fn with_header(mut self, name: &str) -> Result<Self, HeaderError> {
        self.header = header::generated_name(name)?;
        Ok(self)
    }
}

impl Signer for Bearer {
    fn sign(&self, _message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
        headers.append(self.header.clone(), self.value.clone());
        Ok(())
    }
}

impl Verifier for Bearer {
    /// Accepts a request with the token. The word `Bearer` may be of any case.
    ///
    /// The time it takes does not depend on how much of the token is right.
    fn verify(&self, received: &Received<'_>) -> Result<(), VerifyError> {
        let value = received.header(&self.header)?.as_bytes();
        let token = token(value).ok_or_else(|| VerifyError::Malformed(self.header.clone()))?;
        let expected = self.hashed.clone().finalize().into_bytes();
        hash(token).verify(&expected).map_err(|_| VerifyError::Mismatch)
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer").field("header", &self.header).finish_non_exhaustive()
    }
}

/// A token that cannot stand in a header was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token must be visible ASCII without spaces; encode others, in base64 say")]
pub struct InvalidToken;

impl InvalidToken {
    /// A short name that stays the same between releases: for metrics and logs.
    pub const fn kind(&self) -> &'static str {
        "invalid_token"
    }
}

const SCHEME: &[u8] = b"Bearer";

/// The token in a header's value.
fn token(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(SCHEME.len())?;
    let token = rest.trim_ascii_start();
    let is_apart = rest.first() == Some(&b' ') && !token.is_empty();
    (is_apart && scheme.eq_ignore_ascii_case(SCHEME)).then_some(token)
}

/// The key is no secret: the hash only makes tokens of all lengths comparable.
fn hash(token: &[u8]) -> Hmac<Sha256> {
    let keyed = Hmac::<Sha256>::new_from_slice(SCHEME).expect("HMAC takes keys of any length");
    keyed.chain_update(token)
}
