use std::{sync::Arc, time::SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::VerifyError;

/// Checks that a received request comes from the expected sender.
///
/// Receivers use verifiers. [`HmacSha256`](super::HmacSha256) and [`Bearer`](super::Bearer) are
/// both signers and verifiers.
///
/// Verify the raw body before parsing it. Several schemes can be combined, for example while
/// senders change from one scheme to another:
///
/// ```
/// use recohook::http::HeaderMap;
/// use recohook::signature::{Bearer, HmacSha256, Received, Secret, Verifier, VerifyError};
///
/// let (new, old) = (HmacSha256::new(&Secret::new("key")?), Bearer::new(&Secret::new("t0ken")?)?);
/// let verify = |received: &Received<'_>| new.verify(received).or_else(|_| old.verify(received));
///
/// let mut headers = HeaderMap::new();
/// headers.insert("authorization", "Bearer t0ken".parse()?);
/// assert_eq!(verify(&Received::new(&headers, b"[]")), Ok(()));
/// headers.insert("authorization", "Bearer other".parse()?);
/// assert_eq!(verify(&Received::new(&headers, b"[]")), Err(VerifyError::Mismatch));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Verifier: Send + Sync {
    /// Returns `Ok` if the request comes from the sender.
    ///
    /// # Errors
    /// Returns a [`VerifyError`] if this cannot be verified. The receiver should then refuse the
    /// request.
    fn verify(&self, received: &Received<'_>) -> Result<(), VerifyError>;
}

/// Implements `Verifier` for pointers to verifiers.
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

/// A received request that has not been verified yet.
///
/// `Debug` shows neither the headers nor the body, because they may contain credentials.
#[derive(Clone, Copy)]
pub struct Received<'a> {
    headers: &'a HeaderMap,
    body: &'a [u8],
    wall: Option<SystemTime>,
}

impl<'a> Received<'a> {
    /// Creates a `Received` for a request that has just arrived.
    ///
    /// `body` must be the raw bytes. JSON that has been parsed and written again consists of
    /// different bytes, even if it means the same.
    ///
    /// ```
    /// use recohook::http::HeaderMap;
    /// use recohook::signature::{HmacSha256, Message, Received, Secret, Signer, Verifier};
    /// # use std::time::SystemTime;
    ///
    /// let scheme = HmacSha256::new(&Secret::new("key")?);
    /// let mut headers = HeaderMap::new();
    /// scheme.sign(&Message::new(br#"{"id": 1}"#, "delivery-1", SystemTime::now()), &mut headers)?;
    ///
    /// assert!(scheme.verify(&Received::new(&headers, br#"{"id": 1}"#)).is_ok());
    /// assert!(scheme.verify(&Received::new(&headers, br#"{"id":1}"#)).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(headers: &'a HeaderMap, body: &'a [u8]) -> Self {
        Self { headers, body, wall: None }
    }

    /// Sets the wall-clock time of receipt, for schemes that sign the time.
    ///
    /// The default is the time at which [`wall`](Self::wall) is called. Set the time in tests, and
    /// if the request has waited in a queue.
    ///
    /// ```
    /// use recohook::http::HeaderMap;
    /// use recohook::signature::Received;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let headers = HeaderMap::new();
    /// let received_at = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    /// assert_eq!(Received::new(&headers, b"[]").at(received_at).wall(), received_at);
    /// ```
    #[must_use]
    pub fn at(mut self, wall: SystemTime) -> Self {
        self.wall = Some(wall);
        self
    }

    /// Returns all headers.
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// Returns the value of a header that must appear exactly once.
    ///
    /// ```
    /// use recohook::http::{HeaderMap, HeaderName};
    /// use recohook::signature::{Received, VerifyError};
    ///
    /// let name = HeaderName::from_static("x-signature");
    /// let mut headers = HeaderMap::new();
    /// headers.append(name.clone(), "a".parse()?);
    /// assert_eq!(Received::new(&headers, b"").header(&name)?, "a");
    ///
    /// headers.append(name.clone(), "b".parse()?);
    /// let error = Received::new(&headers, b"").header(&name).unwrap_err();
    /// assert_eq!(error, VerifyError::Several(name));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`VerifyError::Missing`] if the header is missing, and [`VerifyError::Several`] if
    /// it appears more than once.
    pub fn header(&self, name: &HeaderName) -> Result<&'a HeaderValue, VerifyError> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().ok_or_else(|| VerifyError::Missing(name.clone()))?;
        // If one of several headers were accepted, an attacker could add a header in front of the
        // real one.
        if values.next().is_some() {
            return Err(VerifyError::Several(name.clone()));
        }
        Ok(value)
    }

    /// Returns the raw bytes of the body.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Returns the time of receipt: the time [set](Self::at) by the caller, or the current time if
    /// none was set.
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
