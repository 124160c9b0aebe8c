//! Proof for the receiver that a delivery comes from this sender: a [`Signer`] adds it to the
//! headers of each attempt.
//!
//! The sender signs, the receiver verifies with the same secret:
//!
//! ```
//! use recohook::http::HeaderMap;
//! use recohook::signature::{HmacSha256, Message, Secret, Signer, VerifyError};
//! use std::time::SystemTime;
//!
//! let secret = Secret::new("It's a Secret to Everybody")?;
//! let body = b"Hello, World!";
//!
//! // The sender. The engine does this for each attempt.
//! let sender = HmacSha256::new(&secret);
//! let mut headers = HeaderMap::new();
//! sender.sign(&Message::new(body, "delivery-1", SystemTime::now()), &mut headers);
//!
//! // The receiver, with the headers and the raw body as they came.
//! let receiver = HmacSha256::new(&secret);
//! receiver.verify(&headers, body)?;
//! assert!(matches!(receiver.verify(&headers, b"Hello!"), Err(VerifyError::Mismatch)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Other headers and prefixes: [`HmacSha256::with_header`] and [`HmacSha256::with_prefix`].

mod hmac_sha256;
mod secret;

use std::{sync::Arc, time::SystemTime};

use http::HeaderMap;

pub use hmac_sha256::{HmacSha256, VerifyError};
pub use secret::{EmptySecret, Secret};

/// Signs one attempt.
///
/// It is asked for each attempt anew, so that a scheme may sign the time of sending. A scheme may
/// hold several secrets and write several headers.
pub trait Signer: Send + Sync {
    /// Adds the signature of `message` to `headers`.
    fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap);
}

impl<S: Signer + ?Sized> Signer for Arc<S> {
    fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) {
        (**self).sign(message, headers);
    }
}

impl<S: Signer + ?Sized> Signer for Box<S> {
    fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) {
        (**self).sign(message, headers);
    }
}

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
