use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

/// A key or token shared with the receiver. Its bytes appear in no `Debug` output and are never
/// serialized. It is read from a text, such as a configuration has, whose UTF-8 bytes are the
/// secret, all of them.
///
/// ```
/// use recohook::signature::Secret;
///
/// let secret = Secret::new("correct horse battery staple")?;
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// assert!(Secret::new("").is_err());
///
/// let secret: Secret = serde_json::from_str(r#""whsec_abc""#)?;
/// assert_eq!(secret.expose(), b"whsec_abc");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes a text's or a list's bytes as they are; a secret given as hex or base64 must be
    /// decoded first.
    ///
    /// # Errors
    /// Where there are no bytes: anyone could sign with such a key.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, EmptySecret> {
        let bytes = bytes.into();
        if bytes.is_empty() { Err(EmptySecret) } else { Ok(Self(bytes)) }
    }

    /// The bytes, for a [`Signer`](super::Signer) of the host's own.
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
        // Asked for a text, serde_json itself puts the number that it finds into the error.
        deserializer.deserialize_any(SecretVisitor)
    }
}

/// Reads a text. What is none goes into no error: a secret may have lost its quotes.
struct SecretVisitor;

impl Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret as a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        Secret::new(text).map_err(E::custom)
    }

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

const NUMBER: Unexpected<'_> = Unexpected::Other("a number");

/// A secret of no bytes was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret is empty: give at least one byte, better 32 random ones")]
pub struct EmptySecret;

impl EmptySecret {
    /// A short name that stays the same between releases: for metrics and logs.
    pub const fn kind(&self) -> &'static str {
        "empty_secret"
    }
}
