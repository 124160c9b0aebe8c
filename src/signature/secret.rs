use std::fmt;

/// A key shared with the receiver. Its bytes appear in no `Debug` output and are never serialized.
///
/// ```
/// use recohook::signature::Secret;
///
/// let secret = Secret::new("correct horse battery staple")?;
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// assert!(Secret::new("").is_err());
/// # Ok::<(), recohook::signature::EmptySecret>(())
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

/// A secret of no bytes was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret is empty: give at least one byte, better 32 random ones")]
pub struct EmptySecret;
