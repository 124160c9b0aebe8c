use std::{sync::Arc, time::SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::VerifyError;

/// Checks what a receiver got.
///
/// Several schemes at once compose: `new.verify(&received).or_else(|_| old.verify(&received))`.
pub trait Verifier: Send + Sync {
    /// Accepts `received` or says why not.
    ///
    /// # Errors
    /// Where it is not proven that the sender is who it should be; the request should then be
    /// refused.
    fn verify(&self, received: &Received<'_>) -> Result<(), VerifyError>;
}

/// A pointer to a verifier is one.
macro_rules! impl_verifier_for_pointers {
    ($($pointer:ty),+) => {
        $(impl<V: Verifier + ?Sized> Verifier for $pointer {
            fn verify(&self, received: &Received<'_>) -> Result<(), VerifyError> {
                (**self).verify(received)
            }
        })+
    };
}

impl_verifier_for_pointers!(&V, Arc<V>, Box<V>);

/// A request as it came, to be verified before it is parsed.
///
/// Its `Debug` output shows no body and no headers, which may be credentials.
#[derive(Clone, Copy)]
pub struct Received<'a> {
    headers: &'a HeaderMap,
    body: &'a [u8],
    wall: Option<SystemTime>,
}

impl<'a> Received<'a> {
    /// A request that came just now. `body` must be the raw bytes: JSON parsed and written again
    /// is another text.
    pub fn new(headers: &'a HeaderMap, body: &'a [u8]) -> Self {
        Self { headers, body, wall: None }
    }

    /// Sets the wall clock's time of receipt, for schemes that sign the time.
    #[must_use]
    pub fn at(mut self, wall: SystemTime) -> Self {
        self.wall = Some(wall);
        self
    }

    /// All headers.
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// The value of a header that must be there, and once.
    ///
    /// # Errors
    /// [`VerifyError::Missing`] and [`VerifyError::Several`].
    pub fn header(&self, name: &HeaderName) -> Result<&'a HeaderValue, VerifyError> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().ok_or_else(|| VerifyError::Missing(name.clone()))?;
        // To take one of several would let an attacker choose which.
        if values.next().is_some() {
            return Err(VerifyError::Several(name.clone()));
        }
        Ok(value)
    }

    /// The raw bytes of the body.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The wall clock's time of receipt: as [set](Self::at), or now.
    pub fn wall(&self) -> SystemTime {
        self.wall.unwrap_or_else(SystemTime::now)
    }
}

impl std::fmt::Debug for Received<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Received")
            .field("headers", &self.headers.len())
            .field("bytes", &self.body.len())
            .field("wall", &self.wall)
            .finish()
    }
}
