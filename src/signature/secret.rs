use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

/// A key or a token that the sender and the receiver share.
///
/// `Debug` does not show its bytes, and it cannot be serialized, so it does not end up in a log or
/// a response by accident. It can be deserialized from a text, such as in a configuration file: the
/// UTF-8 bytes of the text are the secret.
///
/// ```
/// use recohook::signature::Secret;
///
/// let secret = Secret::new("correct horse battery staple")?;
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
///
/// let secret: Secret = serde_json::from_str(r#""whsec_abc""#)?;
/// assert_eq!(secret.expose(), b"whsec_abc");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Creates a secret from the bytes of a text or a list.
    ///
    /// The bytes are used as they are. If a secret is given as hex or base64, decode it first.
    ///
    /// ```
    /// use recohook::signature::{EmptySecret, Secret};
    ///
    /// let random = [0x3f; 32]; // from a random number generator
    /// assert_eq!(Secret::new(random)?.expose().len(), 32);
    /// assert_eq!(Secret::new("").unwrap_err(), EmptySecret);
    /// # Ok::<(), EmptySecret>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`EmptySecret`] if there are no bytes: anyone could sign with that key.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, EmptySecret> {
        let bytes = bytes.into();
        if bytes.is_empty() { Err(EmptySecret) } else { Ok(Self(bytes)) }
    }

    /// Returns the bytes, for a [`Signer`](super::Signer) of the host's own.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `deserialize_str`: with it, serde_json reports the number that it found instead of a
        // text, and that number may be the secret.
        deserializer.deserialize_any(SecretVisitor)
    }
}

/// Reads a secret from a text.
///
/// Any other value is an error that does not contain the value: it may be a secret whose quotes
/// were forgotten.
struct SecretVisitor;

impl Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret as a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        Secret::new(text).map_err(E::custom)
    }

    // The default methods for numbers would put the number into the error.

    fn visit_i64<E: Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::invalid_type(NUMBER, &self))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::invalid_type(NUMBER, &self))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::invalid_type(NUMBER, &self))
    }
}

/// What errors show in place of a number.
const NUMBER: Unexpected<'_> = Unexpected::Other("a number");

/// The error of a secret without bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret is empty: use at least 1 byte, and better 32 random bytes")]
pub struct EmptySecret;

impl EmptySecret {
    /// Returns a short name for metrics and logs: `empty_secret`. It does not change between
    /// releases.
    pub const fn kind(&self) -> &'static str {
        "empty_secret"
    }
}
