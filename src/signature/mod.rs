//! Signatures let a receiver verify who sent a delivery.
//!
//! A [`Signer`] adds a signature to the headers of each attempt, and a [`Verifier`] checks it. Both
//! use the same secret:
//!
//! ```
//! use recohook::http::HeaderMap;
//! use recohook::signature::{
//!     HmacSha256, Message, Received, Secret, Signer, Verifier, VerifyError,
//! };
//! use std::time::SystemTime;
//!
//! let secret = Secret::new("It's a Secret to Everybody")?;
//! let body = b"Hello, World!";
//!
//! // The sender. A webhook with this signer signs each attempt.
//! let sender = HmacSha256::new(&secret);
//! let mut headers = HeaderMap::new();
//! sender.sign(&Message::new(body, "delivery-1", SystemTime::now()), &mut headers)?;
//!
//! // The receiver, with the headers and the raw body of the request.
//! let receiver = HmacSha256::new(&secret);
//! receiver.verify(&Received::new(&headers, body))?;
//! let changed = Received::new(&headers, b"Hello!");
//! assert_eq!(receiver.verify(&changed), Err(VerifyError::Mismatch));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | to | use |
//! |---|---|
//! | sign in another header, or with another prefix | [`HmacSha256::with_header`], [`HmacSha256::with_prefix`] |
//! | change the secret | [`HmacSha256::with_former_secret`] |
//! | send a token, for receivers that do not verify signatures | [`Bearer`] |
//! | use another scheme | [`Signer`] |
//! | add a signer to a webhook | [`Webhook::with_signer`](crate::Webhook::with_signer) |

mod bearer;
mod error;
mod hmac_sha256;
mod secret;
mod verifier;

use std::{sync::Arc, time::SystemTime};

use http::HeaderMap;

pub use bearer::{Bearer, InvalidToken};
pub use error::{SignError, VerifyError};
pub use hmac_sha256::HmacSha256;
pub use secret::{EmptySecret, Secret};
pub use verifier::{Received, Verifier};

/// Adds a signature to the headers of each attempt.
///
/// [`sign`](Self::sign) is called for each attempt, so a scheme can sign the time of sending. It is
/// called by the code that creates the requests: by a [`Driver`](crate::Driver), or by
/// [`Engine::poll_request`](crate::Engine::poll_request). No lock is held during the call, but
/// `sign` should not block, because a driver has other deliveries to make.
///
/// If `sign` panics, the attempt fails with [`FailureKind::Panic`](crate::FailureKind::Panic). In
/// `poll_request`, the panic then propagates to the caller.
///
/// This scheme signs the time and the body. It is built on [`HmacSha256`]:
///
/// ```
/// use recohook::http::HeaderMap;
/// use recohook::signature::{HmacSha256, Message, SignError, Signer};
/// use recohook::signature::{Received, Secret, Verifier};
/// use std::time::UNIX_EPOCH;
///
/// struct Timestamped(HmacSha256);
///
/// impl Signer for Timestamped {
///     fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
///         let since = message.wall().duration_since(UNIX_EPOCH).map_err(SignError::new)?;
///         headers.insert("x-timestamp", since.as_secs().into());
///         let signed = [format!("{}.", since.as_secs()).as_bytes(), message.body()].concat();
///         self.0.sign(&Message::new(&signed, message.delivery(), message.wall()), headers)
///     }
/// }
///
/// let scheme = HmacSha256::new(&Secret::new("key")?);
/// let signer = Timestamped(scheme.clone());
/// let wall = UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
/// let mut headers = HeaderMap::new();
/// signer.sign(&Message::new(b"[]", "delivery-1", wall), &mut headers)?;
/// assert!(scheme.verify(&Received::new(&headers, b"1700000000.[]")).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Signer: Send + Sync {
    /// Adds the signature of `message` to `headers`, which is initially empty.
    ///
    /// The headers are then added to the request. Their names must differ from the names of all
    /// headers that the webhook, its other signers or the transport set, such as `Content-Length`.
    /// Otherwise the delivery ends with
    /// [`FailureKind::InvalidRequest`](crate::FailureKind::InvalidRequest).
    ///
    /// # Errors
    /// Returns an error if the message cannot be signed. The delivery then ends with
    /// [`FailureKind::InvalidRequest`](crate::FailureKind::InvalidRequest) and is not retried.
    fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError>;

    /// Returns the names of headers that `sign` sets, as requests spell them. Default: none.
    ///
    /// Names that are not returned here are sent in title case, such as `X-Signature-256`. See
    /// [`HeaderCase`](crate::transport::HeaderCase). The method is called once, when the signer is
    /// added to a webhook.
    fn header_names(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// Implements `Signer` for pointers to signers.
macro_rules! impl_signer_for_pointers {
    ($($pointer:ty),+) => {
        $(impl<S: Signer + ?Sized> Signer for $pointer {
            fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
                (**self).sign(message, headers)
            }

            fn header_names(&self) -> Vec<&str> {
                (**self).header_names()
            }
        })+
    };
}

impl_signer_for_pointers!(&S, Arc<S>, Box<S>);

/// The parts of an attempt that a signature can cover.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    body: &'a [u8],
    delivery: &'a str,
    wall: SystemTime,
}

impl<'a> Message<'a> {
    /// Creates a message from the body, the id of the delivery, and the time of the attempt.
    ///
    /// Engines and notifiers create the messages of real attempts. Use this function in tests of
    /// signers.
    pub fn new(body: &'a [u8], delivery: &'a str, wall: SystemTime) -> Self {
        Self { body, delivery, wall }
    }

    /// Returns the body, exactly as it is sent.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Returns the id of the delivery as a string. It is the same in all attempts of the delivery.
    ///
    /// ```
    /// use recohook::DeliveryId;
    /// use recohook::signature::Message;
    /// # use std::time::SystemTime;
    ///
    /// let id = DeliveryId::new(0xc0ffee, 7).to_string();
    /// let message = Message::new(b"[]", &id, SystemTime::now());
    /// assert_eq!(message.delivery(), "0000000000c0ffee-7");
    /// ```
    pub fn delivery(&self) -> &'a str {
        self.delivery
    }

    /// Returns the wall-clock time of the attempt. It differs between attempts.
    pub fn wall(&self) -> SystemTime {
        self.wall
    }
}
