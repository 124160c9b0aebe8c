use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

/// A key or a token that the sender and the receiver share.
///
/// `Debug` does not show its bytes, and a secret cannot be serialized, so it does not end up in a
/// log or a response by accident. It can be deserialized from a string, for example in a
/// configuration file. The UTF-8 bytes of the string are the secret.
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
    /// Creates a secret from the bytes of a string or a list.
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
    /// Returns [`EmptySecret`] if there are no bytes, because anyone could sign with an empty key.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, EmptySecret> {
        let bytes = bytes.into();
        if bytes.is_empty() { Err(EmptySecret) } else { Ok(Self(bytes)) }
    }

    /// Returns the bytes. Use this method to implement your own [`Signer`](super::Signer).
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
        // With `deserialize_str`, the error that `serde_json` returns for a number would contain
        // the number, which may be the secret.
        deserializer.deserialize_any(SecretVisitor)
    }
}

/// Reads a secret from a string.
///
/// Any other value is an error. The error does not contain the value, which may be a secret whose
/// quotes were forgotten.
struct SecretVisitor;

impl Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret as a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        Secret::new(text).map_err(E::custom)
    }

    // The default methods for numbers would include the number in the error.

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

/// The description that errors contain instead of a number.
const NUMBER: Unexpected<'_> = Unexpected::Other("a number");

/// An error that occurs when a secret has no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret is empty: use at least 1 byte, and better 32 random bytes")]
pub struct EmptySecret;

impl EmptySecret {
    /// Returns a short name for metrics and logs: `empty_secret`. The name does not change between
    /// releases.
    pub const fn kind(&self) -> &'static str {
        "empty_secret"
    }
}
