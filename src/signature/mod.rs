//! Proof for the receiver that a delivery comes from this sender: a [`Signer`] adds it to the
//! headers of each attempt, and a [`Verifier`] checks it.
//!
//! The sender signs, the receiver verifies with the same secret:
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
//! // The sender. The engine does this for each attempt.
//! let sender = HmacSha256::new(&secret);
//! let mut headers = HeaderMap::new();
//! sender.sign(&Message::new(body, "delivery-1", SystemTime::now()), &mut headers)?;
//!
//! // The receiver, with the headers and the raw body as they came.
//! let receiver = HmacSha256::new(&secret);
//! receiver.verify(&Received::new(&headers, body))?;
//! let changed = Received::new(&headers, b"Hello!");
//! assert_eq!(receiver.verify(&changed), Err(VerifyError::Mismatch));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Other headers and prefixes: [`HmacSha256::with_header`] and [`HmacSha256::with_prefix`]. A
//! change of secrets: [`HmacSha256::with_former_secret`]. Receivers that know a token only:
//! [`Bearer`].

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

/// Signs one attempt.
///
/// It is asked for each attempt anew, so that a scheme may sign the time of sending. A scheme may
/// hold several secrets and write several headers.
pub trait Signer: Send + Sync {
    /// Adds the signature of `message` to `headers`, which hold nothing yet. They join those of
    /// the request, and must be others than the webhook or another signer of it sets.
    ///
    /// # Errors
    /// Where it cannot be signed. The delivery then ends, as
    /// [`FailureKind::InvalidRequest`](crate::FailureKind::InvalidRequest).
    fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError>;
}

/// A pointer to a signer is one.
macro_rules! impl_signer_for_pointers {
    ($($pointer:ty),+) => {
        $(impl<S: Signer + ?Sized> Signer for $pointer {
            fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
                (**self).sign(message, headers)
            }
        })+
    };
}

impl_signer_for_pointers!(&S, Arc<S>, Box<S>);

/// What a signature may cover.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    body: &'a [u8],
    delivery: &'a str,
    wall: SystemTime,
}

impl<'a> Message<'a> {
    /// An attempt to send `body` at the time `wall`, for the delivery with the id `delivery`.
    pub fn new(body: &'a [u8], delivery: &'a str, wall: SystemTime) -> Self {
        Self { body, delivery, wall }
    }

    /// The body, byte for byte as it is sent.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The id of the delivery, the same in all its attempts.
    pub fn delivery(&self) -> &'a str {
        self.delivery
    }

    /// The wall clock's time of this attempt.
    pub fn wall(&self) -> SystemTime {
        self.wall
    }
}
