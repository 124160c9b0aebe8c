use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;

use super::{Message, Received, Secret, SignError, Signer, Verifier, VerifyError};
use crate::base::{HeaderError, header};

/// The length of an HMAC-SHA256, in bytes.
const LENGTH: usize = 32;

/// HMAC-SHA256 (RFC 2104) over the raw body, sent as `X-Signature-256: sha256=<64 hex digits>`.
///
/// It is both a [`Signer`] and a [`Verifier`]. The header and the prefix can be changed. The
/// signature covers only the body. A receiver that must detect replays has to check the delivery's
/// id as well, or use a scheme that signs the time.
///
/// ```
/// use recohook::http::HeaderMap;
/// use recohook::signature::{HmacSha256, Message, Secret, Signer};
/// use std::time::SystemTime;
///
/// let scheme = HmacSha256::new(&Secret::new("key")?);
/// let mut headers = HeaderMap::new();
/// scheme.sign(&Message::new(b"[]", "delivery-1", SystemTime::now()), &mut headers)?;
/// assert_eq!(
///     headers["x-signature-256"],
///     "sha256=8cf3d584bac42070e44f249a550910bd0077d18a9cc62a54c59c6758458bf01a",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HmacSha256 {
    /// A hash state that has already processed the key. It is cloned for each message, so that the
    /// key is hashed only once.
    keyed: Hmac<Sha256>,
    /// The hash state of each former secret.
    former: Vec<Hmac<Sha256>>,
    header: HeaderName,
    /// The name of the header as it is sent.
    spelling: Box<str>,
    prefix: String,
}

impl HmacSha256 {
    /// Creates a scheme that signs with `secret`. The signature is sent in the header
    /// `X-Signature-256` with the prefix `sha256=`.
    pub fn new(secret: &Secret) -> Self {
        Self {
            keyed: keyed(secret),
            former: Vec::new(),
            header: HeaderName::from_static("x-signature-256"),
            spelling: "X-Signature-256".into(),
            prefix: "sha256=".to_owned(),
        }
    }

    /// Sets the header. Default: `X-Signature-256`.
    ///
    /// ```
    /// use recohook::signature::{HmacSha256, Secret};
    ///
    /// let scheme = HmacSha256::new(&Secret::new("key")?);
    /// assert!(scheme.clone().with_header("X-Hub-Signature-256").is_ok());
    /// assert!(scheme.with_header("Content-Length").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// - Returns [`HeaderError::Name`] if `name` is not a valid header name.
    /// - Returns [`HeaderError::Reserved`] if the crate or the transport sets this header.
    pub fn with_header(mut self, name: &str) -> Result<Self, HeaderError> {
        self.header = header::generated_name(name)?;
        self.spelling = name.into();
        Ok(self)
    }

    /// Sets the prefix before the hex digits. It may be empty. Default: `sha256=`.
    ///
    /// ```
    /// use recohook::http::HeaderMap;
    /// use recohook::signature::{HmacSha256, Message, Secret, Signer};
    /// # use std::time::SystemTime;
    ///
    /// let scheme = HmacSha256::new(&Secret::new("key")?).with_prefix("v1,")?;
    /// let mut headers = HeaderMap::new();
    /// scheme.sign(&Message::new(b"[]", "delivery-1", SystemTime::now()), &mut headers)?;
    /// assert!(headers["x-signature-256"].to_str()?.starts_with("v1,"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`HeaderError::Value`] if the value of a header cannot begin with `prefix`.
    pub fn with_prefix(mut self, prefix: &str) -> Result<Self, HeaderError> {
        // The prefix is checked with a digit after it, because a prefix may end with a space but a
        // whole value may not.
        header::value(&self.header, &format!("{prefix}0"))?;
        prefix.clone_into(&mut self.prefix);
        Ok(self)
    }

    /// Adds a secret that verifies signatures but does not create any.
    ///
    /// A receiver adds the former secret while its senders change to the new one. It may add
    /// several secrets. For each former secret, the body of every request is hashed once more.
    ///
    /// ```
    /// use recohook::http::HeaderMap;
    /// use recohook::signature::{HmacSha256, Message, Received, Secret, Signer, Verifier};
    /// # use std::time::SystemTime;
    ///
    /// let (old, new) = (Secret::new("old")?, Secret::new("new")?);
    /// let mut headers = HeaderMap::new();
    /// let message = Message::new(b"[]", "delivery-1", SystemTime::now());
    /// HmacSha256::new(&old).sign(&message, &mut headers)?;
    ///
    /// let receiver = HmacSha256::new(&new).with_former_secret(&old);
    /// assert!(receiver.verify(&Received::new(&headers, b"[]")).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_former_secret(mut self, secret: &Secret) -> Self {
        self.former.push(keyed(secret));
        self
    }

    /// Returns the signature from a header's value, or `None` if the value has a different format.
    fn decode(&self, value: &[u8]) -> Option<[u8; LENGTH]> {
        let digits = value.strip_prefix(self.prefix.as_bytes())?;
        let mut signature = [0; LENGTH];
        // This fails unless there are exactly as many digits as the slice needs.
        hex::decode_to_slice(digits, &mut signature).ok()?;
        Some(signature)
    }
}

impl Signer for HmacSha256 {
    fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
        let signature = self.keyed.clone().chain_update(message.body()).finalize().into_bytes();
        let mut digits = [0; 2 * LENGTH];
        hex::encode_to_slice(signature, &mut digits).map_err(SignError::new)?;
        // `concat` allocates the exact size, so that the header value can take over the buffer
        // without copying it.
        let value = [self.prefix.as_bytes(), &digits].concat();
        let value = HeaderValue::try_from(value).map_err(SignError::new)?;
        headers.append(self.header.clone(), value);
        Ok(())
    }

    fn header_names(&self) -> Vec<&str> {
        vec![&self.spelling]
    }
}

impl Verifier for HmacSha256 {
    /// Accepts a request that contains the signature of its body. The hex digits may be in upper or
    /// lower case.
    ///
    /// The time that verification takes depends neither on how much of the signature is right nor
    /// on which secret created it.
    fn verify(&self, received: &Received<'_>) -> Result<(), VerifyError> {
        let value = received.header(&self.header)?;
        let signature = self
            .decode(value.as_bytes())
            .ok_or_else(|| VerifyError::Malformed(self.header.clone()))?;
        let secrets = std::iter::once(&self.keyed).chain(&self.former);
        // `any` would stop at the first match, and the time would then reveal which secret matched.
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

/// Returns a hash state that has processed the key.
fn keyed(secret: &Secret) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret.expose()).expect("HMAC takes keys of any length")
}
