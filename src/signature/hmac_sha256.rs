use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;

use super::{Message, Received, Secret, SignError, Signer, Verifier, VerifyError};
use crate::base::{HeaderError, header};

/// Bytes of an HMAC-SHA256.
const LENGTH: usize = 32;

/// HMAC-SHA256 (RFC 2104) over the raw body, as `X-Signature-256: sha256=<64 hex digits>`.
///
/// ```
/// use recohook::http::HeaderMap;
/// use recohook::signature::{HmacSha256, Message, Secret, Signer};
/// use std::time::SystemTime;
///
/// let scheme = HmacSha256::new(&Secret::new("key")?)
///     .with_header("X-Hub-Signature-256")?
///     .with_prefix("v1,")?;
///
/// let mut headers = HeaderMap::new();
/// scheme.sign(&Message::new(b"[]", "delivery-1", SystemTime::now()), &mut headers)?;
/// assert!(headers["x-hub-signature-256"].to_str()?.starts_with("v1,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HmacSha256 {
    /// The hash with the key already worked in: cloned for each message.
    keyed: Hmac<Sha256>,
    /// The same of former secrets.
    former: Vec<Hmac<Sha256>>,
    header: HeaderName,
    prefix: String,
}

impl HmacSha256 {
    /// Signs with `secret` in the header `X-Signature-256` with the prefix `sha256=`.
    pub fn new(secret: &Secret) -> Self {
        Self {
            keyed: keyed(secret),
            former: Vec::new(),
            header: HeaderName::from_static("x-signature-256"),
            prefix: "sha256=".to_owned(),
        }
    }

    /// Sets the header's name.
    ///
    /// # Errors
    /// [`HeaderError::Name`] and [`HeaderError::Reserved`].
    pub fn with_header(mut self, name: &str) -> Result<Self, HeaderError> {
        self.header = header::generated_name(name)?;
        Ok(self)
    }

    /// Sets the text before the hex digits; an empty one means none.
    ///
    /// # Errors
    /// [`HeaderError::Value`] for what cannot stand at the start of a header's value.
    pub fn with_prefix(mut self, prefix: &str) -> Result<Self, HeaderError> {
        // Checked with a digit after it: it may end with a space.
        header::value(&self.header, &format!("{prefix}0"))?;
        prefix.clone_into(&mut self.prefix);
        Ok(self)
    }

    /// Accepts signatures with `secret`, too, and never signs with it: for the time in which the
    /// senders change to another. Several may be given.
    #[must_use]
    pub fn with_former_secret(mut self, secret: &Secret) -> Self {
        self.former.push(keyed(secret));
        self
    }

    fn decode(&self, value: &[u8]) -> Option<[u8; LENGTH]> {
        let digits = value.strip_prefix(self.prefix.as_bytes())?;
        let mut signature = [0; LENGTH];
        hex::decode_to_slice(digits, &mut signature).ok()?;
        Some(signature)
    }
}

impl Signer for HmacSha256 {
    fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
        let signature = self.keyed.clone().chain_update(message.body()).finalize().into_bytes();
        let mut digits = [0; 2 * LENGTH];
        hex::encode_to_slice(signature, &mut digits).map_err(SignError::new)?;
        // Of exactly this size, it becomes the header's value without a copy.
        let value = [self.prefix.as_bytes(), &digits].concat();
        let value = HeaderValue::try_from(value).map_err(SignError::new)?;
        headers.append(self.header.clone(), value);
        Ok(())
    }
}

impl Verifier for HmacSha256 {
    /// Accepts a request with the signature of its body. Hex digits may be of either case.
    ///
    /// The time it takes depends neither on how much of the signature is right nor on which of the
    /// secrets made it.
    fn verify(&self, received: &Received<'_>) -> Result<(), VerifyError> {
        let value = received.header(&self.header)?;
        let signature = self
            .decode(value.as_bytes())
            .ok_or_else(|| VerifyError::Malformed(self.header.clone()))?;
        let secrets = std::iter::once(&self.keyed).chain(&self.former);
        // Not `any`, which would stop at the first.
        let matches = secrets.fold(false, |matches, keyed| {
            let computed = keyed.clone().chain_update(received.body());
            matches | computed.verify_slice(&signature).is_ok()
        });
        if matches { Ok(()) } else { Err(VerifyError::Mismatch) }
    }
}

impl fmt::Debug for HmacSha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HmacSha256")
            .field("header", &self.header)
            .field("prefix", &self.prefix)
            .field("former_secrets", &self.former.len())
            .finish_non_exhaustive()
    }
}

fn keyed(secret: &Secret) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret.expose()).expect("HMAC takes keys of any length")
}
